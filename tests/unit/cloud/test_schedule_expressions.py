"""Schedule expressions: what is one, and when it is due, where clocks change too."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, strategies as st

from slipher.cloud.scheduler.expressions import BadExpression, following, parse


def times(text: str, zone: str, after: str, count: int = 3) -> list[str]:
    moment: float | None = datetime.fromisoformat(after).replace(tzinfo=UTC).timestamp()
    found = []
    while len(found) < count and moment is not None:
        moment = following(parse(text), zone, moment, 0.0)
        if moment is not None:
            found.append(datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%d %H:%M"))
    return found


@pytest.mark.parametrize(
    ("text", "zone", "after", "expected"),
    [
        ("cron(0 2 * * ? *)", "UTC", "2026-01-31T01:59:59", ["2026-01-31 02:00", "2026-02-01 02:00", "2026-02-02 02:00"]),
        ("cron(15,45 9-10 ? * MON-FRI *)", "UTC", "2026-01-02T10:15:00", ["2026-01-02 10:45", "2026-01-05 09:15", "2026-01-05 09:45"]),
        ("cron(0/25 0 1 JAN ? 2027)", "UTC", "2026-01-01T00:00:00", ["2027-01-01 00:00", "2027-01-01 00:25", "2027-01-01 00:50"]),
        ("cron(0 0 L * ? *)", "UTC", "2028-01-31T00:00:00", ["2028-02-29 00:00", "2028-03-31 00:00", "2028-04-30 00:00"]),
        ("cron(0 0 15W * ? *)", "UTC", "2026-02-01T00:00:00", ["2026-02-16 00:00", "2026-03-16 00:00", "2026-04-15 00:00"]),
        ("cron(0 0 ? * 6#2 *)", "UTC", "2026-01-01T00:00:00", ["2026-01-09 00:00", "2026-02-13 00:00", "2026-03-13 00:00"]),
        ("cron(0 0 ? * 2L *)", "UTC", "2026-01-01T00:00:00", ["2026-01-26 00:00", "2026-02-23 00:00", "2026-03-30 00:00"]),
        # clocks skip 02:30 on 29 March 2026 in Berlin, and repeat it on 25 October
        ("cron(30 2 * * ? *)", "Europe/Berlin", "2026-03-27T12:00:00", ["2026-03-28 01:30", "2026-03-30 00:30", "2026-03-31 00:30"]),
        ("cron(30 2 * * ? *)", "Europe/Berlin", "2026-10-24T12:00:00", ["2026-10-25 00:30", "2026-10-26 01:30", "2026-10-27 01:30"]),
        ("at(2026-05-01T09:00:00)", "America/New_York", "2026-01-01T00:00:00", ["2026-05-01 13:00"]),
        ("rate(90 minutes)", "UTC", "1970-01-01T00:10:00", ["1970-01-01 01:30", "1970-01-01 03:00", "1970-01-01 04:30"]),
    ],
)  # fmt: skip
def test_due(text: str, zone: str, after: str, expected: list[str]) -> None:
    assert times(text, zone, after) == expected


@pytest.mark.parametrize(
    "text",
    ["", "rate(0 days)", "rate(1 week)", "cron(0 0 * * * *)", "cron(0 0 ? * ? *)", "cron(60 0 * * ? *)", "cron(0 0 32 * ? *)",
     "cron(0 0 ? * 8 *)", "cron(0 0 ? * 2#6 *)", "cron(0/0 0 * * ? *)", "cron(5-1 0 * * ? *)", "at(2026-02-30T00:00:00)",
     "cron(0 0 * * ?)", "cron(a 0 * * ? *)"],
)  # fmt: skip
def test_what_is_no_expression(text: str) -> None:
    with pytest.raises(BadExpression):
        parse(text)


@given(st.text("0123456789*?/,-LW#MONcron() ", max_size=30))
def test_anything_else_is_refused_as_such(text: str) -> None:
    for one in (text, f"cron({text})", f"cron(0 0 {text} ?)"):
        try:
            parse(one)
        except BadExpression:
            continue


@given(st.integers(1, 500), st.integers(0, 10**9), st.integers(0, 10**9))
def test_intervals_count_from_their_start(minutes: int, start: int, after: int) -> None:
    found = following(parse(f"rate({minutes} minutes)"), "UTC", after, start)
    assert found is not None and found > after and (found - start) % (minutes * 60) == 0
    assert found == start or found - minutes * 60 <= after
