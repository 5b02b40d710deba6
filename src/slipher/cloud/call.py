"""One AWS API call: what the gateway hands to the operation's handler, and what the handler hands back."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from slipher.base.errors import AwsError
from slipher.policy.evaluate import Named

if TYPE_CHECKING:
    from slipher.cloud.context import Gateway

Params = Mapping[str, Any]
ConditionContext = Mapping[str, "str | Sequence[str]"]


@dataclass(frozen=True, slots=True)
class Caller:
    """Who signed the request.

    `kind` is root, user, role (an assumed-role session), federated, or anonymous. `arn` is what GetCallerIdentity shows;
    `role_arn` is set for role sessions; `user_id` is AIDA…, AROA…:session, or ACCOUNT:name of a federated user.
    """

    kind: str
    account: str
    arn: str
    user_id: str
    access_key_id: str
    user_name: str | None = None
    role_arn: str | None = None
    session_name: str | None = None
    session_policies: tuple[Named, ...] | None = None  # None: none limit
    source_user: str | None = None  # of a federated user
    tags: Mapping[str, str] = field(default_factory=dict)  # its own and its session's
    transitive: tuple[str, ...] = ()  # keys of session tags that go on to the next role
    source_identity: str | None = None
    issued: float | None = None  # temporary credentials: when


@dataclass(frozen=True, slots=True)
class HttpFacts:
    """What handlers may need of the HTTP request itself."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]  # lower-case names
    scheme: str
    source_ip: str


@dataclass(slots=True)
class Call:
    """A parsed, verified and (for its operation's own action) authorised request.

    `params` are the operation's input as botocore's shapes name and type them. `body` streams the payload of operations whose
    input has a streaming member (S3 PutObject, UploadPart): already de-chunked, checked against signature and checksums
    as it is read (a mismatch raises AwsError out of the iteration, so write first to a temporary file). `require` asks for
    another permission: `await`-free, raises AwsError AccessDenied: `call.require("iam:PassRole", role_arn, {...})`.
    """

    gateway: Gateway
    service: str
    operation: str
    account: str
    region: str
    caller: Caller
    params: Params
    http: HttpFacts
    request_id: str
    body: AsyncIterator[bytes] | None = None
    checksums: Callable[[], Mapping[str, str]] = dict  # of the body, by header name, once it has been read
    require: Callable[..., None] = field(default=lambda *args, **kwargs: None)
    raw: bytes = b""  # the body as it came, where it is not streamed


@dataclass(slots=True)
class Streamed:
    """A handler's result whose payload is streamed: `result` fills the headers, `chunks` the body of `length` bytes."""

    result: dict[str, Any]
    chunks: AsyncIterator[bytes]
    length: int
    status: int = 200


@dataclass(frozen=True, slots=True)
class Raw:
    """A result that is already in its wire form (DynamoDB's items are stored so)."""

    body: bytes
    content_type: str


Result = dict[str, Any] | Streamed | Raw | None
Handler = Callable[[Call], "Result | Awaitable[Result]"]
Resource = Callable[[Call], str]
Context = Callable[[Call], ConditionContext]


@dataclass(frozen=True, slots=True)
class Operation:
    """One row of a service's table: which function answers an operation, and which permission it needs first.

    The permission is in spec/iam/actions.py; it is asked here unless that table says that the handler does.
    `takes` names the input's members that the handler makes effective, stores and shows, or refuses by itself, split at
    spaces; a dotted one is a member of a member. Any other member that a request has is refused by name, with 501.
    `state` is for the docs: works; record, where it is stored and shown, and nothing else is to be had of it here; or none, where
    it truly answers that there is none of what it is about.
    A plain function runs in a worker thread, a coroutine function on the event loop.
    """

    handler: Handler
    takes: str = ""
    resource: Resource = field(default=lambda call: "*")
    context: Context | None = None
    state: str = "works"

    def refuse_others(self, call: Call) -> None:
        """501 for a member that this operation knows nothing of; one that is empty or False asks for nothing."""
        taken = frozenset(self.takes.split())
        parents = {name.partition(".")[0] for name in taken if "." in name}
        for name, value in call.params.items():
            if name in parents and isinstance(value, Mapping):
                rest = [f"{name}.{inner}" for inner, one in value.items() if one and f"{name}.{inner}" not in taken]
            else:
                rest = [] if name in taken or name in parents else [name]
            if rest and value not in (None, False, "", 0, [], {}):
                raise AwsError(
                    "NotImplemented", f"{call.operation} with {rest[0]} is not implemented by Slipher yet.", 501
                )
