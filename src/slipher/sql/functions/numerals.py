"""TO_CHAR and TO_NUMBER of numbers: Redshift's numeric format strings (source: its guide, numeric format strings)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import lru_cache

from slipher.base.errors import SqlError

_TOKEN = re.compile(r'FM|PL|SG|MI|PR|RN|TH|EEEE|[09.,DGSLVC$]|"[^"]*"|.', re.IGNORECASE | re.DOTALL)
ROMAN = (
    (1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L"), (40, "XL"), (10, "X"), (9, "IX"),
    (5, "V"), (4, "IV"), (1, "I"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Form:
    """A format taken apart. `items` are its tokens in order, upper case, but for literal text."""

    items: tuple[str, ...]
    whole: int
    fraction: int
    zeros: int  # digit places before the point from the first 0 on
    fill: bool
    flags: frozenset[str]


@lru_cache(512)
def read_form(text: str) -> Form:
    """A format's tokens and what they count to."""
    items = tuple(one if one.startswith('"') or one == "th" else one.upper() for one in _TOKEN.findall(text))
    point = next((at for at, one in enumerate(items) if one in (".", "D")), len(items))
    before = [one for one in items[:point] if one in ("0", "9")]
    after = [one for one in items[point:] if one in ("0", "9")]
    zeros = len(before) - before.index("0") if "0" in before else 0
    return Form(items, len(before), len(after), zeros, "FM" not in items, frozenset(items))


def number_text(value: Decimal, text: str) -> str:
    """TO_CHAR(number, format)."""
    form = read_form(text)
    if "RN" in form.flags:
        return _roman(value, form.fill, text)
    for one in ("EEEE", "V", "C"):
        if one in form.flags:
            raise SqlError("0A000", f"TO_CHAR of a number with {one} is not supported by Slipher yet")
    negative = value < 0
    rounded = abs(value).quantize(Decimal(1).scaleb(-form.fraction), ROUND_HALF_UP)
    digits, _, fraction = format(rounded, "f").partition(".")
    if digits == "0" and form.whole and not form.zeros and form.fraction:
        digits = ""
    if len(digits) > form.whole:
        digits, fraction = "#" * form.whole, "#" * form.fraction
    digits = digits.rjust(form.zeros, "0") if form.zeros else digits
    negative = negative and rounded != 0
    return _laid_out(form, digits.rjust(form.whole), fraction, negative)


def _laid_out(form: Form, digits: str, fraction: str, negative: bool) -> str:
    """The tokens replaced by the digits; the sign before the first digit, unless the format says where."""
    explicit = form.flags & {"S", "SG", "PL", "MI", "PR"}
    signed = bool(explicit - {"PL"}) or ("PL" in explicit and not negative)
    if form.items[:1] == ("S",):
        sign = "-" if negative else "+"
    else:
        sign = "" if signed else "-" if negative else " " if form.fill else ""
    out, at, behind, decimals = "", 0, False, 0
    started = False
    for item in form.items:
        if item in ("0", "9"):
            if behind:
                digit = fraction[decimals : decimals + 1]
                decimals += 1
                if not form.fill and item == "9" and not fraction[decimals - 1 :].strip("0"):
                    digit = ""
                out += digit
                continue
            digit = digits[at : at + 1]
            at += 1
            if digit == " ":
                out += " " if form.fill else ""
                continue
            if not started:
                out, started = _with_sign(out, sign), True
            out += digit
        elif item in (".", "D"):
            if not started:
                out, started = _with_sign(out, sign), True
            behind = True
            out += "."
        elif item in (",", "G"):
            out += "," if started else " " if form.fill else ""
        else:
            out += _other(item, form, negative, digits)
    if not started:
        out = _with_sign(out, sign)
    return _bracketed(out, form, negative)


def _with_sign(out: str, sign: str) -> str:
    return out + sign


def _other(item: str, form: Form, negative: bool, digits: str) -> str:
    if item == "S" and form.items[0] == "S":
        return ""  # the sign stands before the first digit
    if item in ("S", "SG"):
        return "-" if negative else "+"
    if item == "MI":
        return "-" if negative else " " if form.fill else ""
    if item == "PL":
        return "+" if not negative else " " if form.fill else ""
    if item in ("$", "L"):
        return "$"
    if item in ("TH", "th"):
        ending = _ordinal(digits.strip())
        return ending.lower() if item == "th" else ending
    if item in ("FM", "PR"):
        return ""
    return item.strip('"') if item.startswith('"') and len(item) > 1 else item


def _bracketed(out: str, form: Form, negative: bool) -> str:
    if "PR" not in form.flags:
        return out
    if negative:
        inner = out.lstrip(" ")
        return " " * (len(out) - len(inner)) + f"<{inner}>"
    return f" {out} " if form.fill else out


def _ordinal(digits: str) -> str:
    if digits[-2:-1] == "1":
        return "TH"
    return {"1": "ST", "2": "ND", "3": "RD"}.get(digits[-1:], "TH")


def _roman(value: Decimal, fill: bool, text: str) -> str:
    number = int(value.to_integral_value(ROUND_HALF_UP))
    out = ""
    if not 1 <= number <= 3999:
        out = "#" * 15
    else:
        for amount, letters in ROMAN:
            while number >= amount:
                out, number = out + letters, number - amount
    return (out.lower() if "rn" in text else out).rjust(15 if fill else 0)


def read_number(text: str, form_text: str) -> Decimal:
    """TO_NUMBER(text, format): the digits of the text at the format's digit places."""
    form = read_form(form_text)
    cleaned = text.strip()
    negative = cleaned.startswith(("-", "<")) or cleaned.endswith("-")
    digits = "".join(one for one in cleaned if one.isdigit() or one == ".")
    try:
        value = Decimal(digits)
    except InvalidOperation:
        raise SqlError("22P02", f'invalid input syntax for type numeric: "{text}"') from None
    whole, _, fraction = format(value, "f").partition(".")
    kept = Decimal(f"{whole[: max(form.whole, 1)]}.{fraction[: form.fraction] or '0'}")
    return -kept if negative else kept
