"""DATEFORMAT 'auto' before Christ, against numpy's calendar."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, strategies as st

from slipher.types.sqltype import DATE
from slipher.types.text import as_text
from slipher.warehouse.copy import dateformats

FIRST = int(np.datetime64("-4713-11-24").astype(int))  # Julian day 0
LAST = int(np.datetime64("0000-12-31").astype(int))


@given(st.integers(FIRST, LAST))
def test_what_is_written_is_read(days: int) -> None:
    (text,) = as_text(pa.array([days], pa.date32()), DATE).to_pylist()
    assert text.endswith(" BC") and dateformats.read(text, "auto", "date") == days * dateformats.DAY


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Jan-08-95 BC", "-0094-01-08"),
        ("J0", "-4713-11-24"),
        ("January 8, 99 bc", "-0098-01-08"),
        ("5-2-29 BC", "-0004-02-29"),
    ],
)
def test_forms(text: str, expected: str) -> None:
    assert dateformats.read(text, "auto", "date") == int(np.datetime64(expected).astype(int)) * dateformats.DAY


@pytest.mark.parametrize("text", ["0004-02-29 BC", "0000-01-01 BC", "4715-01-01 BC", "BC", "960108 BC"])
def test_what_is_no_date(text: str) -> None:
    with pytest.raises(ValueError):
        dateformats.read(text, "auto", "date")
