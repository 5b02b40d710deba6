"""What keys are for: encrypt, decrypt, data keys; for callers, and for services that ask in their callers' names."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Row

from slipher.base.errors import AwsError
from slipher.cloud.call import Call
from slipher.cloud.kms import ciphers
from slipher.cloud.kms.authority import allow, check_tokens
from slipher.cloud.kms.ciphers import ALGORITHM
from slipher.cloud.kms.common import by_id, check_usable, find, invalid
from slipher.cloud.vault import Unreadable

MAX_PLAINTEXT = 4096
SIZES = {"AES_256": 32, "AES_128": 16}
Context = Mapping[str, str]


def _material(call: Call, row: Row[Any]) -> bytes:
    try:
        return call.gateway.vault.unseal(row.material, row.arn)
    except Unreadable:
        raise AwsError(
            "KMSInternalException", "The key's material cannot be read with this secrets.key.", 500
        ) from None


def _usable(call: Call, given: str, action: str, context: Context, via: str | None = None) -> Row[Any]:
    row = find(call, given)
    allow(call, row, action, context, via)
    check_usable(row)
    return row


def _bytes(value: bytes | str | None, member: str, most: int) -> bytes:
    data = value.encode() if isinstance(value, str) else bytes(value or b"")
    if not 1 <= len(data) <= most:
        bound = "greater than or equal to 1" if not data else f"less than or equal to {most}"
        raise invalid(
            f"1 validation error detected: Value at '{member}' failed to satisfy constraint: Member must have length {bound}"
        )
    return data


def _algorithm(call: Call, member: str = "EncryptionAlgorithm") -> None:
    if call.params.get(member) not in (None, ALGORITHM):
        raise invalid(f"The algorithm {call.params[member]} is not one of a symmetric key.")


def encrypt(call: Call) -> dict[str, Any]:
    """Encrypt."""
    params = call.params
    check_tokens(call)
    _algorithm(call, "EncryptionAlgorithm")
    data = _bytes(params["Plaintext"], "plaintext", MAX_PLAINTEXT)
    context = params.get("EncryptionContext") or {}
    row = _usable(call, str(params["KeyId"]), "kms:Encrypt", context)
    blob = ciphers.encrypt(row.id, _material(call, row), data, context)
    return {"CiphertextBlob": blob, "KeyId": row.arn, "EncryptionAlgorithm": ALGORITHM}


def _open(
    call: Call, blob: bytes, context: Context, action: str, given: str | None, via: str | None = None
) -> tuple[Row[Any], bytes]:
    """A ciphertext's key, which the caller may use so, and the data."""
    try:
        key_id = ciphers.key_of(blob)
    except Unreadable:
        raise AwsError("InvalidCiphertextException", "") from None
    with call.gateway.read() as db:
        row = by_id(db, call, key_id)
    if row is None:
        raise AwsError(
            "AccessDenied" if call.service == "s3" else "AccessDeniedException",
            f"User: {call.caller.arn} is not authorized to perform: {action} on the resource associated with this "
            "ciphertext because the resource does not exist in this Region, no resource-based policies allow access, or a "
            "resource-based policy explicitly denies access",
            403 if call.service == "s3" else 400,
        )
    allow(call, row, action, context, via)
    if given is not None and find(call, given).id != row.id:
        raise AwsError(
            "IncorrectKeyException",
            "The key ID in the request does not identify a CMK that can perform this operation.",
        )
    check_usable(row)
    try:
        return row, ciphers.decrypt(row.id, _material(call, row), blob, context)
    except Unreadable:
        raise AwsError("InvalidCiphertextException", "") from None


def decrypt(call: Call) -> dict[str, Any]:
    """Decrypt."""
    params = call.params
    check_tokens(call)
    _algorithm(call, "EncryptionAlgorithm")
    blob = _bytes(params.get("CiphertextBlob"), "ciphertextBlob", 6144)
    row, data = _open(call, blob, params.get("EncryptionContext") or {}, "kms:Decrypt", params.get("KeyId"))
    return {"KeyId": row.arn, "Plaintext": data, "EncryptionAlgorithm": ALGORITHM}


def re_encrypt(call: Call) -> dict[str, Any]:
    """ReEncrypt: from under one key to under another, without showing the data."""
    params = call.params
    check_tokens(call)
    _algorithm(call, "SourceEncryptionAlgorithm")
    _algorithm(call, "DestinationEncryptionAlgorithm")
    before, context = params.get("SourceEncryptionContext") or {}, params.get("DestinationEncryptionContext") or {}
    blob = _bytes(params["CiphertextBlob"], "ciphertextBlob", 6144)
    source, data = _open(call, blob, before, "kms:ReEncryptFrom", params.get("SourceKeyId"))
    row = _usable(call, str(params["DestinationKeyId"]), "kms:ReEncryptTo", context)
    return {
        "CiphertextBlob": ciphers.encrypt(row.id, _material(call, row), data, context),
        "SourceKeyId": source.arn,
        "KeyId": row.arn,
        "SourceEncryptionAlgorithm": ALGORITHM,
        "DestinationEncryptionAlgorithm": ALGORITHM,
    }


def _size(params: Any) -> int:
    spec, size = params.get("KeySpec"), params.get("NumberOfBytes")
    if (spec is None) == (size is None):
        raise invalid("Please specify either number of bytes or key spec.")
    if spec is not None:
        if spec not in SIZES:
            raise invalid(
                f"1 validation error detected: Value '{spec}' at 'keySpec' failed to satisfy constraint: "
                "Member must satisfy enum value set: [AES_256, AES_128]"
            )
        return SIZES[spec]
    if not 1 <= size <= 1024:
        bound = "greater than or equal to 1" if size < 1 else "less than or equal to 1024"
        raise invalid(
            f"1 validation error detected: Value '{size}' at 'numberOfBytes' failed to satisfy constraint: "
            f"Member must have value {bound}"
        )
    return int(size)


def generate_data_key(call: Call) -> dict[str, Any]:
    """GenerateDataKey."""
    params = call.params
    check_tokens(call)
    context, size = params.get("EncryptionContext") or {}, _size(params)
    row = _usable(call, str(params["KeyId"]), f"kms:{call.operation}", context)
    data = os.urandom(size)
    blob = ciphers.encrypt(row.id, _material(call, row), data, context)
    return {"CiphertextBlob": blob, "Plaintext": data, "KeyId": row.arn}


def generate_data_key_without_plaintext(call: Call) -> dict[str, Any]:
    """GenerateDataKeyWithoutPlaintext."""
    found = generate_data_key(call)
    return {"CiphertextBlob": found["CiphertextBlob"], "KeyId": found["KeyId"]}


def data_key_for(call: Call, given: str, context: Context, via: str) -> tuple[str, bytes, bytes]:
    """A service's data key under its caller's rights: the key's ARN, the data key, and the same encrypted."""
    row = _usable(call, given, "kms:GenerateDataKey", context, via)
    data = os.urandom(32)
    return row.arn, data, ciphers.encrypt(row.id, _material(call, row), data, context)


def opened_for(call: Call, blob: bytes, context: Context, via: str) -> bytes:
    """What data_key_for() encrypted, if its caller may decrypt it now."""
    return _open(call, blob, context, "kms:Decrypt", None, via)[1]
