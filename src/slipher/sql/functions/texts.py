"""String functions that the engine lacks: sounds, and numbers in any base (source: Redshift's guide, string functions)."""

from __future__ import annotations

import re

from slipher.base.errors import SqlError

_NUMBER = re.compile(r"\s*([+-]?)(0[xX])?([0-9a-zA-Z]*)\s*\Z")


def soundex(text: str) -> str:
    """SOUNDEX: the first letter and three digits of the sounds that follow."""
    letters = [letter for letter in text.upper() if "A" <= letter <= "Z"]
    if not letters:
        return ""
    codes = {letter: digit for digit, group in SOUNDS.items() for letter in group}
    out, last = letters[0], codes.get(letters[0], "")
    for letter in letters[1:]:
        code = codes.get(letter, "")
        if code and code != last:
            out += code
        if letter not in "HW":
            last = code
    return (out + "000")[:4]


SOUNDS = {"1": "BFPV", "2": "CGJKQSXZ", "3": "DT", "4": "L", "5": "MN", "6": "R"}


def difference(one: str, two: str) -> int:
    """DIFFERENCE: how many places of two SOUNDEX codes are alike."""
    return sum(a == b for a, b in zip(soundex(one), soundex(two), strict=False))


def strtol(text: str, base: int) -> int:
    """STRTOL: a bigint; '' is 0; hexadecimal may begin with 0x."""
    if not 2 <= base <= 36:
        raise SqlError("22023", "base must be between 2 and 36")
    match = _NUMBER.match(text)
    if match is not None and not match[3]:
        return 0
    try:
        if match is None or (match[2] and base != 16):
            raise ValueError
        value = int(match[1] + match[3], base)
    except ValueError:
        message = f"The input {text} is not valid to be converted to base {base}"
        raise SqlError("XX000", message) from None
    if not -(2**63) <= value < 2**63:
        raise SqlError("22003", "bigint out of range")
    return value


def utf8(data: bytes) -> str | None:
    """The text that bytes are, None if they are none."""
    try:
        return data.decode()
    except UnicodeDecodeError:
        return None
