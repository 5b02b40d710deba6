"""Hash functions that the engine lacks: CRC-32C, FNV-1a, Murmur3, the longer SHA-2s (source: Redshift's guide)."""

from __future__ import annotations

import hashlib

_LOW32, _LOW64 = 2**32 - 1, 2**64 - 1
FNV_OFFSET, FNV_PRIME = 0xCBF29CE484222325, 0x100000001B3


def _crc_table() -> list[int]:
    table = []
    for byte in range(256):
        for _ in range(8):
            byte = byte >> 1 ^ (0x82F63B78 if byte & 1 else 0)
        table.append(byte)
    return table


_CRC = _crc_table()


def crc32(text: str) -> str:
    """CRC32: the Castagnoli polynomial's sum, as 8 hexadecimal digits."""
    crc = _LOW32
    for byte in text.encode():
        crc = crc >> 8 ^ _CRC[(crc ^ byte) & 0xFF]
    return format(crc ^ _LOW32, "08x")


def fnv_hash(data: bytes, seed: int | None) -> int:
    """FNV_HASH: 64-bit FNV-1a of a value's bytes; the seed is an earlier hash."""
    found = FNV_OFFSET if seed is None else seed & _LOW64
    for byte in data:
        found = (found ^ byte) * FNV_PRIME & _LOW64
    return found - 2**64 if found >= 2**63 else found


def murmur3(data: bytes, seed: int | None) -> int:
    """MURMUR3_32_HASH: Murmur3A, 32 bits."""
    found, whole = (seed or 0) & _LOW32, len(data) // 4 * 4
    for at in range(0, whole, 4):
        found ^= _mixed(int.from_bytes(data[at : at + 4], "little"))
        found = (found << 13 | found >> 19) & _LOW32
        found = (found * 5 + 0xE6546B64) & _LOW32
    if len(data) > whole:
        found ^= _mixed(int.from_bytes(data[whole:], "little"))
    found ^= len(data)
    found = (found ^ found >> 16) * 0x85EBCA6B & _LOW32
    found = (found ^ found >> 13) * 0xC2B2AE35 & _LOW32
    found ^= found >> 16
    return found - 2**32 if found >= 2**31 else found


def _mixed(block: int) -> int:
    block = block * 0xCC9E2D51 & _LOW32
    return (block << 15 | block >> 17) * 0x1B873593 & _LOW32


def sha2(text: str, bits: int) -> str:
    """SHA2 of 224, 256, 384 or 512 bits (0 is 256); '' for others."""
    name = {0: "sha256", 224: "sha224", 256: "sha256", 384: "sha384", 512: "sha512"}.get(bits)
    return hashlib.new(name, text.encode(), usedforsecurity=False).hexdigest() if name is not None else ""
