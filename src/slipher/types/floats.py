"""Floating-point numbers as text: C's %.*g, vectorised.

A number of up to 15 digits is the shortest text of the double nearest to it. So %.15g is: round to 15 digits, then let Arrow
write the shortest text that reads back, which is fast. The rounding is exact: a number times a power of ten that a
double holds exactly has an error below half a unit in its last place, so only where the product seems to lie in the middle
between two integers the error itself must be looked at.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

POWERS = 10.0 ** np.arange(23)  # each exact
BOUNDS = np.array([float(f"1e{exponent}") for exponent in range(-4, 16)])
PLAIN = 9e9  # from 1e10 on, to which a number may be rounded, Arrow writes exponents
SPLITTER = 134217729.0  # 2^27 + 1: Veltkamp's
NAMES = {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}


def float_texts(array: pa.Array, digits: int, extra: int) -> pa.Array:
    """C's %.*g with `digits` + extra; 17 (for float4: 9) digits and more are the shortest that read back. NULL stays NULL."""
    numbers = array.fill_null(0).to_numpy(zero_copy_only=False) if array.null_count else array.to_numpy()
    total = max(digits + extra, 1)
    shortest = total >= (9 if digits == 6 else 17)
    size = np.abs(numbers)
    plain = ((size >= 1e-4) & (size < min(PLAIN, 10.0 ** (total - 1)))) | (numbers == 0)
    if shortest:
        written = numbers
    elif total <= 15:
        written = _rounded(numbers.astype(np.float64), size.astype(np.float64), plain, total)
    else:
        written, plain = numbers, numbers == 0
    texts = pa.array(written).cast(pa.large_string())
    if not plain.all():
        others = numbers[~plain].tolist()
        if shortest:
            made = [_shortest(number, digits == 6) for number in others]
        else:
            made = [f"%.{total}g" % number for number in others]
        made = [NAMES.get(text, text) for text in made]
        texts = pc.replace_with_mask(texts, pa.array(~plain), pa.array(made, pa.large_string()))
    return pc.if_else(array.is_valid(), texts, None) if array.null_count else texts


def _rounded(numbers: np.ndarray, size: np.ndarray, plain: np.ndarray, total: int) -> np.ndarray:
    """The doubles nearest to the numbers rounded to `total` digits, ties to even; only those that are plain mean anything."""
    exponents = np.searchsorted(BOUNDS, size, "right") - 5
    scale = POWERS[np.clip(total - 1 - exponents, 0, 22)]
    with np.errstate(all="ignore"):
        product = numbers * scale
        whole = np.rint(product)
        middle = np.flatnonzero((np.abs(product - whole) == 0.5) & plain)
        if len(middle):
            chosen = product[middle]
            error = _error(numbers[middle], scale[middle], chosen)
            side = chosen - whole[middle]
            whole[middle] += ((side > 0) & (error > 0)).astype(float) - ((side < 0) & (error < 0))
        found: np.ndarray = whole / scale
    return found


def _error(left: np.ndarray, right: np.ndarray, product: np.ndarray) -> np.ndarray:
    """What a product lost in rounding, exactly (Dekker)."""
    big = left * SPLITTER
    left_high = big - (big - left)
    left_low = left - left_high
    big = right * SPLITTER
    right_high = big - (big - right)
    right_low = right - right_high
    rest = left_high * right_high - product + left_high * right_low + left_low * right_high
    found: np.ndarray = rest + left_low * right_low
    return found


def _shortest(number: float, single: bool) -> str:
    text = repr(number) if not single else str(np.float32(number))
    return text.removesuffix(".0")
