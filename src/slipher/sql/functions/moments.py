"""TO_CHAR, TO_DATE and TO_TIMESTAMP by Redshift's datetime format strings, one value at a time: what the engine's own cannot do.

A reading without `strict` lets parts overflow: the 31st of June is the 1st of July, 24:38 is 0:38 of the next day
(source: Redshift's guide, TO_DATE and TO_TIMESTAMP).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import lru_cache

from slipher.base.errors import SqlError
from slipher.sql.functions.numerals import ROMAN

CODES = (
    "B.C.|A.D.|A.M.|P.M.|HH24|HH12|HH|Y,YYY|YYYY|YYY|YY|IYYY|IYY|IY|IDDD|IW|ID|CC|MONTH|MON|MM|MI|MS|US|SS|DDD|DAY|DD|DY|WW|AM|PM|AD|BC|RM"
    "|TZ|OF|FM|Q|W|D|J|Y|I"
).replace(".", r"\.")
_PIECES = re.compile(rf'"[^"]*"|{CODES}|.', re.IGNORECASE | re.DOTALL)
_SUFFIX = re.compile(r"th", re.IGNORECASE)
MONTHS = "January February March April May June July August September October November December".split()
DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()


@lru_cache(512)
def pieces(form: str) -> tuple[str, ...]:
    """A format's codes, quoted texts and other characters, in order."""
    return tuple(_PIECES.findall(form))


WRITE: dict[str, Callable[[datetime], str]] = {
    "HH24": lambda x: f"{x.hour:02}",
    "HH12": lambda x: f"{(x.hour + 11) % 12 + 1:02}",
    "HH": lambda x: f"{(x.hour + 11) % 12 + 1:02}",
    "MI": lambda x: f"{x.minute:02}",
    "SS": lambda x: f"{x.second:02}",
    "MS": lambda x: f"{x.microsecond // 1000:03}",
    "US": lambda x: f"{x.microsecond:06}",
    "Y,YYY": lambda x: f"{x.year:,}",
    "YYYY": lambda x: f"{x.year:04}",
    "YYY": lambda x: f"{x.year % 1000:03}",
    "YY": lambda x: f"{x.year % 100:02}",
    "Y": lambda x: str(x.year % 10),
    "IYYY": lambda x: f"{x.isocalendar().year:04}",
    "IYY": lambda x: f"{x.isocalendar().year % 1000:03}",
    "IY": lambda x: f"{x.isocalendar().year % 100:02}",
    "I": lambda x: str(x.isocalendar().year % 10),
    "IW": lambda x: f"{x.isocalendar().week:02}",
    "ID": lambda x: str(x.isoweekday()),
    "IDDD": lambda x: f"{(x.isocalendar().week - 1) * 7 + x.isoweekday():03}",
    "CC": lambda x: f"{(x.year - 1) // 100 + 1:02}",
    "Q": lambda x: str((x.month - 1) // 3 + 1),
    "MM": lambda x: f"{x.month:02}",
    "RM": lambda x: _roman(x.month).ljust(4),
    "DDD": lambda x: f"{x.timetuple().tm_yday:03}",
    "DD": lambda x: f"{x.day:02}",
    "D": lambda x: str(x.isoweekday() % 7 + 1),
    "W": lambda x: str((x.day - 1) // 7 + 1),
    "WW": lambda x: f"{(x.timetuple().tm_yday - 1) // 7 + 1:02}",
    "J": lambda x: str(x.toordinal() + 1721425),
    "TZ": lambda x: "UTC",
    "OF": lambda x: "+00",
}
NAMES: dict[str, Callable[[datetime], str]] = {
    "MONTH": lambda x: MONTHS[x.month - 1],
    "MON": lambda x: MONTHS[x.month - 1][:3],
    "DAY": lambda x: DAYS[x.weekday()],
    "DY": lambda x: DAYS[x.weekday()][:3],
    "AM": lambda x: "AM" if x.hour < 12 else "PM",
    "PM": lambda x: "AM" if x.hour < 12 else "PM",
    "A.M.": lambda x: "A.M." if x.hour < 12 else "P.M.",
    "P.M.": lambda x: "A.M." if x.hour < 12 else "P.M.",
    "AD": lambda x: "AD",
    "BC": lambda x: "AD",
    "A.D.": lambda x: "A.D.",
    "B.C.": lambda x: "A.D.",
}


def _roman(number: int) -> str:
    out = ""
    for amount, letters in ROMAN:
        while number >= amount:
            out, number = out + letters, number - amount
    return out


def moment_text(value: datetime, form: str) -> str:
    """TO_CHAR(timestamp, format). FM takes the blanks or zeros off the code that follows it."""
    out, bare = "", False
    for piece in pieces(form):
        code = piece.upper()
        if code == "FM":
            bare = True
            continue
        if code in NAMES:
            text = _cased(NAMES[code](value), piece)
            if code in ("MONTH", "DAY") and not bare:
                text = text.ljust(9)
        elif code in WRITE:
            text = WRITE[code](value)
            if code in ("RM", "TZ") and piece.islower():
                text = text.lower()
            if bare:
                text = text.strip() if code == "RM" else text.lstrip("0") or "0"
        else:
            out += piece[1:-1] if piece.startswith('"') and len(piece) > 1 else piece
            continue
        out, bare = out + text, False
    return out


def _cased(text: str, piece: str) -> str:
    if piece.islower():
        return text.lower()
    return text.upper() if piece.isupper() else text


# code -> (pattern of its text, name of the part)
READ: dict[str, tuple[str, str]] = {
    "YYYY": (r"\d{1,4}", "year"),
    "YYY": (r"\d{1,3}", "year3"),
    "YY": (r"\d{1,2}", "year2"),
    "Y,YYY": (r"\d{1,3}(?:,\d{3})?", "year"),
    "MM": (r"\d{1,2}", "month"),
    "DD": (r"\d{1,2}", "day"),
    "DDD": (r"\d{1,3}", "yearday"),
    "HH24": (r"\d{1,2}", "hour"),
    "HH12": (r"\d{1,2}", "hour12"),
    "HH": (r"\d{1,2}", "hour12"),
    "MI": (r"\d{1,2}", "minute"),
    "SS": (r"\d{1,2}", "second"),
    "MS": (r"\d{1,3}", "millis"),
    "US": (r"\d{1,6}", "micros"),
    "MONTH": ("|".join(sorted(MONTHS, key=len, reverse=True)), "monthname"),
    "MON": ("|".join(one[:3] for one in MONTHS), "monthname"),
    "DAY": ("|".join(DAYS), "dayname"),
    "DY": ("|".join(one[:3] for one in DAYS), "dayname"),
    "AM": ("AM|PM", "half"),
    "PM": ("AM|PM", "half"),
    "A.M.": (r"A\.M\.|P\.M\.", "half"),
    "P.M.": (r"A\.M\.|P\.M\.", "half"),
    "J": (r"\d+", "julian"),
    "CC": (r"\d{1,2}", "century"),
    "Q": (r"\d", "quarter"),
}
_DIGITS = re.compile(r"\d")


@lru_cache(512)
def reader(form: str) -> tuple[re.Pattern[str], tuple[str, ...]]:
    """A format as a pattern, and the parts that its groups are."""
    found, parts = pieces(form), []
    pattern = r"\s*"
    for at, piece in enumerate(found):
        code = piece.upper()
        if code == "FM":
            continue
        if code in READ:
            text, part = READ[code]
            # Digits that follow each other without a mark between them have the code's own width.
            following = found[at + 1].upper() if at + 1 < len(found) else ""
            if following in READ and _DIGITS.match(READ[following][0].replace("\\d", "0")) and text.startswith("\\d"):
                text = rf"\d{{{len(code) if code not in ('HH24', 'HH12') else 2}}}"
            pattern += f"({text})"
            parts.append(part)
        elif code in WRITE or code in NAMES:
            raise SqlError("0A000", f"reading a date with format {piece} is not supported by Slipher yet")
        elif piece.isspace():
            pattern += r"\s*"
        elif piece.startswith('"') and len(piece) > 1:
            pattern += ".{" + str(len(piece) - 2) + "}"
        else:
            pattern += r"[^\w\s]?" if not piece.isalnum() else "."
    return re.compile(pattern, re.IGNORECASE), tuple(parts)


def read_moment(text: str, form: str, strict: bool) -> datetime:
    """TO_TIMESTAMP(text, format): the parts read, from the year 1 where the format has none."""
    if not text.strip():
        return datetime(1, 1, 1)
    pattern, names = reader(form)
    match = pattern.match(text)
    if match is None:
        raise SqlError("22007", f'invalid value "{text}" for the format "{form}"')
    facts = dict(zip(names, match.groups(), strict=True))
    number = {name: int(value.replace(",", "")) for name, value in facts.items() if value[:1].isdigit()}
    if "julian" in number:
        return datetime.fromordinal(number["julian"] - 1721425)
    year = number.get("year", 1)
    if "year2" in number:
        year = number["year2"] + (2000 if number["year2"] < 70 else 1900)
    if "year3" in number:
        year = number["year3"] + (2000 if number["year3"] < 520 else 1000)
    month = number.get("month", 1)
    if "monthname" in facts:
        month = next(at for at, one in enumerate(MONTHS, 1) if one[:3].lower() == facts["monthname"][:3].lower())
    hour = number.get("hour", number.get("hour12", 0))
    if "half" in facts:
        hour = hour % 12 + (12 if facts["half"][0].upper() == "P" else 0)
    micros = number.get("micros", 0) * 10 ** (6 - len(facts.get("micros", "000000")))
    micros += number.get("millis", 0) * 10 ** (3 - len(facts.get("millis", "000"))) * 1000
    day = number.get("day", 1)
    return _made(text, strict, year, month, day, number, hour, micros)


def _made(
    text: str, strict: bool, year: int, month: int, day: int, number: dict[str, int], hour: int, micros: int
) -> datetime:
    minute, second = number.get("minute", 0), number.get("second", 0)
    try:
        if strict:
            return datetime(year, month, day, hour, minute, second, micros)
        if not 1 <= month <= 12 or not 0 <= day <= 31:
            raise ValueError
        base = datetime(year, 1 if "yearday" in number else month, 1)
        days = number["yearday"] - 1 if "yearday" in number else day - 1
        return base + timedelta(days=days, hours=hour, minutes=minute, seconds=second, microseconds=micros)
    except (ValueError, OverflowError):
        kind = "time" if hour > 23 and strict else "date"
        raise SqlError("22008", f"date/time field {kind} value out of range: {text}") from None
