"""The generated pages are current, and an entry of the product without words in them is an error."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

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


NEW = """
from slipher.sql.parse.copy import VALUES; VALUES["NEWOPTION"] = None
from slipher.sql.parse.unload import OPTIONS; OPTIONS["NEWOPTION"] = None
from slipher.sql.functions import BY_NAME; BY_NAME["new_function"] = BY_NAME["lower"]
from slipher.cloud import sts; sts.OPERATIONS["NewOperation"] = sts.OPERATIONS["GetSessionToken"]
from slipher.warehouse.session import parameters as p; p.PARAMETERS += (p.Parameter("new_setting", "1"),)
import slipher.sql.parse.parse; m = sys.modules["slipher.sql.parse.parse"]; m.STATEMENTS += ((("NEWSTATEMENT",), None),)
"""


def test_what_the_docs_do_not_name_is_an_error() -> None:
    done = run("--check", before=NEW)
    assert done.returncode == 1
    for said in (
        "docs/reference/copy.md: tools/pages/words.py says nothing about the COPY option NEWOPTION",
        "docs/reference/unload.md: tools/pages/words.py says nothing about the UNLOAD option NEWOPTION",
        "docs/reference/functions.md is not current",
        "docs/reference/api.md is not current",
        "docs/reference/settings.md is not current",
        "docs/reference/statements.md: tools/pages/words.py has no example of the statement NEWSTATEMENT",
    ):
        assert said in done.stderr
