"""Prints the module map: `python tools/modules.py [PACKAGE]`, each module with its purpose, which is its first sentence."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent / "src" / "slipher"

for path in sorted((ROOT / "".join(sys.argv[1:2])).rglob("*.py")):
    words = ast.get_docstring(ast.parse(path.read_text())) or ""
    print(f"{path.relative_to(ROOT)}: {' '.join(words.split(chr(10) * 2)[0].split())}")
