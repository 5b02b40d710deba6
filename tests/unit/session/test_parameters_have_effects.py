"""Every session parameter does something, refuses what it cannot do, or says why it can do nothing."""

from __future__ import annotations

from slipher.warehouse.session.parameters import PARAMETERS


def test_every_parameter_is_decided() -> None:
    undecided = [
        one.name for one in PARAMETERS if [one.readonly, one.effect, one.fixed, bool(one.why)].count(True) != 1
    ]
    assert undecided == []
