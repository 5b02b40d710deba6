"""Bodies as they stream in: aws-chunked framing with its chunk signatures, payload hashes, checksums in header or trailer."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping
from typing import Protocol

from awscrt import checksums
from isal import isal_zlib

from slipher.aws.sigv4 import EMPTY_HASH, Presented, signature, signing_key
from slipher.base.errors import AwsError

STREAMING = "STREAMING-"
MODES = {
    "UNSIGNED-PAYLOAD",
    "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
    "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
    "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
}
SHA256 = re.compile(r"[0-9a-f]{64}")
CHUNK_SIZE = re.compile(rb"[0-9a-fA-F]{1,16}")
MAX_TRAILERS = 16
MAX_HEADER = 1024
NOT_CHECKSUMS = {"x-amz-checksum-type", "x-amz-checksum-mode", "x-amz-checksum-algorithm"}


class Digest(Protocol):
    """hashlib's interface, as far as needed."""

    def update(self, data: bytes, /) -> None: ...

    def digest(self) -> bytes: ...


class _Crc32:
    """By isal, thirty times as quick as zlib (measured)."""

    def __init__(self) -> None:
        self._value = 0

    def update(self, data: bytes, /) -> None:
        self._value = isal_zlib.crc32(data, self._value)

    def digest(self) -> bytes:
        return self._value.to_bytes(4, "big")


class _CrtCrc:
    """CRC32C and CRC64NVME by awscrt."""

    def __init__(self, name: str, size: int) -> None:
        self._function = getattr(checksums, name)
        self._size = size
        self._value = 0

    def update(self, data: bytes, /) -> None:
        self._value = self._function(data, self._value)

    def digest(self) -> bytes:
        return int(self._value).to_bytes(self._size, "big")


def checksum(name: str) -> Digest:
    """A checksum by the name that S3 gives it; AwsError for one that S3 does not have."""
    lower = name.lower()
    if lower == "crc32":
        return _Crc32()
    if lower in ("sha1", "sha256", "sha512", "md5"):
        return hashlib.new(lower)
    if lower == "crc32c":
        return _CrtCrc("crc32c", 4)
    if lower == "crc64nvme":
        return _CrtCrc("crc64nvme", 8)
    if lower in ("xxhash64", "xxhash3", "xxhash128"):
        raise AwsError("NotImplemented", f"The checksum {name.upper()} is not implemented by Slipher yet.", 501)
    raise AwsError("InvalidRequest", f"Value for x-amz-checksum-algorithm header is invalid: {name}")


class PayloadCheck:
    """Everything that a request says of its body, checked as the body passes: `feed` pieces, then `finish`."""

    def __init__(self, headers: Mapping[str, str], found: Presented | None, secret: str) -> None:
        declared = headers.get("x-amz-content-sha256", "")
        if declared and declared not in MODES and not SHA256.fullmatch(declared):
            raise AwsError(
                "InvalidArgument",
                "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-UNSIGNED-PAYLOAD-TRAILER, "
                "STREAMING-AWS4-HMAC-SHA256-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER, or a valid sha256 value.",
                extra={"ArgumentName": "x-amz-content-sha256", "ArgumentValue": declared},
            )
        self._sha256 = hashlib.sha256() if len(declared) == 64 else None
        self._declared = declared
        self._md5 = hashlib.md5() if "content-md5" in headers else None
        self._md5_declared = headers.get("content-md5", "")
        self._checksums: dict[str, Digest] = {}
        self._expected: dict[str, str] = {}
        for name, value in headers.items():
            if name.startswith("x-amz-checksum-") and name not in NOT_CHECKSUMS:
                self._expect(name, value)
        self._announced: list[str] = []
        for name in headers.get("x-amz-trailer", "").split(","):
            name = name.strip().lower()
            if name.startswith("x-amz-checksum-"):
                self._checksums[name] = checksum(name.removeprefix("x-amz-checksum-"))
                self._announced.append(name)
        self._chunks = _Chunks(declared, found, secret) if declared.startswith(STREAMING) else None
        length = headers.get("x-amz-decoded-content-length")
        self._length = int(length) if length is not None and length.isdigit() else None
        self._seen = 0

    @property
    def checksums(self) -> dict[str, str]:
        """The checksums of the body by header name, base64; whole after finish()."""
        return {name: base64.b64encode(digest.digest()).decode() for name, digest in self._checksums.items()}

    def _expect(self, name: str, value: str) -> None:
        self._checksums[name] = checksum(name.removeprefix("x-amz-checksum-"))
        self._expected[name] = value

    def feed(self, data: bytes) -> bytes:
        """The payload in the next piece of the body; raises AwsError for a chunk whose signature is wrong."""
        payload = self._chunks.feed(data) if self._chunks is not None else data
        if self._sha256 is not None:
            self._sha256.update(payload)
        if self._md5 is not None:
            self._md5.update(payload)
        for digest in self._checksums.values():
            digest.update(payload)
        self._seen += len(payload)
        return payload

    def finish(self) -> None:
        """The body has ended: raise AwsError if anything that was said of it is not so."""
        if self._chunks is not None:
            trailers = self._chunks.finish()
            for name in self._announced:
                if name not in trailers:
                    raise AwsError(
                        "MalformedTrailerError", "The request contained trailing data that was not well-formed"
                    )
                self._expected[name] = trailers[name]
        if self._length is not None and self._seen != self._length:
            raise AwsError(
                "IncompleteBody", "You did not provide the number of bytes specified by the Content-Length HTTP header"
            )
        if self._sha256 is not None and self._sha256.hexdigest() != self._declared:
            raise AwsError(
                "XAmzContentSHA256Mismatch",
                "The provided 'x-amz-content-sha256' header does not match what was computed.",
            )
        if self._md5 is not None and base64.b64encode(self._md5.digest()).decode() != self._md5_declared:
            if not _is_md5(self._md5_declared or ""):
                raise AwsError("InvalidDigest", "The Content-MD5 you specified was invalid.")
            raise AwsError("BadDigest", "The Content-MD5 you specified did not match what we received.")
        for name, value in self._expected.items():
            if base64.b64encode(self._checksums[name].digest()).decode() != value:
                short = name.removeprefix("x-amz-checksum-").upper()
                raise AwsError("BadDigest", f"The {short} you specified did not match the calculated checksum.")


def _is_md5(text: str) -> bool:
    try:
        return len(base64.b64decode(text, validate=True)) == 16
    except ValueError:
        return False


class _Chunks:
    """The framing `size[;chunk-signature=…]CRLF data CRLF … 0 … trailers`, with signatures if the mode has them."""

    def __init__(self, mode: str, found: Presented | None, secret: str) -> None:
        self._signed = "AWS4-HMAC-SHA256" in mode
        self._trailer = mode.endswith("-TRAILER")
        if self._signed and found is None:
            raise AwsError("AccessDenied", "A signed payload needs a signed request.", 403)
        self._found = found
        self._secret = secret
        self._previous = found.signature if found is not None else ""
        self._buffer = bytearray()
        self._left = (
            -1
        )  # bytes left of the current chunk; -1: a header is next; -2: CRLF is next; -3: trailers; -4: end
        self._hash = hashlib.sha256()
        self._claimed = ""
        self._trailers: dict[str, str] = {}
        self._trailer_signature = ""

    def feed(self, data: bytes) -> bytes:
        self._buffer += data
        out = bytearray()
        while True:
            if self._left > 0:
                take = bytes(self._buffer[: self._left])
                if not take:
                    return bytes(out)
                del self._buffer[: len(take)]
                out += take
                self._left -= len(take)
                if self._signed:
                    self._hash.update(take)
                if self._left == 0:
                    self._check_chunk()
                    self._left = -2
                continue
            if self._left == -4:
                return bytes(out)
            line = self._line()
            if line is None:
                return bytes(out)
            self._next(line)

    def _line(self) -> bytes | None:
        end = self._buffer.find(b"\r\n")
        if end < 0:
            if len(self._buffer) > MAX_HEADER:
                raise _bad_framing()
            return None
        line = bytes(self._buffer[:end])
        del self._buffer[: end + 2]
        return line

    def _next(self, line: bytes) -> None:
        if self._left == -2:
            if line:
                raise _bad_framing()
            self._left = -1
        elif self._left == -1:
            size, _, extension = line.partition(b";")
            if not CHUNK_SIZE.fullmatch(size):
                raise _bad_framing()
            self._left = int(size, 16)
            self._claimed = extension.removeprefix(b"chunk-signature=").decode("ascii", "replace")
            self._hash = hashlib.sha256()
            if self._left == 0:
                self._check_chunk()
                self._left = -3
        elif line:
            name, _, value = line.decode("utf-8", "replace").partition(":")
            if len(self._trailers) > MAX_TRAILERS:
                raise _bad_framing()
            if name.lower() == "x-amz-trailer-signature":
                self._trailer_signature = value.strip()
            else:
                self._trailers[name.lower().strip()] = value.strip()
        else:
            self._left = -4

    def _check_chunk(self) -> None:
        if not self._signed or self._found is None:
            return
        self._check("AWS4-HMAC-SHA256-PAYLOAD", f"{EMPTY_HASH}\n{self._hash.hexdigest()}", self._claimed)
        self._previous = self._claimed

    def _check(self, algorithm: str, hashes: str, claimed: str) -> None:
        assert self._found is not None
        text = f"{algorithm}\n{self._found.timestamp}\n{self._found.scope}\n{self._previous}\n{hashes}"
        key = signing_key(self._secret, self._found.date, self._found.region, self._found.service)
        if not hmac.compare_digest(hmac.digest(key, text.encode(), "sha256").hex(), claimed):
            raise AwsError(
                "SignatureDoesNotMatch",
                "The request signature we calculated does not match the signature you provided. "
                "Check your key and signing method.",
                403,
            )

    def finish(self) -> dict[str, str]:
        if self._left == -3 and not self._buffer:  # some clients end without the last empty line
            self._left = -4
        if self._left != -4:
            raise AwsError("IncompleteBody", "The request body terminated unexpectedly")
        if self._signed and self._trailer:
            text = "".join(f"{name}:{value}\n" for name, value in self._trailers.items())
            self._check("AWS4-HMAC-SHA256-TRAILER", hashlib.sha256(text.encode()).hexdigest(), self._trailer_signature)
        return self._trailers


def _bad_framing() -> AwsError:
    return AwsError("InvalidRequest", "The body is not in the aws-chunked encoding that its headers announce.")


__all__ = ["PayloadCheck", "checksum", "signature"]
