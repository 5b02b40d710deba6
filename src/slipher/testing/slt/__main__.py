"""`python -m slipher.testing.slt FILES [--rewrite]`: run .slt files on an instance of their own."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from slipher.testing.instance import start
from slipher.testing.slt.run import run_file


def main() -> int:
    """Run; 1 if anything differs."""
    parser = argparse.ArgumentParser(prog="python -m slipher.testing.slt", description=__doc__)
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help=".slt files, or folders of them")
    parser.add_argument("--rewrite", action="store_true", help="write what came into the files (never ok for error)")
    options = parser.parse_args()
    files = [file for path in options.files for file in (sorted(path.rglob("*.slt")) if path.is_dir() else [path])]
    failed = False
    with start() as instance:
        for file in files:
            problems = run_file(instance, file, rewrite=options.rewrite)
            failed = failed or bool(problems)
            print(f"{'FAIL' if problems else 'ok  '} {file}")
            for problem in problems:
                print(problem)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
