"""Floating-point numbers as text are what C's printf writes."""

from __future__ import annotations

import math

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, strategies as st

from slipher.types.floats import float_texts

NAMES = {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}
doubles = (
    st.floats() | st.floats(-1e6, 1e6).map(lambda number: round(number, 3)) | st.integers(-(2**60), 2**60).map(float)
)


def printed(number: float | None, total: int) -> str | None:
    if number is None:
        return None
    text = f"%.{total}g" % number
    return NAMES.get(text, text)


@given(st.lists(doubles | st.none(), max_size=20), st.integers(-10, 1))
def test_a_double_is_written_as_printf_does(numbers: list[float | None], extra: int) -> None:
    got = float_texts(pa.array(numbers, pa.float64()), 15, extra).to_pylist()
    assert got == [printed(number, 15 + extra) for number in numbers]


@given(st.lists(st.floats(width=32) | st.none(), max_size=20))
def test_a_single_is_written_as_printf_does(numbers: list[float | None]) -> None:
    got = float_texts(pa.array(numbers, pa.float32()), 6, 0).to_pylist()
    assert got == [printed(number, 6) for number in numbers]


@pytest.mark.parametrize("total", [15, 14, 6, 1])
def test_numbers_between_two_roundings(total: int) -> None:
    """Halves, what is next to them, and what is next to powers of ten: where a rounding that is nearly right goes wrong."""
    random = np.random.Generator(np.random.PCG64(3))
    halves = (random.integers(10 ** (total - 1), 10**total, 5000) + 0.5) / 2.0 ** random.integers(0, 20, 5000)
    powers = 10.0 ** np.arange(-6, 18)
    numbers = np.concatenate([halves, powers, 10.0 ** random.uniform(-6, 17, 5000)])
    numbers = np.concatenate([numbers, np.nextafter(numbers, 0), np.nextafter(numbers, math.inf)])
    got = float_texts(pa.array(numbers), 15, total - 15).to_pylist()
    assert got == [printed(number, total) for number in numbers.tolist()]


@given(st.lists(doubles, min_size=1, max_size=20))
def test_with_extra_digits_the_text_reads_back(numbers: list[float]) -> None:
    for number, text in zip(numbers, float_texts(pa.array(numbers), 15, 2).to_pylist(), strict=True):
        assert math.isnan(number) or math.copysign(1, float(text)) == math.copysign(1, number)
        assert math.isnan(number) or float(text) == number
