"""`/federation`: AWS's way into the console with temporary credentials.

`Action=getSigninToken&Session={sessionId, sessionKey, sessionToken}` gives a token for 15 minutes; `Action=login` takes it once
and leads into the console with a code for a minute; with `Action=getSession` the console's page takes the code once and gets
the credentials of a session of its own. Credentials of a console's session may call IAM, which AWS refuses to those of
GetFederationToken otherwise. Those of GetSessionToken open no console, as on AWS.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

from sqlalchemy import Connection, Row, delete, insert, select

from slipher.aws.serialize import Response
from slipher.base.clock import iso
from slipher.base.errors import AwsError
from slipher.cloud import trail
from slipher.cloud.call import HttpFacts
from slipher.cloud.console.files import GUARDS, plain
from slipher.cloud.context import Gateway
from slipher.cloud.identities import Key, find_key
from slipher.cloud.state import iam
from slipher.cloud.state.signin import tickets
from slipher.cloud.sts.sessions import issue

TOKEN_SECONDS, CODE_SECONDS = 15 * 60, 60
SHORTEST, LONGEST = 900, 43200
MAX_SESSION = 16384
AWS_CONSOLE = "console.aws.amazon.com"
AREAS = {  # first part of a path in AWS's console -> in ours
    "iam": "iam", "iamv2": "iam", "redshift": "redshift", "redshiftv2": "redshift", "s3": "s3", "dynamodb": "dynamodb",
    "dynamodbv2": "dynamodb", "sqlworkbench": "query", "secretsmanager": "secrets", "scheduler": "schedules",
    "cloudtrail": "monitoring", "cloudtrailv2": "monitoring",
}  # fmt: skip


def answer(gateway: Gateway, http: HttpFacts, body: bytes) -> Response:
    """Answer one request; parameters come in the query or, by POST, in a form."""
    values = dict(http.query)
    if http.method == "POST":
        values |= dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
    elif http.method != "GET":
        return plain(405, "The federation endpoint takes GET and POST.", {"allow": "GET, POST"})
    action = {"getSigninToken": _get_signin_token, "login": _login, "getSession": _get_session}.get(
        values.get("Action", "")
    )
    if action is None:
        return plain(400, "Action is missing, or is none of getSigninToken, login and getSession.")
    try:
        return action(gateway, http, values)
    except AwsError as error:
        return plain(error.status, f"{error.code}: {error.message}")


def _get_signin_token(gateway: Gateway, http: HttpFacts, values: Mapping[str, str]) -> Response:
    key = _credentials(gateway, values.get("Session", ""))
    caller = key.caller
    if caller.kind not in ("role", "federated"):
        raise _bad(
            "The console is entered with credentials from AssumeRole or GetFederationToken, not GetSessionToken."
        )
    seconds = _seconds(values.get("SessionDuration"), caller.kind)
    with gateway.transaction() as db:
        token = _ticket(gateway, db, "token", caller.access_key_id, seconds, TOKEN_SECONDS)
    trail.note_signin(gateway, caller, "GetSigninToken", http, gateway.settings.region)
    return _json({"SigninToken": token})


def _seconds(text: str | None, kind: str) -> int | None:
    """SessionDuration, which only roles' credentials may come with."""
    if text is None:
        return None
    if kind == "federated":
        raise _bad("SessionDuration cannot be used with credentials from GetFederationToken.")
    if not text.isascii() or not text.isdigit() or not SHORTEST <= int(text) <= LONGEST:
        raise _bad(f"SessionDuration takes {SHORTEST} to {LONGEST} seconds.")
    return int(text)


def _credentials(gateway: Gateway, text: str) -> Key:
    """The key that a Session names; its secret is proven by being shown, so compared without telling where it differs."""
    try:
        session = json.loads(text if len(text) <= MAX_SESSION else "")
        parts = [session[name] for name in ("sessionId", "sessionKey", "sessionToken")]
    except (ValueError, TypeError, KeyError):
        raise _bad("Session must be JSON with sessionId, sessionKey and sessionToken.") from None
    if not all(isinstance(part, str) for part in parts):
        raise _bad("Session must be JSON with sessionId, sessionKey and sessionToken.")
    key = find_key(gateway, parts[0])
    if (
        key is None
        or not key.token
        or not secrets.compare_digest(key.secret.encode(), parts[1].encode("utf-8", "replace"))
        or not secrets.compare_digest(key.token.encode(), parts[2].encode("utf-8", "replace"))
    ):
        raise _bad("The session's credentials are not valid temporary credentials.")
    if key.expires is not None and gateway.now() >= key.expires:
        raise _bad("The session's credentials have expired.")
    return key


def _login(gateway: Gateway, http: HttpFacts, values: Mapping[str, str]) -> Response:
    """Take the token, and lead into the console. What the code opens is never in an address that a server is asked for."""
    target = _destination(gateway, http, values.get("Destination", ""))
    with gateway.transaction() as db:
        row = _take(gateway, db, "token", values.get("SigninToken", ""))
        code = _ticket(gateway, db, "code", row.access_key_id, row.seconds, CODE_SECONDS) if row is not None else None
    if code is None:
        return plain(
            400, "The sign-in token is not valid, was used before, or has expired. Ask for a new link: slipher console"
        )
    place = f"/console/signin#code={code}&to={quote(target, safe='')}"
    return Response(302, {"location": place, "cache-control": "no-store", **GUARDS})


def _destination(gateway: Gateway, http: HttpFacts, text: str) -> str:
    """The path in the console that a Destination means: of this gateway, or one of AWS's console that has its like here."""
    try:
        parts = urlsplit(text)
        host = parts.hostname or ""
    except ValueError:
        raise _bad("Destination is not a URL.") from None
    query = f"?{parts.query}" if parts.query else ""
    own = {http.headers.get("host", ""), urlsplit(gateway.url).netloc}
    if host == AWS_CONSOLE or host.endswith("." + AWS_CONSOLE):
        return "/" + AREAS.get(parts.path.strip("/").partition("/")[0], "") + query
    if (parts.netloc in own and parts.scheme in ("http", "https")) or (not parts.netloc and not parts.scheme):
        if parts.path in ("", "/"):
            return "/" + query
        if (parts.path + "/").startswith("/console/"):
            return "/" + parts.path.removeprefix("/console").lstrip("/") + query
    raise _bad("Destination must be a page of the console.")


def _get_session(gateway: Gateway, http: HttpFacts, values: Mapping[str, str]) -> Response:
    """Take a login's code, or a token (the page's form has one); credentials of a session that may what the first ones may."""
    origin = http.headers.get("origin")
    if http.method != "POST" or (origin is not None and urlsplit(origin).netloc != http.headers.get("host")):
        raise AwsError("AccessDenied", "Only the console's own page may take up a session.", 403)
    with gateway.transaction() as db:
        kind, given = ("code", "Code") if values.get("Code") else ("token", "SigninToken")
        row = _take(gateway, db, kind, values.get(given, ""))
        first = None
        if row is not None:
            first = db.execute(select(iam.sessions).where(iam.sessions.c.access_key_id == row.access_key_id)).first()
        now = gateway.now()
        if row is None or first is None or first.expires <= now:
            raise _bad("What should open the session is not valid, was used before, or has expired.")
        left = int(first.expires - now)
        seconds = row.seconds or left
        made = issue(
            db,
            now,
            seconds,
            account=first.account,
            kind=first.kind,
            name=first.name,
            session_name=first.session_name,
            policies=tuple(first.policies),
            facts={**(first.facts or {}), "console": True},
        )
    entered = find_key(gateway, made.access_key_id)
    if entered is not None:
        trail.note_signin(gateway, entered.caller, "ConsoleLogin", http, gateway.settings.region)
    session = {
        "sessionId": made.access_key_id,
        "sessionKey": made.secret_access_key,
        "sessionToken": made.session_token,
        "expiration": iso(made.expiration.timestamp()),
    }
    return _json(session)


def _ticket(gateway: Gateway, db: Connection, kind: str, access_key_id: str, seconds: int | None, lasts: int) -> str:
    """A new ticket; those that have run out are swept away on the way."""
    now = gateway.now()
    made = secrets.token_urlsafe(96 if kind == "token" else 32)
    db.execute(delete(tickets).where(tickets.c.expires < now))
    db.execute(
        insert(tickets).values(
            hash=_hash(made), kind=kind, access_key_id=access_key_id, seconds=seconds, expires=now + lasts
        )
    )
    return made


def _take(gateway: Gateway, db: Connection, kind: str, ticket: str) -> Row[Any] | None:
    """The ticket's row, which is gone after this; None if there is none, or it came too late."""
    which = (tickets.c.hash == _hash(ticket), tickets.c.kind == kind)
    row = db.execute(select(tickets).where(*which)).first()
    db.execute(delete(tickets).where(*which))
    return row if row is not None and gateway.now() < row.expires else None


def _hash(ticket: str) -> str:
    return hashlib.sha256(ticket.encode("utf-8", "replace")).hexdigest()


def _json(value: dict[str, str]) -> Response:
    headers = {"content-type": "application/json", "cache-control": "no-store", **GUARDS}
    return Response(200, headers, json.dumps(value).encode())


def _bad(text: str) -> AwsError:
    return AwsError("InvalidRequest", text, 400)
