"""What all tests share: hypothesis without deadlines, because machines differ; temporary directories with short names."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("slipher", deadline=None)
settings.load_profile("slipher")


@pytest.fixture
def tmp_path() -> Iterator[Path]:
    """As pytest's own, but short: the path of a unix socket may have 107 bytes."""
    with tempfile.TemporaryDirectory(prefix="slt-", ignore_cleanup_errors=True) as name:
        yield Path(name).resolve()
