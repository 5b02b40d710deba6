"""Encoded authorization messages: why a request was denied, readable by who may decode them and by nobody else."""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Sequence
from typing import Any

from slipher.base.errors import AwsError
from slipher.cloud.context import Gateway
from slipher.cloud.vault import Unreadable
from slipher.policy.evaluate import Decision, Request

BELONGS_TO = "authorization message"


def encode(gateway: Gateway, user_id: str, request: Request, decision: Decision) -> str:
    """A denial as an encoded message."""
    statements = [{"sourcePolicyId": one.policy, "statementId": one.sid, "effect": "ALLOW" if one.allow else "DENY"}
                  for one in decision.matches]  # fmt: skip
    text = {
        "allowed": decision.allowed,
        "explicitDeny": decision.reason == "explicit_deny",
        "matchedStatements": {"items": statements},
        "failures": {"items": []},
        "context": {
            "principal": {"id": user_id, "arn": request.principal.arn},
            "action": request.action,
            "resource": request.resource,
            "conditions": {"items": [_condition(key, value) for key, value in sorted(request.context.items())]},
        },
    }
    sealed = gateway.vault.seal(zlib.compress(json.dumps(text).encode()), BELONGS_TO)
    return base64.urlsafe_b64encode(sealed).decode()


def _condition(key: str, value: str | Sequence[str]) -> dict[str, Any]:
    values = [value] if isinstance(value, str) else list(value)
    return {"key": key, "values": {"items": [{"value": one} for one in values]}}


def decode(gateway: Gateway, message: str) -> str:
    """The text of an encoded message."""
    try:
        sealed = base64.b64decode(message.encode(), b"-_", validate=True)
        return zlib.decompress(gateway.vault.unseal(sealed, BELONGS_TO)).decode()
    except (Unreadable, ValueError):
        raise AwsError("InvalidAuthorizationMessageException", "Message is not valid", 400) from None
