"""The examples of the README and the guides, run as they stand, and what they are said to give.

A block after `<!-- run -->` is run by sh or Python, one after `<!-- run pytest -->` as a test file; the blocks after
`<!-- gives -->` and `<!-- ends with -->` are what the block before printed.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = (
    "README.md",
    *(f"docs/guide/{name}.md" for name in ("getting-started", "roles", "copy-and-unload", "load-errors", "testing")),
)
BLOCK = re.compile(r"^<!-- (run|run pytest|gives|ends with) -->\n```(\w*)\n(.*?)^```$", re.M | re.S)
LINK = re.compile(r"\]\((?!https?:)([^)#]*)(#[^)]*)?\)")


@dataclass
class Home:
    """A folder with an instance of its own, ports that nobody uses, and the environment of a person who works there."""

    folder: Path
    environment: dict[str, str] = field(default_factory=dict)

    def run(self, command: list[str]) -> str:
        done = subprocess.run(
            command,
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=180,
        )
        assert done.returncode == 0, done.stdout
        return done.stdout


@pytest.fixture(scope="module")
def home() -> Iterator[Home]:
    with tempfile.TemporaryDirectory(prefix="slipher-") as name:
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("AWS_", "PG", "SLIPHER_"))}
        place = Home(
            Path(name),
            kept
            | {
                "HOME": name,
                "SLIPHER_DATA_DIR": f"{name}/data",
                "PATH": os.pathsep.join([str(Path(sys.executable).parent), kept["PATH"]]),
                "PSQLRC": os.devnull,
            },
        )
        # the README starts with the default ports; here the directory already knows others
        place.run(["slipher", "up", "--detach", "--aws-port", "0", "--sql-port", "0"])
        place.run(["slipher", "down"])
        try:
            yield place
        finally:
            place.run(["slipher", "down"])


def blocks(page: str) -> list[tuple[str, str, str]]:
    return BLOCK.findall((ROOT / page).read_text())


def execute(home: Home, what: str, language: str, text: str, number: int) -> str:
    if what == "run pytest":
        (home.folder / f"test_example_{number}.py").write_text(text)
        return home.run([sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"test_example_{number}.py"])
    if language == "python":
        return home.run([sys.executable, "-c", text])
    return home.run(["sh", "-c", text])


def lines(text: str) -> list[str]:
    return [line.rstrip() for line in text.strip("\n").splitlines()]


@pytest.mark.skipif(shutil.which("psql") is None, reason="psql is not installed")
def test_the_examples_of_the_pages_in_their_order(home: Home) -> None:
    for page in PAGES:
        printed: list[str] = []
        for number, (what, language, text) in enumerate(blocks(page)):
            if what.startswith("run"):
                printed = lines(execute(home, what, language, text, number))
            elif what == "gives":
                assert printed == lines(text), page
            else:
                assert printed[-len(lines(text)) :] == lines(text), page
        if page == "README.md":  # the guides go on where `eval "$(slipher env)"` has been typed
            shown = home.run(["slipher", "env", "--format", "dotenv"])
            home.environment |= dict(line.split("=", 1) for line in shown.splitlines())


def test_every_page_with_examples_is_run() -> None:
    marked = {
        str(path.relative_to(ROOT))
        for path in (ROOT / "README.md", *(ROOT / "docs").rglob("*.md"))
        if "<!-- run" in path.read_text()
    }
    assert marked == set(PAGES)


def test_links_between_pages_lead_somewhere() -> None:
    broken = []
    pages = [ROOT / name for name in ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md")]
    for page in (*pages, *(ROOT / "docs").rglob("*.md")):
        for target, anchor in LINK.findall(page.read_text()):
            path = (page.parent / target) if target else page
            if not path.exists():
                broken.append(f"{page.relative_to(ROOT)}: {target}")
            elif anchor and anchor[1:] not in anchors(path.read_text()):
                broken.append(f"{page.relative_to(ROOT)}: {target}{anchor}")
    assert broken == []


def anchors(text: str) -> set[str]:
    """The anchors of a page's headings."""
    heads = re.findall(r"^#+ (.*)$", text, re.M)
    return {re.sub(r"[^\w -]", "", head.lower()).replace(" ", "-") for head in heads}
