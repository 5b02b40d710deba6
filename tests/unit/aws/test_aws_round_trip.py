"""What botocore's serialisers write, our parser reads; what our serialiser writes, botocore's parsers read: no value is lost.

For every operation that has a handler, with inputs and outputs generated from the shapes of botocore's models.
"""

from __future__ import annotations

import io
from typing import Any
from urllib.parse import parse_qsl, urlencode
from xml.etree import ElementTree

import botocore.parsers
import botocore.serialize
import pytest
from aws_shapes import inputs, outputs
from botocore.awsrequest import HeadersDict, prepare_request_dict
from botocore.model import OperationModel
from hypothesis import HealthCheck, given, settings, strategies as st

from slipher.aws import models
from slipher.aws.parse import parse_request
from slipher.aws.route import parse_query, repeated_query, route
from slipher.aws.serialize import serialize_response
from slipher.cloud.services import OPERATIONS

NAMES = [(service, name) for service, table in OPERATIONS.items() for name in table]
SETTINGS = settings(max_examples=10, suppress_health_check=list(HealthCheck), derandomize=True, database=None)
BUCKET = st.text(st.sampled_from("abcdefghijklmnopqrstuvwxyz0123456789-"), min_size=3, max_size=12)


def read_back(model: OperationModel, sent: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """What our router and parser make of an input that botocore's serialiser wrote."""
    service = model.service_model
    serializer = botocore.serialize.create_serializer(service.metadata["protocol"], include_validation=False)
    request = serializer.serialize_to_request(sent, model)
    request["context"] = {}
    prepare_request_dict(request, endpoint_url="http://127.0.0.1:4566")
    url, body = request["url"].removeprefix("http://127.0.0.1:4566"), request["body"]
    if isinstance(body, dict):  # botocore's query form, encoded by its HTTP layer
        body = urlencode(body).encode()
    elif isinstance(body, str):
        body = body.encode()
    elif hasattr(body, "read"):
        body = body.read()
    headers = {name.lower(): _text(value) for name, value in request["headers"].items()}
    path, _, query_string = url.partition("?")
    query = parse_query(query_string)
    form = dict(parse_qsl(body.decode(), keep_blank_values=True)) if service.metadata["protocol"] == "query" else {}
    routed = route(service.signing_name, request["method"], path, query, headers, form)
    return routed.operation, parse_request(
        model, routed.path, query, headers, form, body or b"", repeated_query(query_string)
    )


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


def _without_payload(model: OperationModel, sent: dict[str, Any]) -> dict[str, Any]:
    shape = model.input_shape
    streaming = model.get_streaming_input()
    return {name: one for name, one in sent.items() if streaming is None or shape.members[name] is not streaming}


@pytest.mark.parametrize(("service", "name"), NAMES, ids=[".".join(pair) for pair in NAMES])
@SETTINGS
@given(data=st.data())
def test_input(service: str, name: str, data: st.DataObject) -> None:
    model = models.operation(service, name)
    sent = data.draw(inputs(model))
    if service == "s3":  # a bucket's name is part of the address: only its own letters can be there
        if "Bucket" in sent:
            sent["Bucket"] = data.draw(BUCKET)
        if name == "CopyObject":
            sent["CopySource"] = "bucket/key"
    operation, got = read_back(model, sent)
    assert operation == name
    assert got == _without_payload(model, sent)


@pytest.mark.parametrize(("service", "name"), NAMES, ids=[".".join(pair) for pair in NAMES])
@SETTINGS
@given(data=st.data())
def test_output(service: str, name: str, data: st.DataObject) -> None:
    model = models.operation(service, name)
    result = data.draw(outputs(model))
    response = serialize_response(model, result, "the-request-id")
    shape = model.output_shape
    streaming = shape is not None and shape.serialization.get("payload") in (
        member for member in shape.members if shape.members[member].serialization.get("streaming")
    )
    parser = botocore.parsers.create_parser(model.service_model.metadata["protocol"])
    body: Any = response.body
    if streaming:
        body = io.BytesIO(result.pop(shape.serialization["payload"], b""))
    got = parser.parse({"status_code": response.status, "headers": HeadersDict(response.headers), "body": body}, shape)
    got.pop("ResponseMetadata")
    if name == "GetBucketLocation":  # the model lies; botocore reads the root's own text by a handler
        got["LocationConstraint"] = ElementTree.fromstring(response.body).text
    if streaming:
        got.pop(shape.serialization["payload"])
    assert _same(got) == _same(result)


def _same(value: Any) -> Any:
    """Values without members that are empty: XML cannot tell an absent list from an empty one, and botocore adds both."""
    if isinstance(value, dict):
        return {key: inner for key, one in value.items() if (inner := _same(one)) not in ({}, [], None, "")}
    if isinstance(value, list):
        return [_same(one) for one in value]
    if hasattr(value, "timestamp"):
        return value.timestamp()
    return value
