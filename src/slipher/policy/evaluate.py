"""The decision: which policies allow or deny a request, and why.

Order and rules as AWS documents them ("Policy evaluation logic"): an explicit deny anywhere wins; in one account an allow of
the identity or of a resource policy that names the caller is enough; across accounts both sides must allow; boundaries
and session policies limit what identity policies give.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from slipher.policy.conditions import holds
from slipher.policy.document import Document, Statement, parse
from slipher.policy.match import Values, expand, wildcard


@dataclass(frozen=True, slots=True)
class Principal:
    """Who asks. `kind`: root, user, role (a session), service, anonymous. For sessions `role_arn` is the role's own ARN."""

    kind: str
    arn: str
    account: str
    role_arn: str | None = None
    services: tuple[str, ...] = ()  # names of a service principal


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked: the action, the resource's ARN and owner, and the context (keys in lower case)."""

    principal: Principal
    action: str
    resource: str
    context: Values = field(default_factory=dict)
    resource_account: str | None = None


@dataclass(frozen=True, slots=True)
class Named:
    """A policy with the name that reasons show; `id` and `kind` are what the policy simulator calls it."""

    name: str
    text: str
    id: str = ""
    kind: str = "none"  # user, group, role (written into one), aws-managed, user-managed, resource


@dataclass(frozen=True, slots=True)
class Policies:
    """All policies that apply. None means that there is none of that kind; `trust` marks a role's trust policy, `key` a
    KMS key's policy: both must allow by themselves."""

    identity: Sequence[Named] = ()
    resource: Named | None = None
    boundary: Named | None = None
    session: Sequence[Named] | None = None
    trust: bool = False
    key: bool = False


@dataclass(frozen=True, slots=True)
class Match:
    """A statement that decided."""

    policy: str
    sid: str
    allow: bool
    index: int = 0  # of the statement in its policy


@dataclass(frozen=True, slots=True)
class Decision:
    """`reason`: allow, explicit_deny, or implicit_deny; `where` says which kind of policy decided or was missing."""

    allowed: bool
    reason: str
    where: str
    matches: tuple[Match, ...] = ()


@dataclass(frozen=True, slots=True)
class _Test:
    """A statement with the actions it names for one service: exact names and patterns, lower case."""

    statement: Statement
    exact: frozenset[str]
    patterns: tuple[Callable[[str], object], ...]
    negated: bool
    index: int

    def matches(self, action: str) -> bool:
        return (action in self.exact or any(match(action) for match in self.patterns)) != self.negated


def _test(index: int, statement: Statement, prefix: str) -> _Test | None:
    """The statement as far as it can concern actions of a service; None if it can't."""
    negated = bool(statement.not_actions)
    exact, patterns = set(), []
    for action in statement.not_actions or statement.actions:
        lower = action.lower()
        head = lower.partition(":")[0]
        if "*" in head or "?" in head:
            patterns.append(wildcard(lower))
        elif head == prefix:
            if "*" in lower or "?" in lower:
                patterns.append(wildcard(lower))
            else:
                exact.add(lower)
    if not (exact or patterns or negated):
        return None
    return _Test(statement, frozenset(exact), tuple(patterns), negated, index)


@lru_cache(maxsize=8192)
def _compiled(text: str, kind: str, prefix: str) -> tuple[Document, tuple[_Test, ...]]:
    """A document, and those of its statements that can concern a service's actions."""
    document = parse(text, kind)
    tests = (_test(index, statement, prefix) for index, statement in enumerate(document.statements))
    return document, tuple(test for test in tests if test is not None)


def _compiled_for(text: str, kind: str, request: Request) -> tuple[Document, tuple[_Test, ...]]:
    return _compiled(text, kind, request.action.partition(":")[0].lower())


def _resource_matches(patterns: Sequence[str], resource: str, context: Values, variables: bool) -> bool:
    for pattern in patterns:
        text = expand(pattern, context) if variables else pattern
        if text is not None and (text == "*" or wildcard(text)(resource)):
            return True
    return False


def _principal_matches(pairs: Sequence[tuple[str, str]], principal: Principal) -> str | None:
    """How a Principal element names the caller: 'self', 'role', 'account', 'service', 'any'; None if it does not."""
    found: str | None = None
    for kind, value in pairs:
        if value == "*" and kind in ("*", "AWS"):
            found = found or "any"
        elif kind == "Service":
            if principal.kind == "service" and value in principal.services:
                return "service"
        elif kind == "AWS" and principal.kind not in ("service", "anonymous"):
            if value == principal.arn:
                return "self"
            if principal.role_arn is not None and value == principal.role_arn:
                found = "role"
            elif value in (principal.account, f"arn:aws:iam::{principal.account}:root"):
                found = found or "account"
    return found


def _applies(test: _Test, request: Request, variables: bool, with_resource: bool) -> bool:
    if not test.matches(request.action.lower()):
        return False
    statement = test.statement
    if with_resource:
        context = request.context
        if statement.not_resources:
            if _resource_matches(statement.not_resources, request.resource, context, variables):
                return False
        elif not _resource_matches(statement.resources, request.resource, context, variables):
            return False
    return all(
        holds(operator, key, values, request.context, variables) for operator, key, values in statement.conditions
    )


def _scan(policies: Iterable[Named], request: Request) -> tuple[list[Match], list[Match]]:
    """Allows and denies among identity-like policies."""
    allows: list[Match] = []
    denies: list[Match] = []
    for named in policies:
        document, tests = _compiled_for(named.text, "identity", request)
        for test in tests:
            statement = test.statement
            if _applies(test, request, document.variables, True):
                matched = Match(named.name, statement.sid, statement.allow, test.index)
                (allows if statement.allow else denies).append(matched)
    return allows, denies


def _scan_resource(policies: Policies, request: Request) -> tuple[list[tuple[Match, str]], list[Match]]:
    allows: list[tuple[Match, str]] = []
    denies: list[Match] = []
    named = policies.resource
    if named is None:
        return allows, denies
    document, tests = _compiled_for(named.text, "trust" if policies.trust else "resource", request)
    for test in tests:
        statement = test.statement
        if statement.not_principals:
            how = None if _principal_matches(statement.not_principals, request.principal) else "any"
        else:
            how = _principal_matches(statement.principals, request.principal)
        if how is None or not _applies(test, request, document.variables, not policies.trust):
            continue
        match = Match(named.name, statement.sid, statement.allow, test.index)
        if statement.allow:
            allows.append((match, how))
        else:
            denies.append(match)
    return allows, denies


def evaluate(request: Request, policies: Policies) -> Decision:
    """Decide a request."""
    principal = request.principal
    identity_allows, denies = _scan(policies.identity, request)
    denied = [("identity", denies)]
    resource_allows, resource_denies = _scan_resource(policies, request)
    denied.append(("resource", resource_denies))
    boundary_allows: list[Match] = []
    session_allows: list[Match] = []
    if policies.boundary is not None:
        boundary_allows, denies = _scan([policies.boundary], request)
        denied.append(("boundary", denies))
    for session in policies.session or ():
        allows, denies = _scan([session], request)
        session_allows += allows
        denied.append(("session", denies))
    for where, matches in denied:
        if matches:
            return Decision(False, "explicit_deny", where, tuple(matches))

    direct = [match for match, how in resource_allows if how in ("self", "service")]
    if principal.kind in ("service", "anonymous"):
        found = [match for match, _ in resource_allows]
        return Decision(bool(found), "allow" if found else "implicit_deny", "resource", tuple(found))
    same_account = request.resource_account in (None, principal.account)
    identity_ok = bool(identity_allows) or principal.kind == "root"
    limits_ok, where = True, ""
    if policies.boundary is not None and not boundary_allows:
        limits_ok, where = False, "boundary"
    elif policies.session is not None and not session_allows:
        limits_ok, where = False, "session"

    if (policies.trust or policies.key) and not resource_allows:
        return Decision(False, "implicit_deny", "resource")
    if same_account:
        if direct:
            return Decision(True, "allow", "resource", tuple(direct))
        through = [match for match, how in resource_allows if how in ("role", "any")]
        granted = [*identity_allows, *through]
        if not (identity_ok or through):
            return Decision(False, "implicit_deny", "identity")
        if not limits_ok:
            return Decision(False, "implicit_deny", where, tuple(granted))
        return Decision(True, "allow", "identity" if identity_ok else "resource", tuple(granted))
    if not resource_allows:
        return Decision(False, "implicit_deny", "resource")
    if not identity_ok:
        return Decision(False, "implicit_deny", "identity")
    if not limits_ok:
        return Decision(False, "implicit_deny", where)
    return Decision(True, "allow", "both", (*identity_allows, *(match for match, _ in resource_allows)))
