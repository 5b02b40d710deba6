"""An HTTP request becomes an operation's input: values named and typed as botocore's clients give them.

A streaming payload is left out: whoever serves the request has the stream.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import unquote
from xml.etree import ElementTree

import orjson
from botocore.model import ListShape, MapShape, OperationModel, Shape, StructureShape

from slipher.aws.models import service
from slipher.base.errors import AwsError

Values = dict[str, Any]
UNREADABLE = (  # what reading a malformed request can raise, nesting without end and times beyond the calendar among it
    ValueError,
    TypeError,
    AttributeError,
    LookupError,
    ArithmeticError,
    OSError,
    RecursionError,
    binascii.Error,
    ElementTree.ParseError,
)


def parse_request(
    model: OperationModel,
    path: Mapping[str, str],
    query: Mapping[str, str],
    headers: Mapping[str, str],
    form: Mapping[str, str],
    body: bytes,
    repeated: Mapping[str, list[str]] | None = None,
) -> Values:
    """The input of `model`'s operation; raises AwsError in the protocol's own form for what cannot be read.

    `repeated` has the parameters of the query that come more than once, which are the values of a list.
    """
    shape = model.input_shape
    if shape is None:
        return {}
    protocol = model.service_model.metadata["protocol"]
    try:
        if protocol == "query":
            values = _from_form(shape, {**query, **form}, "") or {}
        elif protocol == "json":
            values = _from_json(shape, orjson.loads(body or b"{}"))
        else:
            values = _from_rest(model, shape, path, query, headers, body, repeated or {})
    except AwsError:
        raise
    except UNREADABLE as error:
        raise _malformed(model, error) from error
    if not isinstance(values, dict):
        raise _malformed(model, ValueError("not an object"))
    return values


def _malformed(model: OperationModel, error: Exception) -> AwsError:
    if model.service_model.service_name == "s3":
        return AwsError(
            "MalformedXML", "The XML you provided was not well-formed or did not validate against our published schema"
        )
    if model.service_model.metadata["protocol"] == "query":
        return AwsError("MalformedInput", "The request could not be parsed.")
    return AwsError("SerializationException", "The request could not be parsed.")


def check_required(model: OperationModel, values: Mapping[str, Any]) -> None:
    """Refuse an input without its required members, in the words of the service."""
    shape = model.input_shape
    missing = [name for name in shape.required_members if values.get(name) is None] if shape else []
    streaming = model.get_streaming_input()
    missing = [name for name in missing if streaming is None or shape.members[name] is not streaming]
    if not missing:
        return
    kind = model.service_model.service_name
    if kind == "s3":
        raise AwsError("InvalidRequest", f"Missing required parameter: {missing[0]}")
    if kind == "redshift":
        raise AwsError("MissingParameter", f"The request must contain the parameter {missing[0]}")
    texts = [
        f"Value null at '{name[0].lower() + name[1:]}' failed to satisfy constraint: Member must not be null"
        for name in missing
    ]
    count = f"{len(texts)} validation error{'s' if len(texts) > 1 else ''} detected: "
    json = model.service_model.metadata["protocol"] == "json"
    raise AwsError("ValidationException" if json else "ValidationError", count + "; ".join(texts))


# --- scalars ---------------------------------------------------------------------------------------------------------


def _boolean(text: str) -> bool:
    if text.lower() not in ("true", "false"):
        raise ValueError(text)
    return text.lower() == "true"


def _timestamp(text: str) -> datetime:
    if re.fullmatch(r"-?\d+(\.\d+)?", text):
        return datetime.fromtimestamp(float(text), UTC)
    if "," in text:
        return parsedate_to_datetime(text).astimezone(UTC)
    found = datetime.fromisoformat(text.replace("Z", "+00:00"))
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def _blob(text: str) -> bytes:
    return base64.b64decode(text, validate=True)


SCALARS: dict[str, Callable[[str], Any]] = {
    "string": str,
    "character": str,
    "boolean": _boolean,
    "integer": int,
    "long": int,
    "float": float,
    "double": float,
    "timestamp": _timestamp,
    "blob": _blob,
}


# --- query: one flat map of dotted names --------------------------------------------------------------------------------


def _from_form(shape: Shape, form: Mapping[str, str], prefix: str) -> Any:
    if isinstance(shape, StructureShape):
        found = {}
        for name, member in shape.members.items():
            value = _from_form(member, form, _join(prefix, member.serialization.get("name", name)))
            if value is not None:
                found[name] = value
        return found if found or not prefix or f"{prefix}" in form else None
    if isinstance(shape, ListShape):
        if form.get(prefix) == "":
            return []
        if shape.serialization.get("flattened"):
            stem = prefix.rsplit(".", 1)[0] + "." if "." in prefix else ""
            stem = stem + shape.member.serialization["name"] if "name" in shape.member.serialization else prefix
        else:
            stem = _join(prefix, shape.member.serialization.get("name", "member"))
        items = []
        for number in _numbers(form, stem):
            items.append(_from_form(shape.member, form, f"{stem}.{number}"))
        return items or None
    if isinstance(shape, MapShape):
        stem = prefix if shape.serialization.get("flattened") else _join(prefix, "entry")
        pairs = {}
        for number in _numbers(form, stem):
            key = form[f"{stem}.{number}.{shape.key.serialization.get('name', 'key')}"]
            pairs[key] = _from_form(
                shape.value, form, f"{stem}.{number}.{shape.value.serialization.get('name', 'value')}"
            )
        return pairs or None
    text = form.get(prefix)
    return None if text is None else SCALARS[shape.type_name](text)


def _join(prefix: str, name: str) -> str:
    return f"{prefix}.{name}" if prefix else name


def _numbers(form: Mapping[str, str], stem: str) -> list[int]:
    found = set()
    for name in form:
        if name.startswith(stem + "."):
            number = name[len(stem) + 1 :].partition(".")[0]
            if number.isdigit():
                found.add(int(number))
    return sorted(found)


# --- json ---------------------------------------------------------------------------------------------------------------


def _from_json(shape: Shape, value: Any) -> Any:
    if value is None:
        return None
    if isinstance(shape, StructureShape):
        if not isinstance(value, dict):
            raise ValueError(shape.name)
        if shape.is_document_type:
            return value
        found = {}
        for name, member in shape.members.items():
            item = value.get(member.serialization.get("name", name))
            if item is not None:
                found[name] = _from_json(member, item)
        return found
    if isinstance(shape, ListShape):
        if not isinstance(value, list):
            raise ValueError(shape.name)
        return [_from_json(shape.member, item) for item in value]
    if isinstance(shape, MapShape):
        return {key: _from_json(shape.value, item) for key, item in value.items()}
    if shape.type_name == "timestamp":
        return _timestamp(str(value))
    if shape.type_name == "blob":
        return _blob(value)
    if shape.type_name in ("string", "character") and not isinstance(value, str):
        raise ValueError(shape.name)
    if shape.type_name in ("integer", "long") and (isinstance(value, bool) or not isinstance(value, int)):
        raise ValueError(shape.name)
    if shape.type_name == "boolean" and not isinstance(value, bool):
        raise ValueError(shape.name)
    return value


# --- rest -----------------------------------------------------------------------------------------------------------------


def _from_rest(
    model: OperationModel,
    shape: StructureShape,
    path: Mapping[str, str],
    query: Mapping[str, str],
    headers: Mapping[str, str],
    body: bytes,
    repeated: Mapping[str, list[str]],
) -> Values:
    found: Values = {}
    payload = shape.serialization.get("payload")
    plain: dict[str, Shape] = {}
    for name, member in shape.members.items():
        location = member.serialization.get("location")
        key = member.serialization.get("name", name)
        if location == "uri":
            if key in path:
                found[name] = SCALARS[member.type_name](path[key])
        elif location == "querystring":
            if isinstance(member, ListShape):
                if key in query:
                    found[name] = [SCALARS[member.member.type_name](one) for one in repeated.get(key, [query[key]])]
            elif key in query:
                found[name] = SCALARS[member.type_name](query[key])
        elif location == "header":
            if key.lower() in headers:
                text = headers[key.lower()]
                if isinstance(member, ListShape):
                    found[name] = [part.strip() for part in text.split(",") if part.strip()]
                else:
                    found[name] = SCALARS[member.type_name](text)
        elif location == "headers":
            stem = key.lower()
            pairs = {header[len(stem) :]: text for header, text in headers.items() if header.startswith(stem)}
            if pairs:
                found[name] = pairs
        elif name != payload:
            plain[name] = member
    if payload is not None:
        member = shape.members[payload]
        if member.serialization.get("streaming"):
            return found
        if member.type_name == "blob":
            found[payload] = body
        elif member.type_name == "string":
            found[payload] = body.decode()
        elif body:
            found[payload] = _body(model, member, body)
    elif plain and body:
        found.update(_body(model, shape, body))
    return found


def _body(model: OperationModel, shape: Shape, body: bytes) -> Any:
    if model.service_model.metadata["protocol"] == "rest-json":
        return _from_json(shape, orjson.loads(body))
    return _from_xml(shape, parse_xml(body))


def parse_xml(body: bytes) -> ElementTree.Element:
    """The root element; a document type declaration is refused, and with it every entity of its own."""
    if b"<!DOCTYPE" in body or b"<!ENTITY" in body:
        raise AwsError("MalformedXML", "The XML you provided was not well-formed or did not validate.")
    return ElementTree.fromstring(body)


def local_name(element: ElementTree.Element) -> str:
    """An element's name without its namespace."""
    return element.tag.rpartition("}")[2]


def _from_xml(shape: Shape, element: ElementTree.Element) -> Any:
    if isinstance(shape, StructureShape):
        found: Values = {}
        children: dict[str, list[ElementTree.Element]] = {}
        for child in element:
            children.setdefault(local_name(child), []).append(child)
        for name, member in shape.members.items():
            if member.serialization.get("location") in ("header", "headers", "uri", "querystring"):
                continue
            key = member.serialization.get("name", name)
            if member.serialization.get("xmlAttribute"):
                wanted = key.rpartition(":")[2]
                for attribute, text in element.attrib.items():
                    if attribute.rpartition("}")[2] == wanted:
                        found[name] = text
                continue
            if isinstance(member, ListShape) and member.serialization.get("flattened"):
                key = member.member.serialization.get("name", key)
                if key in children:
                    found[name] = [_from_xml(member.member, child) for child in children[key]]
            elif key in children:
                found[name] = _from_xml(member, children[key][0])
        return found
    if isinstance(shape, ListShape):
        return [_from_xml(shape.member, child) for child in element]
    if isinstance(shape, MapShape):
        pairs = {}
        for entry in element:
            parts = list(entry)
            pairs[parts[0].text or ""] = _from_xml(shape.value, parts[1])
        return pairs
    return SCALARS[shape.type_name](element.text or "")


def unquote_copy_source(text: str) -> tuple[str, str]:
    """Bucket and key of an x-amz-copy-source header."""
    bucket, _, key = unquote(text.partition("?")[0]).lstrip("/").partition("/")
    return bucket, key


__all__ = ["check_required", "parse_request", "parse_xml", "service", "unquote_copy_source"]
