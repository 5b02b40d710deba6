"""STS: who am I, and credentials of a user for a while."""

from __future__ import annotations

import re
from typing import Any

from slipher.base.errors import AwsError
from slipher.cloud import messages
from slipher.cloud.call import Call
from slipher.cloud.identities import find_key
from slipher.cloud.sts.limits import check_duration, check_pattern, packed, session_policies, session_tags
from slipher.cloud.sts.sessions import issue

FEDERATED = re.compile(r"[\w+=,.@-]{2,32}", re.ASCII)
KEY = re.compile(r"\w{16,128}", re.ASCII)


def get_caller_identity(call: Call) -> dict[str, Any]:
    """GetCallerIdentity: needs no permission."""
    return {"UserId": call.caller.user_id, "Account": call.caller.account, "Arn": call.caller.arn}


def _only_long_term(call: Call) -> None:
    if call.caller.kind != "user" or call.caller.access_key_id.startswith("ASIA"):
        raise AwsError("AccessDenied", f"Cannot call {call.operation} with session credentials", 403)


def get_session_token(call: Call) -> dict[str, Any]:
    """GetSessionToken: for users with their long-term keys."""
    _only_long_term(call)
    seconds = call.params.get("DurationSeconds") or 43200
    check_duration(seconds, 900, 129600)
    with call.gateway.transaction() as db:
        made = issue(
            db,
            call.gateway.now(),
            seconds,
            account=call.caller.account,
            kind="user",
            name=call.caller.user_name or "",
        )
    return {"Credentials": made.shape()}


def get_federation_token(call: Call) -> dict[str, Any]:
    """GetFederationToken: what the user may do and the session policies allow; without session policies, nothing."""
    name, account = str(call.params["Name"]), call.caller.account
    _only_long_term(call)
    check_pattern(name, "name", FEDERATED, "[\\w+=,.@-]*")
    seconds = call.params.get("DurationSeconds") or 43200
    check_duration(seconds, 900, 129600)
    tags, policies = session_tags(call), session_policies(call, account)
    with call.gateway.transaction() as db:
        made = issue(
            db,
            call.gateway.now(),
            seconds,
            account=account,
            kind="federated",
            name=call.caller.user_name or "",
            session_name=name,
            policies=policies,
            facts={"tags": tags},
        )
    return {
        **packed(policies, tags),
        "Credentials": made.shape(),
        "FederatedUser": {
            "FederatedUserId": f"{account}:{name}",
            "Arn": f"arn:aws:sts::{account}:federated-user/{name}",
        },
    }


def decode_authorization_message(call: Call) -> dict[str, Any]:
    """DecodeAuthorizationMessage: of the x-slipher-authorization-message header that a denial carries."""
    return {"DecodedMessage": messages.decode(call.gateway, str(call.params["EncodedMessage"]))}


def get_access_key_info(call: Call) -> dict[str, Any]:
    """GetAccessKeyInfo: the account of a key that is known here."""
    wanted = str(call.params["AccessKeyId"])
    check_pattern(wanted, "accessKeyId", KEY, "[\\w]*")
    key = find_key(call.gateway, wanted)
    if key is None:
        raise AwsError("ValidationError", f"The access key {wanted} is not known.")
    return {"Account": key.caller.account}
