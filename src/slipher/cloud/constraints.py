"""The constraints that the service's model puts on members (lengths, ranges, patterns, enumerations), in AWS's words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from botocore.model import ListShape, Shape, StructureShape

from slipher.aws import models
from slipher.base.errors import AwsError
from slipher.cloud.call import Call


def invalid(message: str) -> AwsError:
    """ValidationException."""
    return AwsError("ValidationException", message)


def check(call: Call) -> None:
    """ValidationException for the first members that are not as the model says."""
    shape = models.operation(call.service, call.operation).input_shape
    found = list(_broken(shape, call.params, ""))
    if found:
        count = f"{len(found)} validation error{'s' if len(found) > 1 else ''} detected: "
        raise invalid(count + "; ".join(found))


def _broken(shape: Shape | None, value: Any, path: str) -> Iterator[str]:
    if isinstance(shape, StructureShape):
        for name, member in shape.members.items():
            here = name[0].lower() + name[1:] if not path else f"{path}.{name}"
            if value.get(name) is not None:
                yield from _broken(member, value[name], here)
            elif path and name in shape.required_members:
                yield f"Value null at '{here}' failed to satisfy constraint: Member must not be null"
    elif isinstance(shape, ListShape):
        yield from _bounds(shape, value, len(value), path, "length")
        for number, item in enumerate(value, 1):
            here = f"{path}.{number}.member"
            if item is None:
                yield f"Value null at '{here}' failed to satisfy constraint: Member must not be null"
            else:
                yield from _broken(shape.member, item, here)
    elif shape is not None and shape.type_name == "string":
        yield from _bounds(shape, value, len(value), path, "length")
        pattern, values = shape.metadata.get("pattern"), shape.metadata.get("enum")
        if pattern and not re.fullmatch(pattern, value):
            yield _told(value, path, f"Member must satisfy regular expression pattern: {pattern}")
        if values and value not in values:
            yield _told(value, path, f"Member must satisfy enum value set: [{', '.join(values)}]")
    elif shape is not None and shape.type_name == "integer":
        yield from _bounds(shape, value, value, path, "value")


def _bounds(shape: Shape, value: Any, size: int, path: str, what: str) -> Iterator[str]:
    low, high = shape.metadata.get("min"), shape.metadata.get("max")
    if low is not None and size < low:
        yield _told(value, path, f"Member must have {what} greater than or equal to {low}")
    if high is not None and size > high:
        yield _told(value, path, f"Member must have {what} less than or equal to {high}")


def _told(value: Any, path: str, rule: str) -> str:
    return f"Value '{str(value)[:200]}' at '{path}' failed to satisfy constraint: {rule}"
