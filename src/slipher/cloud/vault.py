"""What the gateway keeps secret at rest: sealed with a key that lies 0600 beside the database, never in it.

AES-256-GCM with a fresh nonce each time; what a value belongs to is authenticated with it, so that no sealed value can be
put in another's place.
"""

from __future__ import annotations

import os
import threading
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from slipher.base.secretfiles import write_secret

NONCE = 12


class Unreadable(Exception):
    """Sealed with another key, for something else, or changed since."""


def seal(key: bytes, data: bytes, belongs_to: str) -> bytes:
    """Encrypt: nonce, then ciphertext and tag."""
    nonce = os.urandom(NONCE)
    return nonce + AESGCM(key).encrypt(nonce, data, belongs_to.encode())


def unseal(key: bytes, sealed: bytes, belongs_to: str) -> bytes:
    """Decrypt, or Unreadable."""
    try:
        return AESGCM(key).decrypt(sealed[:NONCE], sealed[NONCE:], belongs_to.encode())
    except (InvalidTag, ValueError):
        raise Unreadable from None


class Vault:
    """The data directory's own key, made when it is first needed."""

    def __init__(self, directory: Path) -> None:
        self._path = directory / "secrets.key"
        self._lock = threading.Lock()
        self._key: bytes | None = None

    def seal(self, data: bytes, belongs_to: str) -> bytes:
        """Encrypt under the directory's key."""
        return seal(self._its_key(), data, belongs_to)

    def unseal(self, sealed: bytes, belongs_to: str) -> bytes:
        """Decrypt what seal() gave, or Unreadable."""
        return unseal(self._its_key(), sealed, belongs_to)

    def _its_key(self) -> bytes:
        with self._lock:
            if self._key is None:
                if not self._path.exists():
                    write_secret(self._path, os.urandom(32))
                self._key = self._path.read_bytes()
            return self._key
