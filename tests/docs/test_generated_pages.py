"""The generated pages are current, and an entry of the product without words in them is an error."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def run(*arguments: str, before: str = "") -> subprocess.CompletedProcess[str]:
    """tools/docs.py, after some lines of Python that change the product's tables."""
    script = (
        "import sys; sys.path.insert(0, 'tools')\n"
        f"{before}\n"
        f"sys.argv = ['docs.py', *{list(arguments)!r}]\n"
        "import docs; sys.exit(docs.main())"
    )
    return subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )


def test_every_page_is_current() -> None:
    done = run("--check")
    assert done.returncode == 0, f"{done.stderr}\nrun: python tools/docs.py"


@pytest.mark.parametrize(
    ("before", "said"),
    [
        (
            "from slipher.sql.parse.copy import VALUES; VALUES['NEWOPTION'] = None",
            "docs/reference/copy.md: tools/pages/words.py says nothing about the COPY option NEWOPTION",
        ),
        (
            "from slipher.sql.parse.unload import OPTIONS; OPTIONS['NEWOPTION'] = None",
            "docs/reference/unload.md: tools/pages/words.py says nothing about the UNLOAD option NEWOPTION",
        ),
        (
            "from slipher.sql.functions import BY_NAME; BY_NAME['new_function'] = BY_NAME['lower']",
            "docs/reference/functions.md is not current",
        ),
        (
            "from slipher.cloud import sts; sts.OPERATIONS['GetFederationToken'] = sts.OPERATIONS['GetSessionToken']",
            "docs/reference/api.md is not current",
        ),
        (
            "from slipher.warehouse.session import parameters as p; p.PARAMETERS += (p.Parameter('new_setting', '1'),)",
            "docs/reference/settings.md is not current",
        ),
        (
            "import slipher.sql.parse.parse as _; p = sys.modules['slipher.sql.parse.parse']\n"
            "p.STATEMENTS += ((('NEWSTATEMENT',), None),)",
            "has no example of the statement NEWSTATEMENT",
        ),
    ],
)
def test_what_the_docs_do_not_name_is_an_error(before: str, said: str) -> None:
    done = run("--check", before=before)
    assert done.returncode == 1
    assert said in done.stderr
