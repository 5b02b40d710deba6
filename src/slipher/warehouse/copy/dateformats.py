"""DATEFORMAT and TIMEFORMAT: patterns, 'auto' and epochs (source: reference on COPY, section 7).

What is read is a datetime, but for years before Christ, which that has not: a number of microseconds since 1970 (Gregorian, as
PostgreSQL counts).
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from functools import cache

_NUMBER = re.compile(r"-?\d+(\.\d*)?\Z", re.ASCII)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NAMES = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december",
)  # fmt: skip
MONTHS = {name[:3]: place for place, name in enumerate(NAMES, 1)}

# token of a pattern -> regular expression
TOKENS: tuple[tuple[str, str], ...] = (
    ("YYYY", r"(?P<year>\d{4})"),
    ("YY", r"(?P<year2>\d{2})"),
    ("MONTH", r"(?P<month_name>[A-Za-z]{3,9})"),
    ("MON", r"(?P<month_name>[A-Za-z]{3,9})"),
    ("MM", r"(?P<month>\d{1,2})"),
    ("DD", r"(?P<day>\d{1,2})"),
    ("HH24", r"(?P<hour>\d{1,2})"),
    ("HH12", r"(?P<hour12>\d{1,2})"),
    ("HH", r"(?P<hour>\d{1,2})"),
    ("MI", r"(?P<minute>\d{1,2})"),
    ("SS", r"(?P<second>\d{1,2})(?:\.(?P<fraction>\d{0,6})\d*)?"),
    ("AM", r"(?P<half>[AaPp][Mm])"),
    ("PM", r"(?P<half>[AaPp][Mm])"),
)
_PIECE = re.compile("|".join(token for token, _ in TOKENS) + "|.", re.DOTALL | re.IGNORECASE)
_TABLE = dict(TOKENS)

AUTO: tuple[str, ...] = (
    r"(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})(?:[ T]+TIME)?ZONE",
    r"(?P<year>\d{4})/(?P<month>\d{1,2})/(?P<day>\d{1,2})(?:[ T]+TIME)?ZONE",
    r"(?P<year>\d{4})\.(?P<yearday>\d{3})",
    r"(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})(?:[ T]?(?P<hour>\d{2})(?P<minute>\d{2})(?P<second>\d{2}))?ZONE",
    r"(?P<year2>\d{2})(?P<month>\d{2})(?P<day>\d{2})(?: (?P<hour>\d{2})(?P<minute>\d{2})(?P<second>\d{2}))?",
    r"(?P<month>\d{1,2})[/.-](?P<day>\d{1,2})[/.-](?P<year>\d{4})(?: +TIME)?ZONE",
    r"(?P<month>\d{1,2})[/-](?P<day>\d{1,2})[/-](?P<year2>\d{2})(?: +TIME)?ZONE",
    r"(?P<month_name>[A-Za-z]{3,9})[ -](?P<day>\d{1,2})(?:, ?|[ -])(?P<year>\d{4})(?: +TIME)?ZONE",
    r"(?P<day>\d{1,2})[ -](?P<month_name>[A-Za-z]{3,9})[ -](?P<year>\d{4})(?: +TIME)?ZONE",
    r"(?P<year>\d{4})-(?P<month_name>[A-Za-z]{3,9})-(?P<day>\d{1,2})(?: +TIME)?ZONE",
    r"(?P<day>\d{1,2}) (?P<month_name>[A-Za-z]{3,9}) TIME (?P<year>\d{4})ZONE",
)
# Those that may have BC behind them, with years of any length.
_ERA = tuple(
    one.replace(r"(?P<year>\d{4})", r"(?P<year>\d{1,4})") for one in AUTO if one not in AUTO[2:5] and "year2" not in one
)
BC = re.compile(r"(.*\S) *\bBC\Z", re.IGNORECASE | re.DOTALL)
JULIAN_1970 = 2440588
DAY = 86_400_000_000
_CLOCK = r"(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:\.(?P<fraction>\d{0,6})\d*)?)?(?: ?(?P<half>[AaPp][Mm]))?"
# Names of zones that PostgreSQL 8.0 knows without a table of them: hours from UTC.
ZONES = {
    "GMT": 0, "UT": 0, "WET": 0, "WEST": 1, "BST": 1, "CET": 1, "MET": 1, "CEST": 2, "MEST": 2, "EET": 2, "EEST": 3, "MSK": 3,
    "AST": -4, "ADT": -3, "EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7,
    "AKST": -9, "AKDT": -8, "HST": -10, "JST": 9, "KST": 9, "AWST": 8, "AEST": 10, "AEDT": 11, "NZST": 12, "NZDT": 13,
}  # fmt: skip
_ZONE = r" ?(?P<zone>Z|UTC|[+-]\d{1,2}(?::?\d{2})?)?"
_NAMED = r" ?(?P<zone>Z|UTC|[+-]\d{1,2}(?::?\d{2})?|" + "|".join(sorted(ZONES, key=len, reverse=True)) + ")?"
# Without DATEFORMAT or TIMEFORMAT: fixed widths, nothing else. A date's time part is ignored; only timestamptz has a zone.
DEFAULTS = {
    "date": re.compile(r"(?P<year>\d{4})-(?P<month>\d{2})-(?P<day>\d{2})(?:[ T].*)?\Z", re.DOTALL | re.ASCII),
    "timestamp": re.compile(
        r"(?P<year>\d{4})-(?P<month>\d{2})-(?P<day>\d{2})"
        r"(?: (?P<hour>\d{2}):(?P<minute>\d{2}):(?P<second>\d{2})(?:\.(?P<fraction>\d{1,6}))?)?\Z",
        re.ASCII,
    ),
    "timestamptz": re.compile(
        r"(?P<year>\d{4})-(?P<month>\d{2})-(?P<day>\d{2})"
        r"(?: (?P<hour>\d{2}):(?P<minute>\d{2}):(?P<second>\d{2})(?:\.(?P<fraction>\d{1,6}))?" + _ZONE + r")?\Z",
        re.ASCII,
    ),
}


@cache
def _auto(forms: tuple[str, ...] = AUTO) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(one.replace("TIME", _CLOCK).replace("ZONE", _NAMED) + r"\Z") for one in forms)


@cache
def _pattern(form: str) -> re.Pattern[str]:
    out = ""
    for match in _PIECE.finditer(form):
        piece = match.group(0)
        out += _TABLE.get(piece.upper()) or (r"\s+" if piece == " " else re.escape(piece))
    return re.compile(out + r"(?:[ T].*)?\Z" if "HH" not in form.upper() else out + r"\Z")


def read(text: str, form: str | None, kind: str) -> datetime | int:
    """A date or time by a format; ValueError for what does not fit. None is the default of the kind (date, timestamp,
    timestamptz); 'auto' tries many."""
    if form is None:
        match = DEFAULTS[kind].match(text)
        if match is None:
            raise ValueError(text)
        return _build(match.groupdict())
    if form in ("epochsecs", "epochmillisecs"):
        if not _NUMBER.match(text):
            raise ValueError(text)
        scale = 1 if form == "epochsecs" else 1000
        return (EPOCH + timedelta(seconds=float(text) / scale)).replace(tzinfo=None)
    if form == "auto":
        return _read_auto(text)
    match = _pattern(form).match(text)
    if match is None:
        raise ValueError(text)
    return _build(match.groupdict())


def _read_auto(text: str) -> datetime | int:
    before = BC.match(text)
    for pattern in _auto(_ERA if before else AUTO):
        match = pattern.match(before.group(1) if before else text)
        if match is not None:
            return _before_christ(match.groupdict()) if before else _build(match.groupdict())
    if re.fullmatch(r"J\d{1,7}", text):
        days = int(text[1:]) - JULIAN_1970
        return datetime(1970, 1, 1) + timedelta(days=days) if days >= -719162 else days * DAY
    raise ValueError(text)


def _before_christ(facts: dict[str, str | None]) -> int:
    """The moment in a year that comes before year 1: 1 BC is the year 0, and a leap year."""
    year = int(facts.get("year") or 0)
    if not 1 <= year <= 4714:
        raise ValueError("year")
    shifted = _build(facts | {"year": str(2000 - (year - 1) % 400)})  # the same calendar, 400 years are a round
    naive = shifted.replace(tzinfo=None)
    zone = shifted.utcoffset()
    cycles = (2000 - (year - 1) % 400 - (1 - year)) // 400
    moment = (naive - datetime(1970, 1, 1)) - (zone or timedelta())
    return moment // timedelta(microseconds=1) - cycles * 146_097 * DAY


def _build(facts: dict[str, str | None]) -> datetime:
    year = int(facts.get("year") or 0) if facts.get("year") else None
    if year is None and facts.get("year2"):
        short = int(facts["year2"] or 0)
        year = 2000 + short if short < 70 else 1900 + short
    if facts.get("yearday"):
        return datetime(year or 1, 1, 1) + timedelta(days=int(facts["yearday"] or 1) - 1)
    month = int(facts.get("month") or 1)
    if facts.get("month_name"):
        name = (facts["month_name"] or "").lower()
        if name not in MONTHS and name not in NAMES:
            raise ValueError(name)
        month = MONTHS[name[:3]]
    hour = int(facts.get("hour") or facts.get("hour12") or 0)
    half = (facts.get("half") or "").lower()
    if half:
        if not 1 <= hour <= 12:
            raise ValueError("hour")
        hour = hour % 12 + (12 if half == "pm" else 0)
    fraction = (facts.get("fraction") or "").ljust(6, "0")
    made = datetime(
        year or 1,
        month,
        int(facts.get("day") or 1),
        hour,
        int(facts.get("minute") or 0),
        int(facts.get("second") or 0),
        int(fraction),
    )
    zone = facts.get("zone")
    if not zone:
        return made
    return made.replace(tzinfo=_offset(zone))


def _offset(zone: str) -> timezone:
    if zone in ("Z", "UTC"):
        return UTC
    if zone in ZONES:
        return timezone(timedelta(hours=ZONES[zone]))
    digits = zone[1:].replace(":", "")
    hours, minutes = int(digits[:2]), int(digits[2:] or 0)
    delta = timedelta(hours=hours, minutes=minutes)
    return timezone(delta if zone[0] == "+" else -delta)
