"""Pages of lists, as AWS cuts them: an opaque marker that names the last item of the page before."""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from slipher.base.errors import AwsError

T = TypeVar("T")


def encode(name: str) -> str:
    """A marker."""
    return base64.urlsafe_b64encode(name.encode()).decode()


def decode(marker: str) -> str:
    """The name in a marker."""
    try:
        return base64.b64decode(marker.encode(), b"-_", validate=True).decode()
    except ValueError:
        raise AwsError("ValidationError", "Invalid Marker.") from None


def iam_page(items: Sequence[T], params: Any, member: str, key: Callable[[T], str]) -> dict[str, Any]:
    """A page by Marker and MaxItems: {member: items, IsTruncated, Marker}. `items` are sorted by `key`."""
    limit = params.get("MaxItems")
    limit = 100 if limit is None else limit
    if not 1 <= limit <= 1000:
        bound = "greater than or equal to 1" if limit < 1 else "less than or equal to 1000"
        raise AwsError(
            "ValidationError",
            f"1 validation error detected: Value '{limit}' at 'maxItems' failed to satisfy constraint: "
            f"Member must have value {bound}",
        )
    after = decode(params["Marker"]) if params.get("Marker") else None
    rest = [item for item in items if after is None or key(item) > after]
    page = rest[:limit]
    result: dict[str, Any] = {member: page, "IsTruncated": len(rest) > limit}
    if len(rest) > limit:
        result["Marker"] = encode(key(page[-1]))
    return result
