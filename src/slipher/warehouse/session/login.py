"""Who may have a session: the order of the questions is the order of the functions in `login`.

Challenges are made and answers checked here; `ask` sends one and gives what the client answered.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass

from slipher.base.dbtoken import LoginGrant
from slipher.base.errors import SqlError
from slipher.warehouse.catalog import bootstrap
from slipher.warehouse.catalog.model import UserRow
from slipher.warehouse.context import Warehouse
from slipher.warehouse.run.state import SessionState, SessionUser
from slipher.warehouse.session import iam_login, records
from slipher.warehouse.session.settings import Settings, unrecognized
from slipher.wire import auth, connection as wire, messages

Ask = Callable[[bytes], wire.Event]


@dataclass(frozen=True, slots=True)
class Knock:
    """A client at the door. `internal` ones come by the unix socket, which only this account can open."""

    parameters: dict[str, str]
    remote: str
    internal: bool
    encrypted: bool

    @property
    def user(self) -> str:
        """The user's name as given."""
        return self.parameters.get("user", "")

    @property
    def database(self) -> str:
        """The database; the user's name where none is given."""
        return self.parameters.get("database") or self.user


def login(warehouse: Warehouse, knock: Knock, ask: Ask) -> SessionState:
    """The session of a client who may have one; a FATAL error for others."""
    if not knock.user:
        raise SqlError("28000", "no user name specified in startup packet")
    _require_encryption(warehouse, knock)
    user, grant = _authenticate(warehouse, knock, ask)
    if warehouse.catalog.snapshot.database(knock.database) is None:
        raise SqlError("3D000", f'database "{knock.database}" does not exist')
    return open_session(warehouse, user, knock.database, knock.parameters, knock.remote, grant)


def open_session(
    warehouse: Warehouse,
    user: UserRow,
    database: str,
    parameters: dict[str, str],
    remote: str,
    grant: LoginGrant | None = None,
) -> SessionState:
    """A session of a user; `grant` is what let an IAM identity in."""
    settings = _settings(warehouse, parameters, user)
    pid = warehouse.activity.next_pid()
    joined = iam_login.joined(warehouse, grant) if grant is not None else frozenset[int]()
    who = SessionUser(user.oid, user.name, user.superuser, user.unrestricted, joined)
    state = SessionState(
        warehouse=warehouse,
        pid=pid,
        user=who,
        session_user=who,
        database=database,
        settings=settings,
        engine=warehouse.engine.session(),
        temp_namespace=f"pg_temp_{pid}",
        started=warehouse.clock.now(),
        remote=remote,
        login=grant.login if grant is not None else user.name,
        identity=grant.identity if grant is not None else None,
        connection_limit=None if user.superuser else user.connection_limit,
    )
    state.apply_timezone()
    return state


def _require_encryption(warehouse: Warehouse, knock: Knock) -> None:
    required = warehouse.config.require_ssl or iam_login.is_iam(knock.user)  # whose passwords cross in clear
    if knock.internal or knock.encrypted or not required:
        return
    host = knock.remote.rpartition(":")[0]
    text = f'no pg_hba.conf entry for host "{host}", user "{knock.user}", database "{knock.database}", SSL off'
    raise SqlError("28000", text)


def _authenticate(warehouse: Warehouse, knock: Knock, ask: Ask) -> tuple[UserRow, LoginGrant | None]:
    if iam_login.is_iam(knock.user):
        return _by_grant(warehouse, knock, ask)
    user = warehouse.catalog.snapshot.user(knock.user)
    if knock.internal and knock.user == "rdsdb":
        right = True
    else:
        right = _knows_password(user.password if user is not None else None, ask)
        expired = user is not None and user.valid_until is not None and user.valid_until <= warehouse.clock.now()
        right = right and not expired and user is not None and user.oid != bootstrap.RDSDB
    if not right or user is None:
        raise _refused(warehouse, knock)
    return user, None


def _by_grant(warehouse: Warehouse, knock: Knock, ask: Ask) -> tuple[UserRow, LoginGrant]:
    answer = ask(messages.CLEARTEXT_PASSWORD)
    given = answer.data if isinstance(answer, wire.PasswordMessage) else b""
    grant = iam_login.granted(warehouse, knock.user, knock.database, given)
    user = iam_login.user_of(warehouse, grant) if grant is not None else None
    if grant is None or user is None:
        raise _refused(warehouse, knock)
    return user, grant


def _refused(warehouse: Warehouse, knock: Knock) -> SqlError:
    method = iam_login.METHOD if iam_login.is_iam(knock.user) else "password"
    records.refused(warehouse, knock.user, knock.remote, method)
    return SqlError("28000", f'password authentication failed for user "{knock.user}"')


def _knows_password(stored: str | None, ask: Ask) -> bool:
    """Challenge and check. An unknown user is asked like a known one, so that nobody learns who exists."""
    if stored is not None and stored.startswith("sha256|"):
        nonce = secrets.token_bytes(16)
        digest = ask(messages.digest_password(auth.sha256_parts(stored)[1], nonce))
        return isinstance(digest, wire.DigestAnswer) and auth.verify_digest(
            stored, nonce, digest.digest, digest.client_nonce
        )
    salt = secrets.token_bytes(4)
    answer = ask(messages.md5_password(salt))
    given = answer.data if isinstance(answer, wire.PasswordMessage) else b""
    right = auth.verify_md5(stored or "md5" + secrets.token_hex(16), salt, given)
    return right and stored is not None


def _settings(warehouse: Warehouse, parameters: dict[str, str], user: UserRow) -> Settings:
    """The cluster's parameters, then the user's, then the client's. Keys of the startup message that are no parameters are a
    driver's own words and pass (as on Redshift); in `options` they are a mistake."""
    settings = Settings({str(name): str(value) for name, value in warehouse.config.parameters.items()})
    for setting in user.settings:
        name, _, value = setting.partition("=")
        settings.set(name, value)
    for name, value in parameters.items():
        if name not in ("user", "database", "options") and settings.has(name.lower()):
            settings.set(name.lower(), value)
    for name, value in _options(parameters.get("options", "")):
        if not settings.has(name.lower()):
            raise unrecognized(name)
        settings.set(name.lower(), value)
    return settings


def _options(text: str) -> list[tuple[str, str]]:
    """The settings of `options`: -c name=value, -cname=value or --name=value; a backslash keeps a blank."""
    words = [word.replace("\0", " ") for word in text.replace("\\ ", "\0").split()]
    found = []
    while words:
        word = words.pop(0)
        if word == "-c" and words:
            word = words.pop(0)
        elif word.startswith(("-c", "--")):
            word = word[2:]
        else:
            raise SqlError("42601", f"invalid command-line argument for server process: {word}")
        name, equals, value = word.partition("=")
        if not equals:
            raise SqlError("42601", f"-c {word} requires a value")
        found.append((name.replace("-", "_"), value))
    return found
