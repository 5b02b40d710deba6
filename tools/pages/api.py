"""docs/reference/api.md: the operations of AWS's APIs that the gateway answers."""

from __future__ import annotations

import re

from botocore.session import Session

from pages.page import code, page, table
from slipher.cloud.services import OPERATIONS


def _kebab(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "-", name).lower()


def make() -> str:
    """The page."""
    session = Session()
    parts = []
    for service, operations in sorted(OPERATIONS.items()):
        total = session.get_service_model(service).operation_names
        known = [name for name in operations if name in total]
        parts.append(f"## {service}: {len(known)} of {len(total)}")
        rows = [
            (
                code(name),
                code(f"aws {'s3api' if service == 's3' else service} {_kebab(name)}"),
                code(operation.action or "-"),
            )
            for name, operation in sorted(operations.items())
        ]
        parts.append(table(("operation", "aws CLI", "needs permission for"), rows))
    return page(
        "Operations of AWS's APIs",
        "Every request is signed, and decided by the caller's policies, as on AWS. An operation that is not listed answers HTTP "
        "501 `NotImplemented` and names itself; so does a parameter whose effect is not there yet. A dash in the last column "
        "means that the operation needs no permission, or decides by itself.",
        *parts,
    )
