"""assume_for_cluster: the one thing that a cluster may ask of the gateway beside what everybody may.

Opened by the cluster's secret, it yields a role's temporary credentials and nothing else, after the checks of association, of
trust as the service with the database user's ARN as ExternalId, and of every hop of a chain; or those of the IAM identity that
opened a session, by the ticket that came with its password (redshift/federated.py). What the credentials may do
is decided by the service that owns the data.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import Connection, Row, select

from slipher.cloud.context import Gateway
from slipher.cloud.identities import identity_policies
from slipher.cloud.redshift.common import named_in_arns, settle
from slipher.cloud.redshift.federated import redeem
from slipher.cloud.state.iam import roles
from slipher.cloud.state.redshift import cluster_roles, clusters
from slipher.cloud.sts import elsewhere
from slipher.cloud.sts.sessions import Temporary, issue
from slipher.policy.evaluate import Decision, Named, Policies, Principal, Request, evaluate
from slipher.policy.explain import reason_line

SESSION = "RedshiftIamRoleSession"
FEDERATED = "SESSION"  # instead of a role: the identity that opened the session, by its ticket
SECONDS = 3600  # the longest that credentials live; a cluster may ask for less


@dataclass
class Refused(Exception):
    """Why a role's credentials are not given: `error` for programs, `reason` for people."""

    error: str
    role: str
    reason: str


def handle(gateway: Gateway, body: bytes) -> tuple[int, dict[str, Any]]:
    """Answer a request: 200 with credentials, or 403 with the refusal."""
    try:
        asked = orjson.loads(body)
        arn, secret, user = str(asked["cluster_arn"]), str(asked["secret"]), str(asked["user"])
        chain = [str(role) for role in asked["roles"]]
        seconds = min(max(int(asked.get("seconds", SECONDS)), 1), SECONDS)
        identity, service = str(asked.get("identity") or ""), str(asked.get("service") or "")
    except (ValueError, KeyError, TypeError):
        return 400, {"error": "Malformed", "message": "malformed request"}
    try:
        answer = _assume(gateway, arn, secret, user, chain, seconds, identity, service)
        _note(gateway, arn, user, chain, "")
        return 200, answer
    except Refused as refused:
        if refused.error != "BadSecret":
            _note(gateway, arn, user, [refused.role], refused.reason)
        return 403, {"error": refused.error, "role": refused.role, "reasons": [refused.reason]}


def _note(gateway: Gateway, cluster: str, user: str, roles_asked: list[str], refusal: str) -> None:
    """A line of the authorisation log."""
    with gateway.read() as db:
        row = db.execute(select(clusters).where(clusters.c.arn == cluster)).first()
    who = f"arn:aws:redshift:{row.region}:{row.account}:dbuser:{named_in_arns(row)}/{user}" if row else cluster
    for role in roles_asked:
        gateway.decisions.write(
            {
                "at": round(gateway.now(), 3),
                "who": who,
                "action": "sts:AssumeRole",
                "resource": role,
                "allowed": not refusal,
                "reason": "implicit_deny" if refusal else "allow",
                "where": "resource",
                "text": refusal or _allowed(role),
                "service": "redshift",
                "operation": "assume-for-cluster",
            }
        )


def _allowed(role: str) -> str:
    if role == FEDERATED:
        return "the session was opened by this IAM identity"
    return f"the role is associated with the cluster and trusts who asks for it: {role}"


def _assume(
    gateway: Gateway, arn: str, secret: str, user: str, chain: list[str], seconds: int, identity: str, service: str
) -> dict[str, Any]:
    at_aws = service in ("s3", "dynamodb") and gateway.settings.is_elsewhere(service)
    with gateway.transaction() as db:
        cluster = db.execute(select(clusters).where(clusters.c.arn == arn)).first()
        if cluster is None or not hmac.compare_digest(cluster.secret, secret):
            raise Refused("BadSecret", "", "the cluster is not known by this secret")
        if not chain or len(chain) > 10:
            raise Refused("ChainDenied", "", "a chain has 1 to 10 roles")
        if chain == [FEDERATED]:
            if at_aws:
                raise Refused("NotFederated", FEDERATED, "an identity of Slipher's is none of AWS's: name a role")
            found = redeem(db, gateway.now(), arn, identity, seconds)
            if isinstance(found, str):
                raise Refused("NotFederated", FEDERATED, found)
            return _answer(found, FEDERATED)
        settle(gateway.now(), db)
        default = cluster.facts.get("DefaultIamRoleArn")
        if chain == ["default"]:
            if not default:
                raise Refused("NotAssociated", "default", "the cluster has no default IAM role")
            chain = [default]
        _check_association(db, arn, chain[0])
        if not at_aws:
            role = _role(db, chain[0])
            _check_trust(gateway, cluster, role, user)
            for following in chain[1:]:
                nxt = _role(db, following)
                _check_hop(gateway, role, nxt)
                role = nxt
            made = issue(
                db, gateway.now(), seconds, account=role.account, kind="role", name=role.name, session_name=SESSION
            )
            return _answer(made, role.arn)
    try:  # no transaction waits for AWS
        return elsewhere.assume(gateway, cluster.region, chain, SESSION, external_id(cluster, user), seconds)
    except elsewhere.NotAssumed as refused:
        raise Refused("NotTrusted", refused.role, refused.reason) from None


def external_id(cluster: Row[Any], user: str) -> str:
    """What Redshift sends when it assumes a role: the database user."""
    return f"arn:aws:redshift:{cluster.region}:{cluster.account}:dbuser:{named_in_arns(cluster)}/{user}"


def _answer(made: Temporary, role: str) -> dict[str, Any]:
    return {
        "access_key_id": made.access_key_id,
        "secret_access_key": made.secret_access_key,
        "session_token": made.session_token,
        "expiration": made.expiration.isoformat(),
        "role": role,
    }


def _check_association(db: Connection, cluster: str, role: str) -> None:
    row = db.execute(
        select(cluster_roles.c.status).where(cluster_roles.c.cluster_arn == cluster, cluster_roles.c.role_arn == role)
    ).first()
    if row is None:
        raise Refused("NotAssociated", role, f"the IAM role {role} is not associated with the cluster")
    if row.status != "in-sync":
        raise Refused("NotAssociated", role, f"the association of the IAM role {role} is still {row.status}")


def _role(db: Connection, arn: str) -> Row[Any]:
    row = db.execute(select(roles).where(roles.c.arn == arn)).first()
    if row is None:
        raise Refused("NoSuchRole", arn, f"the IAM role {arn} does not exist")
    return row


def services_of(cluster: Row[Any]) -> tuple[str, ...]:
    """The services that a role must trust: for a serverless namespace both (source: management guide, "Granting permissions
    to Amazon Redshift Serverless")."""
    return ("redshift-serverless", "redshift") if ":redshift-serverless:" in cluster.arn else ("redshift",)


def _check_trust(gateway: Gateway, cluster: Row[Any], role: Row[Any], user: str) -> None:
    external = external_id(cluster, user)
    context = {
        "sts:externalid": external,
        "sts:rolesessionname": SESSION,
        "aws:sourcearn": cluster.arn,
        "aws:sourceaccount": cluster.account,
        "aws:requestedregion": cluster.region,
        "aws:securetransport": "true",
    }
    trust = Policies(resource=Named(f"trust policy of {role.name}", role.trust), trust=True)
    for service in services_of(cluster):
        names = (f"{service}.amazonaws.com", f"{service}.{cluster.region}.amazonaws.com")
        principal = Principal("service", names[0], cluster.account, services=names)
        decision = evaluate(Request(principal, "sts:AssumeRole", role.arn, context, role.account), trust)
        if not decision.allowed:
            raise Refused("NotTrusted", role.arn, _trust_reason(role, decision, names[0], external))


def _trust_reason(role: Row[Any], decision: Decision, service: str, external: str) -> str:
    if decision.reason == "explicit_deny":
        return f"the trust policy of role {role.name} denies {service} explicitly"
    return f"the trust policy of role {role.name} does not let {service} assume it with sts:ExternalId {external}"


def _check_hop(gateway: Gateway, role: Row[Any], following: Row[Any]) -> None:
    """The next role must trust the one before (or its account), whose own policies must allow sts:AssumeRole."""
    principal = Principal(
        "role", f"arn:aws:sts::{role.account}:assumed-role/{role.name}/{SESSION}", role.account, role.arn
    )
    held = identity_policies(gateway, "role", role.account, role.name)
    context = {
        "sts:rolesessionname": SESSION,
        "aws:principalarn": role.arn,
        "aws:principalaccount": role.account,
        "aws:principaltype": "AssumedRole",
        "aws:userid": f"{role.id}:{SESSION}",
        "aws:multifactorauthpresent": "false",
        "aws:securetransport": "true",
    }
    context |= {f"aws:principaltag/{tag['Key'].lower()}": tag["Value"] for tag in role.tags or ()}
    request = Request(principal, "sts:AssumeRole", following.arn, context, following.account)
    named = Named(f"trust policy of {following.name}", following.trust)
    trust = Policies(held.identity, named, held.boundary, trust=True)
    decision = evaluate(request, trust)
    own = evaluate(
        Request(principal, "sts:AssumeRole", following.arn, context), Policies(held.identity, boundary=held.boundary)
    )
    if not decision.allowed or not own.allowed:
        failed = decision if not decision.allowed else own
        raise Refused("ChainDenied", following.arn, reason_line(request, failed))
