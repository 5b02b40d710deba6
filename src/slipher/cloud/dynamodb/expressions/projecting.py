"""The parts of an item that a projection names, in their places."""

from __future__ import annotations

from typing import Any

from slipher.cloud.dynamodb.expressions.evaluate import Item, resolve
from slipher.cloud.dynamodb.expressions.nodes import Path


def project(paths: list[Path] | None, item: Item) -> Item:
    """What the paths name: maps keep their names, lists only the members asked for, in their order."""
    if paths is None:
        return item
    tree: dict[Any, Any] = {}
    for path in paths:
        if resolve(item, path) is None:
            continue
        place = tree
        for part in path.parts[:-1]:
            place = place.setdefault(part, {})
        place[path.parts[-1]] = None
    return {str(name): _cut(item[str(name)], inner) for name, inner in tree.items()}


def _cut(value: Any, tree: dict[Any, Any] | None) -> Any:
    if tree is None:
        return value
    if "M" in value:
        return {"M": {name: _cut(value["M"][name], inner) for name, inner in tree.items()}}
    return {"L": [_cut(value["L"][index], tree[index]) for index in sorted(tree)]}
