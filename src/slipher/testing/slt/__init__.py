"""The .slt runner: files that state what a client sees, run against an instance. The format is described in records.py."""

from __future__ import annotations

from slipher.testing.slt.records import SltError as SltError
from slipher.testing.slt.run import Problem as Problem, run_file as run_file

__all__ = ["Problem", "SltError", "run_file"]
