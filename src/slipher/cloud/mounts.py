"""Mounts: a bucket or a table of ours whose content is behind another endpoint, reached with the operator's key.

The endpoint has never heard of our users and roles, so everything is decided here first. The operator mounts and unmounts by
the gateway's private door (`slipher mount`); the API can do neither. A bucket or table that is mounted has its row like any
other, for what is ours of it: its name, owner, policy and keys.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from sqlalchemy import delete, insert, select

from slipher.aws.clients import plain_session
from slipher.aws.sigv4 import Credentials
from slipher.base.errors import AwsError
from slipher.cloud.context import Gateway
from slipher.cloud.state.mounts import mounts
from slipher.cloud.vault import Unreadable

if TYPE_CHECKING:
    from slipher.cloud.call import Call, Handler

CONNECT_SECONDS, READ_SECONDS = 10, 60
NONE = object()


@dataclass(frozen=True, slots=True)
class Mount:
    """Where a bucket's or table's content is."""

    service: str
    name: str
    endpoint: str
    remote: str
    region: str
    style: str
    keys: Credentials = field(repr=False)

    def shown(self) -> dict[str, str]:
        """For the operator: everything but the secret."""
        names = ("service", "name", "endpoint", "remote", "region", "style")
        return {name: getattr(self, name) for name in names} | {"access_key_id": self.keys.access_key_id}


def mounted(gateway: Gateway, service: str, name: str) -> Mount | None:
    """The mount of a bucket or table, from memory."""
    key = ("mount", service, name)
    generation, found = gateway.cached(key)
    if found is None:
        with gateway.read() as db:
            row = db.execute(select(mounts).where(mounts.c.service == service, mounts.c.name == name)).first()
        found = NONE if row is None else _of(gateway, row)
        gateway.remember(generation, key, found)
    return found if isinstance(found, Mount) else None


def _belongs_to(service: str, name: str) -> str:
    return f"mount {service} {name}"


def _of(gateway: Gateway, row: Any) -> Mount:
    try:
        secret = gateway.vault.unseal(row.secret, _belongs_to(row.service, row.name)).decode()
    except Unreadable:
        raise AwsError(
            "InternalError", f"The key of the mount {row.name} cannot be read: mount it anew.", 500
        ) from None
    keys = Credentials(row.access_key_id, secret)
    return Mount(row.service, row.name, row.endpoint, row.remote, row.region, row.style, keys)


def listed(gateway: Gateway) -> list[dict[str, str]]:
    """All mounts, without their secrets."""
    with gateway.read() as db:
        rows = db.execute(select(mounts).order_by(mounts.c.service, mounts.c.name)).all()
    return [_of(gateway, row).shown() for row in rows]


class Unmountable(Exception):
    """Why something cannot be mounted or unmounted, for the operator."""


def client(mount: Mount) -> Any:
    """A botocore client of the endpoint; it asks each endpoint the plain way that all of them understand."""
    import botocore.config

    config = botocore.config.Config(
        s3={"addressing_style": "virtual" if mount.style == "host" else "path"},
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
        connect_timeout=CONNECT_SECONDS,
        read_timeout=READ_SECONDS,
        max_pool_connections=32,
        retries={"mode": "standard", "total_max_attempts": 2},
        proxies={},
    )
    return plain_session().create_client(
        mount.service,
        region_name=mount.region,
        endpoint_url=mount.endpoint,
        aws_access_key_id=mount.keys.access_key_id,
        aws_secret_access_key=mount.keys.secret_access_key,
        config=config,
    )


def client_of(gateway: Gateway, mount: Mount) -> Any:
    """The client that all requests of a mount share."""
    kept = gateway.running.setdefault("mount clients", {})
    if mount not in kept:
        kept[mount] = client(mount)
    return kept[mount]


def asked(work: Callable[[], Any], mount: Mount) -> Any:
    """What the endpoint answers; its errors as ours."""
    import botocore.exceptions

    try:
        return work()
    except botocore.exceptions.ClientError as error:
        facts = error.response.get("Error", {})
        status = int(error.response["ResponseMetadata"].get("HTTPStatusCode") or 500)
        raise refusal(mount, str(facts.get("Code", "")), str(facts.get("Message", "")), status) from None
    except (botocore.exceptions.BotoCoreError, OSError) as error:
        raise unreachable(mount, type(error).__name__) from None


def unreachable(mount: Mount, why: str) -> AwsError:
    """The endpoint does not answer: a caller may try again."""
    code = "ServiceUnavailable" if mount.service == "s3" else "InternalServerError"
    return AwsError(code, f"The endpoint behind {mount.name} does not answer ({why}).", 503)


REFUSED = {"AccessDenied", "InvalidAccessKeyId", "SignatureDoesNotMatch", "AccessDeniedException", "403",
           "UnrecognizedClientException", "InvalidSignatureException", "InvalidClientTokenId"}  # fmt: skip


def refusal(mount: Mount, code: str, message: str, status: int) -> AwsError:
    """An error of the endpoint. That it refuses the operator's key must not look like a decision of a policy."""
    if code in REFUSED:
        text = f"The endpoint behind {mount.name} refuses the key that it was mounted with ({code})."
        return AwsError("InternalError" if mount.service == "s3" else "InternalServerError", text, 500)
    if code == "404" or (mount.service == "s3" and code == "NoSuchBucket"):
        code = "NoSuchBucket" if code == "NoSuchBucket" else "NoSuchKey"
        message = message if code != "NoSuchKey" else "The specified key does not exist."
    return AwsError(code if not code.isdigit() else "InternalError", message, status)


def _kinds() -> Mapping[str, Any]:
    """What can be mounted, by service: how each is looked at, entered and left."""
    from slipher.cloud.dynamodb import mounted as tables  # which ask for mounts
    from slipher.cloud.s3 import mounted as buckets

    return {"s3": buckets, "dynamodb": tables}


def add(gateway: Gateway, given: Mapping[str, Any]) -> Mount:
    """Mount what the operator describes, after a look at it; Unmountable says why not."""
    kinds = _kinds()
    service, name, endpoint = str(given.get("service")), str(given.get("name")), str(given.get("endpoint") or "")
    if service not in kinds:
        raise Unmountable(f"what can be mounted is s3 or dynamodb, not {service}")
    place = urlsplit(endpoint)
    if place.scheme not in ("http", "https") or not place.hostname or place.query or place.username:
        raise Unmountable(f"an endpoint is a URL with http or https, not {endpoint}")
    if given.get("style") not in ("path", "host"):
        raise Unmountable(f"the style of addressing is path or host, not {given.get('style')}")
    keys = Credentials(str(given["access_key_id"]), str(given["secret_access_key"]))
    remote, region = str(given.get("remote") or name), str(given.get("region") or gateway.settings.region)
    mount = Mount(service, name, endpoint.rstrip("/"), remote, region, str(given["style"]), keys)
    try:
        described = asked(lambda: kinds[service].look(client(mount), mount), mount)
    except AwsError as error:
        raise Unmountable(f"{remote} at {endpoint}: {error.code}: {error.message}") from None
    with gateway.transaction() as db:
        kinds[service].enter(db, gateway, mount, described)
        db.execute(
            insert(mounts).values(
                service=service, name=name, endpoint=mount.endpoint, remote=remote, region=region, style=mount.style,
                access_key_id=keys.access_key_id, created=gateway.now(),
                secret=gateway.vault.seal(keys.secret_access_key.encode(), _belongs_to(service, name)),
            )
        )  # fmt: skip
    gateway.iam_changed()
    return mount


def remove(gateway: Gateway, service: str, name: str) -> None:
    """Unmount: our row goes, the content stays where it is."""
    with gateway.transaction() as db:
        gone = db.execute(delete(mounts).where(mounts.c.service == service, mounts.c.name == name)).rowcount
        if not gone:
            raise Unmountable(f"no {service} {name} is mounted")
        _kinds()[service].leave(db, gateway, name)
    gateway.iam_changed()


def refusing(name: str) -> Handler:
    """The handler of an operation that is not there for what is mounted: 501, to those who may ask for it."""

    def refuse(call: Call) -> None:
        what = "a mounted bucket" if call.service == "s3" else "a mounted table"
        text = f"{call.operation} on {what} ({name}) is not implemented by Slipher yet."
        raise AwsError("NotImplemented", text, 501)

    return refuse


def control(gateway: Gateway, method: str, given: Mapping[str, Any]) -> tuple[int, dict[str, Any]]:
    """What the operator asks by the private door: GET lists, PUT mounts, DELETE unmounts."""
    try:
        if method == "PUT":
            return 200, {"mount": add(gateway, given).shown()}
        if method == "DELETE":
            remove(gateway, str(given.get("service")), str(given.get("name")))
            return 200, {}
        return 200, {"mounts": listed(gateway)}
    except Unmountable as error:
        return 409, {"error": str(error)}
    except (KeyError, AwsError) as error:
        return 400, {"error": str(error)}
