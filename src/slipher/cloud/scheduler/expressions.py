"""Schedule expressions: rate(), cron() and at(), in a time zone.

Where clocks skip an hour, a cron time that falls in it is skipped; where they repeat one, it happens once (source: EventBridge
Scheduler's user guide, "Daylight savings time").
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import pytz

RATE = re.compile(r"rate\((\d+) (minute|minutes|hour|hours|day|days)\)")
AT = re.compile(r"at\((\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})\)")
CRON = re.compile(r"cron\((\S+) (\S+) (\S+) (\S+) (\S+) (\S+)\)")
UNITS = {"minute": 60, "hour": 3600, "day": 86400}
MONTHS = {name.upper(): number for number, name in enumerate(calendar.month_abbr) if name}
DAYS = {name: number for number, name in enumerate(("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"), 1)}
FIRST, LAST = 1970, 2199


class BadExpression(ValueError):
    """Not an expression."""


@dataclass(frozen=True)
class Cron:
    """The six fields; days as their texts, as they depend on the month."""

    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    days: str
    months: tuple[int, ...]
    weekdays: str
    years: tuple[int, ...]


Expression = Cron | timedelta | datetime


def parse(text: str) -> Expression:
    """An expression: an interval, a local time, or a cron; BadExpression for what is none."""
    try:
        if match := RATE.fullmatch(text):
            number, unit = int(match.group(1)), match.group(2)
            if number < 1:
                raise BadExpression
            return timedelta(seconds=number * UNITS[unit.rstrip("s")])
        if match := AT.fullmatch(text):
            return datetime.fromisoformat(match.group(1))
        if match := CRON.fullmatch(text.upper().replace("CRON", "cron", 1)):
            return _cron(*match.groups())
    except (ValueError, OverflowError, KeyError, ZeroDivisionError):
        pass
    raise BadExpression(text)


def _cron(minutes: str, hours: str, days: str, months: str, weekdays: str, years: str) -> Cron:
    if (days == "?") == (weekdays == "?"):
        raise BadExpression
    found = Cron(
        _numbers(minutes, 0, 59),
        _numbers(hours, 0, 23),
        days,
        _numbers(months, 1, 12, MONTHS),
        weekdays,
        _numbers(years, FIRST, LAST),
    )
    _days(found, 2024, 2)  # which reads the fields of days
    return found


def _numbers(text: str, low: int, high: int, names: dict[str, int] | None = None) -> tuple[int, ...]:
    """A field: * , - / and names."""

    def number(one: str) -> int:
        value = names[one] if names and one in names else int(one)
        if not low <= value <= high:
            raise BadExpression
        return value

    found: set[int] = set()
    for part in text.split(","):
        span, slash, step = part.partition("/")
        if span in ("*", "?"):
            first, last = low, high
        elif "-" in span:
            first, last = (number(one) for one in span.split("-"))
        else:
            first = number(span)
            last = high if slash else first
        if first > last or (slash and int(step) < 1):
            raise BadExpression
        found.update(range(first, last + 1, int(step) if slash else 1))
    return tuple(sorted(found))


def _days(cron: Cron, year: int, month: int) -> list[int]:
    """The days of a month on which the expression has times."""
    last = calendar.monthrange(year, month)[1]
    if cron.weekdays == "?":
        return [day for part in cron.days.split(",") for day in _of_month(part, year, month, last) if day <= last]
    return [day for part in cron.weekdays.split(",") for day in _of_week(part, year, month, last)]


def _of_month(part: str, year: int, month: int, last: int) -> list[int]:
    if part == "L":
        return [last]
    if part.endswith("W"):  # the weekday that is nearest, in the month
        day = last if part == "LW" else min(int(part[:-1]), last)
        weekday = date(year, month, day).weekday()
        if weekday == 5:
            day += -1 if day > 1 else 2
        elif weekday == 6:
            day += 1 if day < last else -2
        return [day]
    return list(_numbers(part, 1, 31))


def _of_week(part: str, year: int, month: int, last: int) -> list[int]:
    def on(number: int) -> list[int]:
        return [day for day in range(1, last + 1) if date(year, month, day).isoweekday() % 7 + 1 == number]

    def number(text: str) -> int:
        return _numbers(text, 1, 7, DAYS)[0]

    if "#" in part:
        which, _, nth = part.partition("#")
        if not 1 <= int(nth) <= 5:
            raise BadExpression
        return on(number(which))[int(nth) - 1 : int(nth)]
    if part == "L":
        return on(7)
    if part.endswith("L"):
        return on(number(part[:-1]))[-1:]
    return sorted(day for one in _numbers(part, 1, 7, DAYS) for day in on(one))


def _local_times(cron: Cron, after: datetime) -> Iterator[datetime]:
    """The times of a cron, without zone, from a day before `after` on."""
    start = after - timedelta(days=1)
    for year in (one for one in cron.years if one >= start.year):
        for month in (one for one in cron.months if (year, one) >= (start.year, start.month)):
            for day in sorted(set(_days(cron, year, month))):
                for hour in cron.hours:
                    for minute in cron.minutes:
                        yield datetime(year, month, day, hour, minute)


def _at(zone: Any, local: datetime) -> float | None:
    """A local time's moment; of two the first, none where clocks skip it."""
    try:
        moment: datetime = zone.localize(local, is_dst=None)
    except pytz.NonExistentTimeError:
        return None
    except pytz.AmbiguousTimeError:
        moment = zone.localize(local, is_dst=True)
    return moment.timestamp()


def following(expression: Expression, zone_name: str, after: float, start: float) -> float | None:
    """The first moment later than `after` and not before `start`, which intervals are counted from; none: never again."""
    if isinstance(expression, timedelta):
        if after < start:
            return start
        step = expression.total_seconds()
        return start + ((after - start) // step + 1) * step
    zone = pytz.timezone(zone_name)
    if isinstance(expression, datetime):
        moment = _at(zone, expression)
        return moment if moment is not None and moment > after else None
    low = max(after, start - 1e-6)
    for local in _local_times(expression, datetime.fromtimestamp(low, zone).replace(tzinfo=None)):
        moment = _at(zone, local)
        if moment is not None and moment > low:
            return moment
    return None
