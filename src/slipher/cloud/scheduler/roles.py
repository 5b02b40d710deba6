"""The role of a schedule: it must trust the scheduler, when the schedule is made and each time that it is due."""

from __future__ import annotations

from sqlalchemy import select

from slipher.cloud.context import Gateway
from slipher.cloud.scheduler.common import invalid
from slipher.cloud.state.iam import roles
from slipher.policy.evaluate import Named, Policies, Principal, Request, evaluate

SERVICE = "scheduler.amazonaws.com"
REFUSED = "The execution role you provide must allow AWS EventBridge Scheduler to assume the role."


def check_trust(gateway: Gateway, arn: str, account: str, region: str, group: str) -> str:
    """The role's name; ValidationException unless it is there and trusts the scheduler."""
    source = f"arn:aws:scheduler:{region}:{account}:schedule-group/{group}"
    name = trusting(gateway, arn, account, region, SERVICE, source)
    if name is None:
        raise invalid(REFUSED)
    return name


def trusting(gateway: Gateway, arn: str, account: str, region: str, service: str, source: str) -> str | None:
    """The name of a role of the account that a service may assume, for a resource; None if there is none."""
    with gateway.read() as db:
        role = db.execute(select(roles).where(roles.c.arn == arn)).first()
    if role is None or role.account != account:
        return None
    context = {
        "aws:sourceaccount": account,
        "aws:sourcearn": source,
        "aws:requestedregion": region,
        "aws:securetransport": "true",
    }
    request = Request(
        Principal("service", service, account, services=(service,)), "sts:AssumeRole", arn, context, account
    )
    trust = Named(f"trust policy of {role.name}", role.trust)
    return str(role.name) if evaluate(request, Policies(resource=trust, trust=True)).allowed else None
