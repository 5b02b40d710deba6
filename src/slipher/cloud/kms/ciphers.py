"""What KMS's ciphertexts look like here: a version, the key's id, and AES-256-GCM over the data.

The encryption context is authenticated with the data: who decrypts must name the same one.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping

from slipher.cloud.vault import Unreadable, seal, unseal

VERSION = b"\x01\x02\x02\x00"
HEAD = len(VERSION) + 16
ALGORITHM = "SYMMETRIC_DEFAULT"


def _belongs(key_id: str, context: Mapping[str, str]) -> str:
    return f"{key_id} {json.dumps(context, sort_keys=True)}"


def encrypt(key_id: str, material: bytes, data: bytes, context: Mapping[str, str]) -> bytes:
    """A ciphertext that names its key."""
    return VERSION + uuid.UUID(key_id).bytes + seal(material, data, _belongs(key_id, context))


def key_of(blob: bytes) -> str:
    """The id of the key that a ciphertext names; Unreadable if it is none of ours."""
    if not blob.startswith(VERSION) or len(blob) <= HEAD:
        raise Unreadable
    return str(uuid.UUID(bytes=blob[len(VERSION) : HEAD]))


def decrypt(key_id: str, material: bytes, blob: bytes, context: Mapping[str, str]) -> bytes:
    """The data, or Unreadable: another context, or not as it was made."""
    return unseal(material, blob[HEAD:], _belongs(key_id, context))
