"""Rules of the tree that a linter does not know: small files, purposes stated, no paths of one machine."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MAX_LINES = 600
EXEMPT = re.compile(r"(#|//) (table|generated)\b")
BUILT = ROOT / "src" / "slipher" / "console"  # the console's assets, made by Vite from console/
MACHINE_PATHS = re.compile(r"(?<![\w.:/])/(work|farm|root|home/\w+|tmp/bash_jobs|tmp/brief)/")


def tracked(*patterns: str) -> list[Path]:
    """The repository's files, with those that are new and not ignored; the tree itself where there is no git."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", *patterns]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if listed.returncode:
        pytest.fail(f"git ls-files: {listed.stderr.strip()}")
    return [path for name in listed.stdout.splitlines() if (path := ROOT / name).is_file()]


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.fixture(scope="module")
def modules() -> dict[Path, str]:
    found = {path: path.read_text() for path in tracked("*.py")}
    assert len(found) > 100, "the rules look at nothing"
    return found


@pytest.fixture(scope="module")
def scripts() -> dict[Path, str]:
    """The web console's own sources."""
    found = {path: path.read_text() for path in tracked("console/*.ts", "console/*.tsx")}
    assert len(found) > 20, "the rules look at nothing"
    return found


def test_no_file_is_too_long(modules: dict[Path, str], scripts: dict[Path, str]) -> None:
    """Tables and generated files are exempt by their first line."""
    both = modules | scripts
    lengths = {name(path): text.count("\n") for path, text in both.items() if not EXEMPT.match(text)}
    assert {path: lines for path, lines in lengths.items() if lines > MAX_LINES} == {}


def test_every_module_states_its_purpose(modules: dict[Path, str]) -> None:
    silent = [name(path) for path, text in modules.items() if text.strip() and not ast.get_docstring(ast.parse(text))]
    assert silent == []


def test_every_script_states_its_purpose(scripts: dict[Path, str]) -> None:
    silent = [
        name(path) for path, text in scripts.items() if not re.match(r"(// (table|generated)\b.*\n)?/\*\* ?\S", text)
    ]
    assert silent == []


def test_every_package_module_is_not_empty(modules: dict[Path, str]) -> None:
    empty = [name(path) for path, text in modules.items() if not text.strip() and "src" in path.parts]
    assert empty == []


def test_no_path_of_one_machine(modules: dict[Path, str]) -> None:
    files = tracked(
        "*.md", "*.toml", "*.slt", "*.json", "*.sh", "*.yml", "Makefile", ".ci/*", "src/**", "tests/**", "console/**"
    )
    found = []
    for path in files:
        if path == Path(__file__) or path.is_relative_to(BUILT):
            continue
        try:
            text = path.read_text()
        except UnicodeDecodeError:
            continue
        found += [
            f"{name(path)}:{number}" for number, line in enumerate(text.splitlines(), 1) if MACHINE_PATHS.search(line)
        ]
    assert found == []


def test_behaviour_files_state_their_source() -> None:
    from slipher.testing.slt.records import read

    for path in tracked("tests/**/*.slt"):
        read(path)
