"""Builds the web console into the package: `python tools/console.py`; `--check` says whether the assets are its sources'.

The assets are committed, so that installing needs no Node.js. They carry a hash of what they were made from (console/'s files
without its tests and README): --check compares that, without Node.js; `--rebuild` builds anew elsewhere and compares bytes.
"""

from __future__ import annotations

import argparse
import hashlib
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
SOURCE = ROOT / "console"
ASSETS = ROOT / "src" / "slipher" / "console"
MARK = "SOURCES"  # the file that has the hash
WHAT = ("index.html", "package.json", "package-lock.json", "tsconfig.json", "vite.config.ts", "public/**/*", "src/**/*")


def sources_hash() -> str:
    """A hash of the names and bytes of what the assets are made from."""
    found = sorted(
        {path for pattern in WHAT for path in SOURCE.glob(pattern) if path.is_file() and ".test." not in path.name}
    )
    total = hashlib.sha256()
    for path in found:
        content = path.read_bytes()
        total.update(f"{path.relative_to(SOURCE).as_posix()} {len(content)}\n".encode())
        total.update(content)
    return total.hexdigest()


def build(into: Path) -> None:
    """Type-check and build."""
    modules = SOURCE / "node_modules"
    if not modules.exists():
        raise SystemExit("console/node_modules is missing: run npm ci in console/ (make console does)")
    for command in (
        ["tsc", "--noEmit"],
        ["vite", "build", "--outDir", str(into), "--emptyOutDir", "--logLevel", "warn"],
    ):
        subprocess.run([str(modules / ".bin" / command[0]), *command[1:]], cwd=SOURCE, check=True)
    (into / MARK).write_text(sources_hash() + "\n")


def differences(one: Path, other: Path) -> list[str]:
    """Files that are not the same in both folders."""
    names = {
        path.relative_to(folder).as_posix() for folder in (one, other) for path in folder.rglob("*") if path.is_file()
    }
    return sorted(
        name
        for name in names
        if not (one / name).is_file()
        or not (other / name).is_file()
        or (one / name).read_bytes() != (other / name).read_bytes()
    )


def main() -> int:
    """Build or check; 1 where the assets are not those of the sources."""
    parser = argparse.ArgumentParser(description="Build the web console's assets.")
    parser.add_argument("--check", action="store_true", help="build nothing; compare the hash of the sources")
    parser.add_argument("--rebuild", action="store_true", help="build elsewhere, and compare the bytes")
    chosen = parser.parse_args()
    if not chosen.check and not chosen.rebuild:
        build(ASSETS)
        return 0
    mark = ASSETS / MARK
    if not mark.is_file() or mark.read_text().strip() != sources_hash():
        print("src/slipher/console is not made from console/ as it is: run make console", file=sys.stderr)
        return 1
    if chosen.rebuild:
        with tempfile.TemporaryDirectory() as folder:
            build(Path(folder))
            differing = differences(ASSETS, Path(folder))
        if differing:
            print("built anew, these differ:", *differing, sep="\n  ", file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
