"""Values for any shape of botocore's models, as hypothesis strategies."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from botocore.model import ListShape, MapShape, OperationModel, Shape, StructureShape
from hypothesis import strategies as st

# XML 1.0 can hold these; \r is kept by our serialiser as a reference, but not by every client's
TEXT = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cs", "Cc", "Cn"), include_characters="\t\n"), max_size=12
)
HEADER = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=12)
TOKEN = st.text(st.sampled_from("abcdefghijklmnopqrstuvwxyz0123456789-"), min_size=1, max_size=8)
MOMENTS = st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1)).map(
    lambda one: one.replace(microsecond=0, tzinfo=UTC)
)


def scalar(shape: Shape, location: str | None) -> st.SearchStrategy[Any]:
    """Values of a shape without members."""
    kind = shape.type_name
    if kind in ("string", "character"):
        if shape.enum if hasattr(shape, "enum") else None:
            return st.sampled_from(list(shape.enum))
        if location == "uri":
            return TEXT.filter(bool)
        if location in ("header", "headers"):
            return HEADER
        return TEXT
    if kind == "boolean":
        return st.booleans()
    if kind == "integer":
        return st.integers(-(2**31), 2**31 - 1)
    if kind == "long":
        return st.integers(-(2**63), 2**63 - 1)
    if kind in ("float", "double"):
        return st.floats(allow_nan=False, allow_infinity=False, width=32)
    if kind == "timestamp":
        return MOMENTS
    if kind == "blob":
        return st.binary(max_size=12)
    raise AssertionError(kind)


def values(shape: Shape, depth: int = 0, *, keep_empty: bool, location: str | None = None) -> st.SearchStrategy[Any]:
    """Values of any shape. Protocols other than JSON have no way to say that a list, map or structure is there but empty."""
    least = 0 if keep_empty else 1
    if isinstance(shape, StructureShape):
        return structure(shape, depth, keep_empty=keep_empty)
    if isinstance(shape, ListShape):
        if location == "header":
            return st.lists(
                scalar(shape.member, location).filter(lambda one: "," not in str(one)), min_size=1, max_size=3
            )
        return st.lists(values(shape.member, depth + 1, keep_empty=keep_empty), min_size=least, max_size=3)
    if isinstance(shape, MapShape):
        keys = TOKEN if location == "headers" else values(shape.key, keep_empty=keep_empty).filter(bool)
        inner = values(shape.value, depth + 1, keep_empty=keep_empty, location=location)
        return st.dictionaries(keys, inner, min_size=least, max_size=3)
    return scalar(shape, location)


def _ends(shape: Shape) -> bool:
    return not isinstance(shape, StructureShape | ListShape | MapShape)


def structure(shape: StructureShape, depth: int, *, keep_empty: bool) -> st.SearchStrategy[dict[str, Any]]:
    """Dictionaries of a structure; unions hold one member; deep ones hold scalars only."""
    members = {
        name: member
        for name, member in shape.members.items()
        if (depth < 4 or _ends(member)) and not member.serialization.get("eventpayload") and not _events(member)
    }
    fields = {
        name: values(member, depth + 1, keep_empty=keep_empty, location=member.serialization.get("location"))
        for name, member in members.items()
    }
    if getattr(shape, "is_tagged_union", False) or shape.name == "AttributeValue":
        return st.one_of([inner.map(lambda one, name=name: {name: one}) for name, inner in fields.items()])
    required = {name: fields.pop(name) for name in list(fields) if name in shape.required_members}
    least = 0 if keep_empty or required or not fields else 1

    def chosen(names: list[str]) -> st.SearchStrategy[dict[str, Any]]:
        return st.fixed_dictionaries(required | {name: fields[name] for name in names})

    if not fields:
        return st.fixed_dictionaries(required)
    picks = st.lists(st.sampled_from(sorted(fields)), min_size=least, max_size=6, unique=True)
    return picks.flatmap(chosen)


def _events(shape: Shape) -> bool:
    return bool(getattr(shape, "is_eventstream", False) or shape.serialization.get("eventstream"))


def inputs(model: OperationModel) -> st.SearchStrategy[dict[str, Any]]:
    """Inputs of an operation."""
    if model.input_shape is None:
        return st.just({})
    return structure(model.input_shape, 0, keep_empty=model.service_model.metadata["protocol"] == "json")


def outputs(model: OperationModel) -> st.SearchStrategy[dict[str, Any]]:
    """Outputs of an operation."""
    if model.output_shape is None:
        return st.just({})
    return structure(model.output_shape, 0, keep_empty=model.service_model.metadata["protocol"] == "json")
