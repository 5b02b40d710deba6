"""Password checks: what was stored against what the client answers. Pure functions; salts and nonces come from outside."""

from __future__ import annotations

import hashlib
import hmac


def md5_stored(user: str, password: str) -> str:
    """The stored form 'md5' + md5(password + user)."""
    return "md5" + hashlib.md5((password + user).encode()).hexdigest()


def md5_answer(stored: str, salt: bytes) -> bytes:
    """What a client answers to a challenge with `salt` if it knows the password."""
    return b"md5" + hashlib.md5(stored[3:].encode() + salt).hexdigest().encode()


def verify_md5(stored: str, salt: bytes, answer: bytes) -> bool:
    """Whether the answer to an MD5 challenge is right."""
    return hmac.compare_digest(md5_answer(stored, salt), answer)


def sha256_parts(stored: str) -> tuple[bytes, bytes]:
    """Digest and salt of a stored 'sha256|<64 hex digits>|<salt>'."""
    _, digest, salt = stored.split("|", 2)
    return bytes.fromhex(digest), salt.encode()


def verify_digest(stored: str, nonce: bytes, answer: bytes, client_nonce: bytes) -> bool:
    """Redshift's digest: SHA256(SHA256(password + salt) + server nonce + client nonce)."""
    digest, _ = sha256_parts(stored)
    return hmac.compare_digest(hashlib.sha256(digest + nonce + client_nonce).digest(), answer)


def verify_clear(user: str, stored: str, password: bytes) -> bool:
    """Whether a clear password fits a stored form."""
    if stored.startswith("sha256|"):
        digest, salt = sha256_parts(stored)
        return hmac.compare_digest(hashlib.sha256(password + salt).digest(), digest)
    made = "md5" + hashlib.md5(password + user.encode()).hexdigest()
    return hmac.compare_digest(made, stored)
