"""Writes the generated pages of docs/: `python tools/docs.py`, and `python tools/docs.py --check` says which are not current.

The lists come from the tables that the product runs by; what is said about an entry comes from tools/pages/words.py. An entry
without words is an error here, so that nothing can be in the product and not in the docs. After a merge conflict in a
generated page, run this again.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from pages import (
    api,
    command,
    compatibility,
    decisions,
    functions,
    load_codes,
    options,
    relations,
    settings,
    statements,
    types,
)
from pages.page import Missing

ROOT = Path(__file__).parent.parent
PAGES = {
    "docs/compatibility.md": compatibility.make,
    "docs/decisions/README.md": decisions.make,
    "docs/reference/api.md": api.make,
    "docs/reference/command.md": command.make,
    "docs/reference/copy.md": options.copy_page,
    "docs/reference/functions.md": functions.make,
    "docs/reference/load-error-codes.md": load_codes.make,
    "docs/reference/settings.md": settings.make,
    "docs/reference/statements.md": statements.make,
    "docs/reference/system-relations.md": relations.make,
    "docs/reference/types.md": types.make,
    "docs/reference/unload.md": options.unload_page,
}


def main() -> int:
    """Write or check; 1 if a page is not current, or an entry has no words."""
    parser = argparse.ArgumentParser(description="Write the generated pages of docs/.")
    parser.add_argument("--check", action="store_true", help="write nothing; say what is not current")
    check = parser.parse_args().check
    stale = []
    for name, make in PAGES.items():
        try:
            text = make()
        except Missing as missing:
            print(f"{name}: {missing}", file=sys.stderr)
            stale.append(name)
            continue
        path = ROOT / name
        if path.exists() and path.read_text() == text:
            continue
        if check:
            print(f"{name} is not current: run python tools/docs.py", file=sys.stderr)
            stale.append(name)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
            print(f"wrote {name}")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
