"""An operation's result, or an AwsError, becomes an HTTP response in the service's protocol."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any
from xml.sax.saxutils import escape

import orjson
from botocore.model import ListShape, MapShape, OperationModel, Shape, StructureShape

from slipher.aws.models import service
from slipher.base.errors import AwsError


@dataclass(slots=True)
class Response:
    """What goes out: status, header fields, body."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


def serialize_response(model: OperationModel, result: Mapping[str, Any], request_id: str) -> Response:
    """The response of a successful operation. A streaming payload is left to the server: body stays empty."""
    protocol = model.service_model.metadata["protocol"]
    if protocol == "query":
        return _query(model, result, request_id)
    if protocol == "json":
        version = model.service_model.metadata.get("jsonVersion", "1.0")
        body = orjson.dumps(_json(model.output_shape, result) if model.output_shape else {})
        return Response(
            200, {"content-type": f"application/x-amz-json-{version}", "x-amzn-requestid": request_id}, body
        )
    return _rest(model, result, request_id)


def serialize_error(
    service_name: str,
    error: AwsError,
    request_id: str,
    *,
    extended_id: str = "",
    head: bool = False,
    resource: str = "",
) -> Response:
    """The response of a failed operation, in the service's form."""
    metadata = service(service_name).metadata
    protocol = metadata["protocol"]
    headers = dict(error.headers)
    if protocol == "query":
        kind = "Sender" if error.status < 500 else "Receiver"
        body = (
            f'<ErrorResponse xmlns="{metadata.get("xmlNamespace", "")}"><Error><Type>{kind}</Type>'
            f"<Code>{escape(error.code)}</Code><Message>{escape(error.message)}</Message></Error>"
            f"<RequestId>{request_id}</RequestId></ErrorResponse>"
        )
        headers |= {"content-type": "text/xml", "x-amzn-requestid": request_id}
        return Response(error.status, headers, _xml_bytes(body))
    if service_name == "s3":
        extra = "".join(f"<{name}>{escape(text)}</{name}>" for name, text in error.extra.items())
        body = (
            '<?xml version="1.0" encoding="UTF-8"?>\n'
            f"<Error><Code>{escape(error.code)}</Code><Message>{escape(error.message)}</Message>{extra}"
            f"<Resource>{escape(resource)}</Resource><RequestId>{request_id}</RequestId><HostId>{extended_id}</HostId></Error>"
        )
        headers |= {"content-type": "application/xml", "x-amz-request-id": request_id, "x-amz-id-2": extended_id}
        empty = head or error.status == 304
        return Response(error.status, headers, b"" if empty else _xml_bytes(body))
    name = error.code
    if protocol == "json" and metadata.get("targetPrefix", "").startswith("DynamoDB"):
        name = f"com.amazonaws.dynamodb.v20120810#{error.code}"
    version = metadata.get("jsonVersion", "1.0")
    headers |= {
        "content-type": f"application/x-amz-json-{version}",
        "x-amzn-requestid": request_id,
        "x-amzn-errortype": error.code,
    }
    return Response(error.status, headers, orjson.dumps({"__type": name, "message": error.message, **error.extra}))


def _xml_bytes(text: str) -> bytes:
    """UTF-8; characters that XML 1.0 cannot hold become character references that readers may refuse, as S3's do."""
    return "".join(
        char if char in "\t\n\r" or " " <= char <= "\ud7ff" or char >= "\ue000" else f"&#{ord(char)};" for char in text
    ).encode()


def _timestamp(value: datetime | str, form: str) -> str:
    if isinstance(value, str):
        return value
    moment = value.astimezone(UTC)
    if form == "rfc822":
        return str(format_datetime(moment, usegmt=True))
    if form == "unixTimestamp":
        return repr(moment.timestamp())
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


def _text(shape: Shape, value: Any, timestamp_form: str = "iso8601") -> str:
    kind = shape.type_name
    if kind == "boolean":
        return "true" if value else "false"
    if kind == "timestamp":
        return _timestamp(value, shape.serialization.get("timestampFormat", timestamp_form))
    if kind == "blob":
        return base64.b64encode(value).decode()
    return str(value)


def _xml(shape: Shape, value: Any, name: str, out: list[str]) -> None:
    if value is None:
        return
    if isinstance(shape, StructureShape):
        attributes, inner = "", list[str]()
        for member_name, member in shape.members.items():
            item = value.get(member_name)
            if item is None or member.serialization.get("location"):
                continue
            key = member.serialization.get("name", member_name)
            if member.serialization.get("xmlAttribute"):
                attributes += f' {key}="{escape(str(item), {chr(34): "&quot;"})}"'
            else:
                _xml(member, item, key, inner)
        space = shape.serialization.get("xmlNamespace")
        if space:
            prefix = f":{space['prefix']}" if space.get("prefix") else ""
            attributes = f' xmlns{prefix}="{space["uri"]}"' + attributes
        out.append(f"<{name}{attributes}>{''.join(inner)}</{name}>")
    elif isinstance(shape, ListShape):
        if shape.serialization.get("flattened"):
            for item in value:
                _xml(shape.member, item, shape.member.serialization.get("name", name), out)
        else:
            inner = []
            for item in value:
                _xml(shape.member, item, shape.member.serialization.get("name", "member"), inner)
            out.append(f"<{name}>{''.join(inner)}</{name}>")
    elif isinstance(shape, MapShape):
        flat = shape.serialization.get("flattened")
        entries = []
        for key, item in value.items():
            pair: list[str] = []
            _xml(shape.key, key, shape.key.serialization.get("name", "key"), pair)
            _xml(shape.value, item, shape.value.serialization.get("name", "value"), pair)
            entries.append(f"<{name if flat else 'entry'}>{''.join(pair)}</{name if flat else 'entry'}>")
        out.append("".join(entries) if flat else f"<{name}>{''.join(entries)}</{name}>")
    else:
        text = escape(_text(shape, value), {"\r": "&#13;"})
        out.append(f"<{name}>{text}</{name}>")


def _query(model: OperationModel, result: Mapping[str, Any], request_id: str) -> Response:
    inner: list[str] = []
    shape = model.output_shape
    if shape is not None:
        wrapper = shape.serialization.get("resultWrapper")
        _xml(shape, result, wrapper or "Result", inner)
        if wrapper is None:
            inner = []
    body = (
        f'<{model.name}Response xmlns="{model.service_model.metadata.get("xmlNamespace", "")}">{"".join(inner)}'
        f"<ResponseMetadata><RequestId>{request_id}</RequestId></ResponseMetadata></{model.name}Response>"
    )
    return Response(200, {"content-type": "text/xml", "x-amzn-requestid": request_id}, _xml_bytes(body))


def _json(shape: Shape, value: Any) -> Any:
    if value is None:
        return None
    if isinstance(shape, StructureShape):
        return {
            member.serialization.get("name", name): _json(member, value[name])
            for name, member in shape.members.items()
            if value.get(name) is not None
        }
    if isinstance(shape, ListShape):
        return [_json(shape.member, item) for item in value]
    if isinstance(shape, MapShape):
        return {key: _json(shape.value, item) for key, item in value.items()}
    if shape.type_name == "timestamp":
        return (
            value.timestamp()
            if shape.serialization.get("timestampFormat") != "iso8601"
            else _timestamp(value, "iso8601")
        )
    if shape.type_name == "blob":  # text is base64 already: items are kept in their wire form
        return value if isinstance(value, str) else base64.b64encode(value).decode()
    return value


def _rest(model: OperationModel, result: Mapping[str, Any], request_id: str) -> Response:
    shape = model.output_shape
    response = Response(model.http.get("responseCode", 200), {"x-amz-request-id": request_id})
    if shape is None:
        return response
    payload = shape.serialization.get("payload")
    plain = False
    for name, member in shape.members.items():
        value = result.get(name)
        location = member.serialization.get("location")
        key = member.serialization.get("name", name)
        if location == "header":
            if value is not None:
                if isinstance(member, ListShape):
                    response.headers[key.lower()] = ",".join(str(item) for item in value)
                else:
                    response.headers[key.lower()] = _text(member, value, "rfc822")
        elif location == "headers":
            for suffix, text in (value or {}).items():
                response.headers[(key + suffix).lower()] = text
        elif location == "statusCode":
            if value is not None:
                response.status = value
        elif name != payload:
            plain = True
    if payload is not None:
        member = shape.members[payload]
        value = result.get(payload)
        if member.serialization.get("streaming") or value is None:
            return response
        if member.type_name == "blob":
            response.body = value
        elif member.type_name == "string":
            response.body = value.encode()
            response.headers.setdefault("content-type", "application/json")
        else:
            _rest_body(model, member, value, member.serialization.get("name", member.name), response)
    elif plain:
        _rest_body(model, shape, result, shape.serialization.get("name", _root_name(model)), response)
    return response


def _root_name(model: OperationModel) -> str:
    shape = model.output_shape
    if model.service_model.service_name == "s3":
        return S3_ROOTS.get(model.name, str(shape.name).removesuffix("Output") + "Result")
    return str(shape.name)


S3_ROOTS = {  # roots that the model does not name
    "GetBucketLocation": "LocationConstraint",
    "ListBuckets": "ListAllMyBucketsResult",
    "ListObjects": "ListBucketResult",
    "ListObjectsV2": "ListBucketResult",
    "ListObjectVersions": "ListVersionsResult",
    "CreateMultipartUpload": "InitiateMultipartUploadResult",
    "CompleteMultipartUpload": "CompleteMultipartUploadResult",
    "DeleteObjects": "DeleteResult",
    "GetBucketVersioning": "VersioningConfiguration",
    "GetObjectTagging": "Tagging",
}


def _rest_body(model: OperationModel, shape: Shape, value: Any, name: str, response: Response) -> None:
    if model.service_model.metadata["protocol"] == "rest-json":
        response.body = orjson.dumps(_json(shape, value))
        response.headers.setdefault("content-type", "application/json")
        return
    out: list[str] = []
    _xml(shape, value, name, out)
    text = "".join(out)
    if model.name == "GetBucketLocation":  # S3 answers with the constraint as the root's own text
        text = f"<LocationConstraint>{escape(value.get('LocationConstraint') or '')}</LocationConstraint>"
    space = model.service_model.metadata.get("xmlNamespace") or "http://s3.amazonaws.com/doc/2006-03-01/"
    head, _, tail = text.partition(">")
    if " xmlns=" not in head:
        head, slash = (head[:-1], "/") if head.endswith("/") else (head, "")
        text = f'{head} xmlns="{space}"{slash}>{tail}'
    response.body = _xml_bytes('<?xml version="1.0" encoding="UTF-8"?>\n' + text)
    response.headers.setdefault("content-type", "application/xml")
