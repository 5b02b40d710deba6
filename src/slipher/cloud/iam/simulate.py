"""The policy simulator: the gateway's own evaluator, asked without a request."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection

from slipher.base.errors import AwsError
from slipher.cloud.call import Call
from slipher.cloud.iam.common import ENTITY, find
from slipher.cloud.identities import Own, read_policies
from slipher.cloud.paging import iam_page
from slipher.policy.document import parse
from slipher.policy.evaluate import Decision, Match, Named, Policies, Principal, Request, evaluate
from slipher.policy.keys import context_keys
from slipher.policy.positions import statement_positions

SOURCE = re.compile(r"arn:aws:iam::(\d{12}):(user|role|group)/(?:.*/)?([^/]+)", re.ASCII)
USER = re.compile(r"arn:aws:iam::(\d{12}):user/.+", re.ASCII)
ACTION = re.compile(r"[A-Za-z0-9-]+:[A-Za-z0-9*?]+", re.ASCII)
OWNER = re.compile(r"(?:arn:aws:iam::)?(\d{12})(?::root)?", re.ASCII)
ALL = Named("all", '{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}')
DECISIONS = {"allow": "allowed", "explicit_deny": "explicitDeny", "implicit_deny": "implicitDeny"}


def custom(call: Call) -> dict[str, Any]:
    """SimulateCustomPolicy."""
    caller = call.params.get("CallerArn")
    if call.params.get("ResourcePolicy") and not caller:
        raise AwsError("InvalidInput", "CallerArn is required when a resource policy is simulated.")
    boundary = _given(call, "PermissionsBoundaryPolicyInputList")
    own = Own(_given(call, "PolicyInputList"), boundary[0] if boundary else None)
    return _simulate(call, own, str(caller or f"arn:aws:iam::{call.account}:user/simulated"))


def principal(call: Call) -> dict[str, Any]:
    """SimulatePrincipalPolicy."""
    source = call.params["PolicySourceArn"]
    caller = call.params.get("CallerArn") or source
    if call.params.get("ResourcePolicy") and not USER.fullmatch(caller):
        raise AwsError("InvalidInput", "CallerArn must be the ARN of an IAM user when a resource policy is simulated.")
    with call.gateway.read() as db:
        own = _source(db, call)
    boundary = _given(call, "PermissionsBoundaryPolicyInputList")
    limit = boundary[0] if boundary else own.boundary
    return _simulate(call, Own((*own.identity, *_given(call, "PolicyInputList")), limit), str(caller))


def custom_keys(call: Call) -> dict[str, Any]:
    """GetContextKeysForCustomPolicy."""
    return _keys(_given(call, "PolicyInputList"))


def principal_keys(call: Call) -> dict[str, Any]:
    """GetContextKeysForPrincipalPolicy."""
    with call.gateway.read() as db:
        own = _source(db, call)
    return _keys((*own.identity, *_given(call, "PolicyInputList")))


def _keys(policies: Sequence[Named]) -> dict[str, Any]:
    found: dict[str, str] = {}
    for policy in policies:
        for key in context_keys(policy.text):
            found.setdefault(key.lower(), key)
    return {"ContextKeyNames": list(found.values())}


def _source(db: Connection, call: Call) -> Own:
    match = SOURCE.fullmatch(call.params["PolicySourceArn"])
    if match is None:
        raise AwsError("InvalidInput", f"Invalid Entity Arn: {call.params['PolicySourceArn']} does not clearly define entity "
                       "type and name.")  # fmt: skip
    account, kind, name = match.groups()
    if account != call.account:
        raise AwsError("NoSuchEntity", f"The {kind} with name {name} cannot be found.", 404)
    find(db, ENTITY[kind][0], call, name, kind)
    return read_policies(db, kind, account, name)


def _given(call: Call, member: str) -> tuple[Named, ...]:
    """Policies that the request brings, named as their list is."""
    found = []
    for number, text in enumerate(call.params.get(member) or (), 1):
        _check(text, "identity")
        found.append(Named(f"{member}.{number}", text, f"{member}.{number}"))
    return tuple(found)


def _check(text: str, kind: str) -> None:
    try:
        parse(text, kind)
    except AwsError as error:
        raise AwsError("InvalidInput", error.message) from None


def _context(call: Call) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for entry in call.params.get("ContextEntries") or ():
        values = [str(value) for value in entry.get("ContextKeyValues") or ()]
        many = str(entry.get("ContextKeyType", "string")).endswith("List")
        found[str(entry.get("ContextKeyName", "")).lower()] = values if many or len(values) != 1 else values[0]
    return found


def _owner(call: Call, account: str) -> str:
    given = call.params.get("ResourceOwner")
    if not given:
        return account
    match = OWNER.fullmatch(given)
    if match is None:
        raise AwsError("InvalidInput", f"{given} is not the ARN of an account.")
    return match.group(1)


def _simulate(call: Call, own: Own, caller: str) -> dict[str, Any]:
    params, account = call.params, caller.split(":")[4] if caller.count(":") > 4 else call.account
    resource_policy = None
    if params.get("ResourcePolicy"):
        _check(params["ResourcePolicy"], "resource")
        resource_policy = Named("ResourcePolicy", params["ResourcePolicy"], "ResourcePolicy", "resource")
    policies = Policies(own.identity, resource_policy, own.boundary)
    context, owner = _context(call), _owner(call, account)
    who = Principal("user", caller, account)
    results = []
    for action in params["ActionNames"]:
        if not ACTION.fullmatch(action):
            raise AwsError("InvalidInput", f"{action} is not a valid action name.")
        for resource in params.get("ResourceArns") or ("*",):
            request = Request(who, action, resource, context, owner)
            results.append(_result(request, policies))
    keyed = [(f"{index:08d}", one) for index, one in enumerate(results)]
    page = iam_page(keyed, params, "EvaluationResults", lambda pair: pair[0])
    page["EvaluationResults"] = [one for _, one in page["EvaluationResults"]]
    return page


def _result(request: Request, policies: Policies) -> dict[str, Any]:
    decision = evaluate(request, policies)
    found: dict[str, Any] = {
        "EvalActionName": request.action,
        "EvalResourceName": request.resource,
        "EvalDecision": DECISIONS[decision.reason],
        "MatchedStatements": _matched(decision, policies),
        "MissingContextValues": _missing(request, policies),
    }
    if policies.boundary is not None:
        inside = evaluate(request, Policies([policies.boundary])).allowed
        found["PermissionsBoundaryDecisionDetail"] = {"AllowedByPermissionsBoundary": inside}
    if policies.resource is not None and request.resource_account != request.principal.account:
        # across accounts both sides must allow: each is shown alone
        own = Request(request.principal, request.action, request.resource, request.context)
        other = Policies([ALL], policies.resource)
        found["EvalDecisionDetails"] = {
            "IAM Policy": DECISIONS[evaluate(own, Policies(policies.identity)).reason],
            "Resource Policy": DECISIONS[evaluate(request, other).reason],
        }
    return found


def _matched(decision: Decision, policies: Policies) -> list[dict[str, Any]]:
    everything = [*policies.identity, *(one for one in (policies.resource, policies.boundary) if one is not None)]
    named = {one.name: one for one in everything}
    return [_statement(match, named[match.policy]) for match in decision.matches if match.policy in named]


def _statement(match: Match, policy: Named) -> dict[str, Any]:
    start, end = statement_positions(policy.text)[match.index]
    return {
        "SourcePolicyId": policy.id,
        "SourcePolicyType": policy.kind,
        "StartPosition": {"Line": start[0], "Column": start[1]},
        "EndPosition": {"Line": end[0], "Column": end[1]},
    }


def _missing(request: Request, policies: Policies) -> list[str]:
    """Keys that the policies ask for and the request does not bring."""
    everything = [*policies.identity, *(one for one in (policies.resource, policies.boundary) if one is not None)]
    found: dict[str, str] = {}
    for policy in everything:
        for key in context_keys(policy.text):
            if key.lower() not in request.context:
                found.setdefault(key.lower(), key)
    return list(found.values())
