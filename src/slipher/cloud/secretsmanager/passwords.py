"""GetRandomPassword."""

from __future__ import annotations

import secrets
import string
from typing import Any

from slipher.cloud.call import Call
from slipher.cloud.secretsmanager.common import invalid

CLASSES = {  # the member that excludes a class of characters, and the class
    "ExcludeLowercase": string.ascii_lowercase,
    "ExcludeUppercase": string.ascii_uppercase,
    "ExcludeNumbers": string.digits,
    "ExcludePunctuation": string.punctuation,
}


def random_password(call: Call) -> dict[str, Any]:
    """GetRandomPassword: characters of the classes that are left, by default one of each at least."""
    params = call.params
    length = params["PasswordLength"] if params.get("PasswordLength") is not None else 32
    if not 1 <= length <= 4096:
        raise invalid("PasswordLength must be between 1 and 4096.")
    without = set(params.get("ExcludeCharacters") or "")
    classes = [letters for member, letters in CLASSES.items() if not params.get(member)]
    classes += [" "] if params.get("IncludeSpace") else []
    left = ["".join(one for one in letters if one not in without) for letters in classes]
    left = [letters for letters in left if letters]
    if not left:
        raise invalid("No characters are left for a password.")
    each = params.get("RequireEachIncludedType")
    chosen = [secrets.choice(letters) for letters in left] if each is None or each else []
    if len(chosen) > length:
        raise invalid("PasswordLength is too small for one character of each included type.")
    chosen += [secrets.choice("".join(left)) for _ in range(length - len(chosen))]
    secrets.SystemRandom().shuffle(chosen)
    return {"RandomPassword": "".join(chosen)}
