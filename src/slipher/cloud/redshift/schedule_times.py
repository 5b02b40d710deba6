"""The times of snapshot schedules: rate(n hours), and cron() with three fields (minutes, hours, day of the week) or six."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence

from slipher.base.errors import AwsError
from slipher.cloud.scheduler.expressions import BadExpression, Expression, following, parse

SHORT = re.compile(r"cron\((\S+) (\S+) (\S+)\)")
LEAST, MOST = 3600.0, 86400.0  # between two snapshots
LOOKED_AT = 60  # invocations


def _parsed(text: str) -> Expression:
    if match := SHORT.fullmatch(text):
        minutes, hours, days = match.groups()
        text = f"cron({minutes} {hours} * * ? *)" if days in ("*", "?") else f"cron({minutes} {hours} ? * {days} *)"
    return parse(text)


def first_after(definitions: Sequence[str], after: float, start: float) -> float | None:
    """The first moment after another that a schedule names; its rates count from `start`."""
    times = [following(_parsed(one), "UTC", after, start) for one in definitions]
    return min((one for one in times if one is not None), default=None)


def invocations(definitions: Sequence[str], after: float, start: float, count: int) -> list[float]:
    """The next moments that a schedule names."""
    found: list[float] = []
    while len(found) < count and (moment := first_after(definitions, after, start)) is not None:
        found.append(moment)
        after = moment
    return found


def check(definitions: Sequence[str], now: float) -> list[str]:
    """The definitions, if they are ones that Redshift takes: no two snapshots within an hour, none later than a day after the
    one before (source: management guide, "Snapshot schedule format")."""
    if not definitions:
        raise AwsError("InvalidSchedule", "A snapshot schedule needs at least one definition.")
    for one in definitions:
        try:
            _parsed(one)
        except BadExpression:
            raise AwsError("InvalidSchedule", f"The schedule definition {one} is not valid.") from None
        if one.startswith("at("):
            raise AwsError("ScheduleDefinitionTypeUnsupported", f"The schedule definition {one} is not supported.")
    times = [now, *invocations(definitions, now, now, LOOKED_AT)]
    gaps = [later - earlier for earlier, later in itertools.pairwise(times[1:])]
    if any(gap < LEAST for gap in gaps):
        raise AwsError("InvalidSchedule", "A schedule cannot have snapshots more often than once an hour.")
    if len(times) <= LOOKED_AT or any(gap > MOST for gap in gaps):
        raise AwsError("InvalidSchedule", "A schedule cannot have snapshots less often than once in 24 hours.")
    return list(definitions)
