"""The console's committed assets are those of its sources, and the unit tests of its own code pass."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CONSOLE = ROOT / "console"
ADDRESS = re.compile(r"https?://")
FREE = {
    "MIT",
    "MIT-0",
    "Apache-2.0",
    "ISC",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "0BSD",
    "CC0-1.0",
    "Unlicense",
    "BlueOak-1.0.0",
    "Python-2.0",
}
SHOWN_ONLY = {"MPL-2.0", "CC-BY-4.0"}  # of development alone: nothing of it is in the assets


def npm(*command: str) -> str:
    """Run a program of console/node_modules; its output."""
    program = CONSOLE / "node_modules" / ".bin" / command[0]
    if shutil.which("node") is None or not program.exists():
        pytest.skip("node, or console/node_modules (npm ci), is missing")
    done = subprocess.run([str(program), *command[1:]], cwd=CONSOLE, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_assets_are_made_from_the_sources() -> None:
    done = subprocess.run([sys.executable, "tools/console.py", "--check"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_a_new_build_has_the_same_bytes() -> None:
    npm("tsc", "--version")
    done = subprocess.run([sys.executable, "tools/console.py", "--rebuild"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_the_lock_file_names_no_machine() -> None:
    lock = json.loads((CONSOLE / "package-lock.json").read_text())
    addresses = [name for name, package in lock["packages"].items() if ADDRESS.search(package.get("resolved", ""))]
    assert addresses == []
    assert all(package.get("integrity") for name, package in lock["packages"].items() if name)


def test_licences_are_free() -> None:
    lock = json.loads((CONSOLE / "package-lock.json").read_text())
    strange = {
        name: package.get("license")
        for name, package in lock["packages"].items()
        if name
        and not set(re.findall(r"[\w.-]+", package.get("license", "none")))
        & (FREE | (SHOWN_ONLY if package.get("dev") else set()))
    }
    assert strange == {}


def test_unit_tests() -> None:
    said = npm("vitest", "run", "--reporter=dot")
    assert re.search(r"Tests\s+\d+ passed", re.sub(r"\x1b\[[\d;]*m", "", said)), said


def test_the_linter_has_nothing_to_say() -> None:
    npm("oxlint", "--deny-warnings", "src")
