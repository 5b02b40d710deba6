"""What all tests share: hypothesis without deadlines, because machines differ."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("slipher", deadline=None)
settings.load_profile("slipher")
