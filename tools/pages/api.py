"""docs/reference/api.md: the operations of AWS's APIs that the gateway answers."""

from __future__ import annotations

import re

from botocore.session import Session

from pages.page import code, page, table
from slipher.cloud.services import OPERATIONS
from slipher.spec.iam.actions import ACTIONS


def _kebab(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "-", name).lower()


def _permission(service: str, operation: str) -> str:
    needs = ACTIONS.get(service, {}).get(operation)
    if needs is None or needs.action is None:
        return "-"
    return ", ".join(code(action) for action in (needs.action, *(action for _, action in needs.also)))


STATES = {
    "works": "works",
    "record": "record only: stored, shown and checked; nothing else follows from it here",
    "none": "answers that there is none, or that it cannot be, as is true here",
}


def _states(service: str, names: list[str]) -> str:
    """Every operation that the service has on AWS, with its state here."""
    known = OPERATIONS[service]
    rows = [
        (code(name), STATES[known[name].state] if name in known else "501 `NotImplemented`") for name in sorted(names)
    ]
    return table(("operation", "state"), rows)


def make() -> str:
    """The page."""
    session = Session()
    parts = []
    for service, operations in sorted(OPERATIONS.items()):
        total = session.get_service_model(service).operation_names
        known = [name for name in operations if name in total]
        parts.append(f"## {service}: {len(known)} of {len(total)}")
        command = "s3api" if service == "s3" else service
        rows = [
            (
                code(name),
                code(f"aws {command} {_kebab(name)}"),
                _permission(service, name),
                " ".join(operation.takes.split()) or "-",
            )
            for name, operation in sorted(operations.items())
        ]
        parts.append(table(("operation", "aws CLI", "needs permission for", "parameters"), rows))
        if service == "redshift":
            parts.append(f"### All {len(total)} operations of {service}, and their state here")
            parts.append(_states(service, list(total)))
    return page(
        "Operations of AWS's APIs",
        "Every request is signed, and decided by the caller's policies, as on AWS. An operation that is not listed answers HTTP "
        "501 `NotImplemented` and names itself. So does a request with a parameter that is not listed: what is taken has an "
        "effect, or is kept and shown, or is refused by a check of its own. A dash in the third column means that whoever can "
        "sign may ask.",
        *parts,
    )
