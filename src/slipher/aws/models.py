"""botocore's service models, loaded at first use."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Any

from botocore.loaders import Loader
from botocore.model import OperationModel, ServiceModel

SERVICES: dict[str, str] = {  # signing name -> botocore's service name, and the target prefix of json services
    "iam": "iam",
    "sts": "sts",
    "s3": "s3",
    "dynamodb": "dynamodb",
    "redshift": "redshift",
    "redshift-data": "redshift-data",
    "redshift-serverless": "redshift-serverless",
    "secretsmanager": "secretsmanager",
    "kms": "kms",
    "scheduler": "scheduler",
    "cloudtrail": "cloudtrail",
}


@cache
def service(name: str) -> ServiceModel:
    """The model of a service by its signing name; KeyError for one that is not known here."""
    return ServiceModel(Loader().load_service_model(SERVICES[name], "service-2"), SERVICES[name])


@cache
def operation(service_name: str, operation_name: str) -> OperationModel:
    """An operation's model."""
    return service(service_name).operation_model(operation_name)


@dataclass(frozen=True, slots=True)
class HttpRoute:
    """A rest operation's address: method, path pattern, and the query parameters that must be there."""

    operation: str
    method: str
    path: re.Pattern[str]
    query: tuple[tuple[str, str | None], ...]
    weight: int


@cache
def http_routes(service_name: str) -> tuple[HttpRoute, ...]:
    """The addresses of a rest service's operations, the most particular first."""
    found = []
    model = service(service_name)
    for name in model.operation_names:
        http: dict[str, Any] = model.operation_model(name).http
        path, _, query = http["requestUri"].partition("?")
        required: list[tuple[str, str | None]] = []
        for part in filter(None, query.split("&")):
            key, sep, value = part.partition("=")
            required.append((key, value if sep else None))
        shape = model.operation_model(name).input_shape
        for member in shape.required_members if shape else ():
            serialization = shape.members[member].serialization
            if serialization.get("location") == "querystring":
                required.append((serialization["name"], None))
        expression = re.sub(r"\\\{(\w+)\\\+\\\}", r"(?P<\1>.+)", re.escape(path))
        expression = re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+)", expression)
        found.append(
            HttpRoute(
                name,
                http["method"],
                re.compile(expression if "{Key" in path else expression + "/?", re.S),
                tuple(required),
                len(required) * 10 + path.count("{"),
            )
        )
    return tuple(sorted(found, key=lambda route: -route.weight))
