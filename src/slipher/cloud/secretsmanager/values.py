"""The values of secrets: versions with their staging labels, sealed at rest."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from slipher.base.errors import AwsError
from slipher.cloud.call import Call
from slipher.cloud.kms.common import find as find_key
from slipher.cloud.kms.operations import data_key_for, opened_for
from slipher.cloud.secretsmanager.common import (
    arn_of,
    find,
    find_own,
    invalid,
    moment,
    not_found,
    policy_of,
    refused,
    tag_context,
)
from slipher.cloud.state.secretsmanager import secrets, versions
from slipher.cloud.vault import Unreadable, seal, unseal

CURRENT, PREVIOUS = "AWSCURRENT", "AWSPREVIOUS"
KINDS = ("SecretString", "SecretBinary")
MAX_VALUE = 65536
MAX_STAGES = 20
MAX_UNLABELLED = 100
DAY = 86400
OWN_KEY = "alias/aws/secretsmanager"
ENCRYPTION = (
    "EncryptionFailure",
    "Secrets Manager can't encrypt the protected secret text using the provided KMS key. Check that the KMS key is "
    "available, enabled, and not in an invalid state.",
)
DECRYPTION = (
    "DecryptionFailure",
    "Secrets Manager can't decrypt the protected secret text using the provided KMS key.",
)


def given_value(params: Any) -> tuple[str, bytes] | None:
    """The value in a request: the member that has it, and its bytes."""
    found = [(kind, params[kind]) for kind in KINDS if params.get(kind) is not None]
    if len(found) > 1:
        raise invalid("You can't specify both a binary secret value and a string secret value in the same secret.")
    if not found:
        return None
    kind, value = found[0]
    data = value.encode() if isinstance(value, str) else bytes(value)
    if not data:
        raise invalid(f"{kind} can't be empty.")
    if len(data) > MAX_VALUE:
        raise AwsError(
            "ValidationException",
            f"1 validation error detected: Value at '{kind[0].lower()}{kind[1:]}' failed to satisfy constraint: "
            f"Member must have length less than or equal to {MAX_VALUE}",
        )
    return kind, data


def token_of(params: Any) -> str:
    """The request's ClientRequestToken, which becomes the version's id; a new one without."""
    token = params.get("ClientRequestToken")
    if token is None:
        return str(uuid.uuid4())
    if not 32 <= len(token) <= 64:
        raise invalid("ClientRequestToken must be 32-64 characters long.")
    return str(token)


def _belongs(secret: str, version: str) -> str:
    return f"{secret}/{version}"


def checked_key(call: Call, given: str | None) -> str | None:
    """A request's KmsKeyId, which must be there; None for the service's own key, under which the vault seals."""
    if given is None or given == OWN_KEY or given.endswith(f":{OWN_KEY}"):
        return None
    _in_our_words(lambda: find_key(call, given), ENCRYPTION)
    return given


def _in_our_words(ask: Callable[[], Any], failure: tuple[str, str]) -> Any:
    """What KMS said, as Secrets Manager hands it on."""
    try:
        return ask()
    except AwsError as error:
        if error.code == "AccessDeniedException":
            raise AwsError(error.code, "Access to KMS is not allowed", error.status, headers=error.headers) from None
        raise AwsError(*failure) from None


def sealed(call: Call, secret: str, version: str, data: bytes, key: str | None) -> dict[str, Any]:
    """A value as it is stored: under a data key of KMS, which the caller must be allowed to have, or by the vault."""
    belongs = _belongs(secret, version)
    if key is None:
        return {"value": call.gateway.vault.seal(data, belongs), "data_key": None}
    context = _context(secret, version)
    _, data_key, wrapped = _in_our_words(lambda: data_key_for(call, key, context, "secretsmanager"), ENCRYPTION)
    return {"value": seal(data_key, data, belongs), "data_key": wrapped}


def _context(secret: str, version: str) -> dict[str, str]:
    """The encryption context, as policies of keys can name it."""
    return {"SecretARN": secret, "SecretVersionId": version}


def opened(call: Call, row: Row[Any]) -> bytes:
    """A version's value."""
    try:
        if row.data_key is None:
            return call.gateway.vault.unseal(row.value, _belongs(row.secret, row.id))
        context = _context(row.secret, row.id)
        key = _in_our_words(lambda: opened_for(call, row.data_key, context, "secretsmanager"), DECRYPTION)
        return unseal(key, row.value, _belongs(row.secret, row.id))
    except Unreadable:
        raise AwsError(*DECRYPTION) from None


def versions_of(db: Connection, secret: str) -> Sequence[Row[Any]]:
    """All versions of a secret, the newest first."""
    return db.execute(select(versions).where(versions.c.secret == secret).order_by(versions.c.created.desc())).all()


def add_version(
    call: Call, db: Connection, secret: Row[Any], token: str, value: tuple[str, bytes], stages: Sequence[str]
) -> tuple[str, list[str]]:
    """Store a version under its token and give it its labels. The same token and value again change nothing."""
    kind, data = value
    known = {row.id: row for row in versions_of(db, secret.arn)}
    before = known.get(token)
    if before is not None:
        if before.kind != kind or opened(call, before) != data:
            raise AwsError(
                "ResourceExistsException",
                f"You can't use ClientRequestToken {token} because that value is already in use for a version of secret "
                f"{secret.arn}.",
            )
        return token, list(before.stages)
    if not any(CURRENT in row.stages for row in known.values()):
        stages = [*stages, CURRENT] if CURRENT not in stages else stages
    now = call.gateway.now()
    db.execute(
        insert(versions).values(
            secret=secret.arn,
            id=token,
            kind=kind,
            **sealed(call, secret.arn, token, data, secret.facts.get("KmsKeyId")),
            stages=[],
            created=now,
        )
    )
    for stage in stages:
        move_stage(db, secret.arn, stage, token)
    db.execute(update(secrets).where(secrets.c.arn == secret.arn).values(changed=now))
    unlabelled = [row.id for row in versions_of(db, secret.arn) if not row.stages]
    db.execute(delete(versions).where(versions.c.secret == secret.arn, versions.c.id.in_(unlabelled[MAX_UNLABELLED:])))
    return token, list(stages)


def reseal(call: Call, db: Connection, secret: str, key: str | None) -> None:
    """Versions that have a label of the service's own go under another key."""
    for row in versions_of(db, secret):
        if {CURRENT, PREVIOUS, "AWSPENDING"} & set(row.stages):
            values = sealed(call, secret, row.id, opened(call, row), key)
            db.execute(update(versions).where(versions.c.secret == secret, versions.c.id == row.id).values(**values))


def move_stage(db: Connection, secret: str, stage: str, to: str | None) -> None:
    """A label leaves the version that has it, and goes to another; who loses AWSCURRENT becomes AWSPREVIOUS."""
    before = {row.id: list(row.stages) for row in versions_of(db, secret)}
    after = {one: [label for label in labels if label != stage] for one, labels in before.items()}
    if to is not None:
        after[to].append(stage)
    loser = next((one for one, labels in before.items() if CURRENT in labels and one != to), None)
    if stage == CURRENT and to is not None and loser is not None:
        after = {one: [label for label in labels if label != PREVIOUS] for one, labels in after.items()}
        after[loser].append(PREVIOUS)
    for one, labels in after.items():
        if labels != before[one]:
            db.execute(update(versions).where(versions.c.secret == secret, versions.c.id == one).values(stages=labels))


def put(call: Call) -> dict[str, Any]:
    """PutSecretValue."""
    params = call.params
    value, token = given_value(params), token_of(params)
    if value is None:
        raise refused("You must provide either SecretString or SecretBinary.")
    stages = list(dict.fromkeys(params.get("VersionStages") or [CURRENT]))
    if len(stages) > MAX_STAGES:
        raise AwsError("LimitExceededException", f"A version can have at most {MAX_STAGES} staging labels.")
    with call.gateway.transaction() as db:
        row = find_own(db, call)
        version, labels = add_version(call, db, row, token, value, stages)
    return {"ARN": row.arn, "Name": row.name, "VersionId": version, "VersionStages": labels}


def get(call: Call) -> dict[str, Any]:
    """GetSecretValue."""
    params = call.params
    return _read(call, str(params["SecretId"]), params.get("VersionId"), params.get("VersionStage"))


def read_for(call: Call, given: str) -> dict[str, Any]:
    """A secret's current value for a request of another service, if its caller may have it."""
    context = tag_context(call, given) | {"secretsmanager:SecretId": arn_of(call, given)}
    call.require("secretsmanager:GetSecretValue", arn_of(call, given), context, policy_of(call, given))
    return _read(call, given, None, None)


def _read(call: Call, given: str, version: str | None, stage: str | None) -> dict[str, Any]:
    with call.gateway.read() as db:
        row = find(db, call, given)
        chosen = [
            one
            for one in versions_of(db, row.arn)
            if (one.id == version if version else (stage or CURRENT) in one.stages)
        ]
    if not chosen or (version and stage and stage not in chosen[0].stages):
        what = f"VersionId: {version}" if version else f"staging label: {stage or CURRENT}"
        if chosen:
            raise refused("You provided a VersionStage that is not associated to the provided VersionId.")
        raise not_found(f"Secrets Manager can't find the specified secret value for {what}")
    found = chosen[0]
    data = opened(call, found)
    today = call.gateway.now() // DAY * DAY
    if row.accessed != today or found.accessed != today:
        with call.gateway.transaction() as db:
            db.execute(update(secrets).where(secrets.c.arn == row.arn).values(accessed=today))
            mine = (versions.c.secret == row.arn, versions.c.id == found.id)
            db.execute(update(versions).where(*mine).values(accessed=today))
    return {
        "ARN": row.arn,
        "Name": row.name,
        "VersionId": found.id,
        found.kind: data.decode() if found.kind == "SecretString" else data,
        "VersionStages": found.stages,
        "CreatedDate": moment(found.created),
    }


def list_versions(call: Call) -> dict[str, Any]:
    """ListSecretVersionIds: those with labels, and the others if they are asked for; at most 100, so one page at a time."""
    limit = call.params.get("MaxResults") or 100
    start = call.params.get("NextToken") or ""
    with call.gateway.read() as db:
        row = find(db, call, deleted=True)
        rows = [one for one in versions_of(db, row.arn) if one.stages or call.params.get("IncludeDeprecated")]
    ids = [one.id for one in rows]
    if start and start not in ids:
        raise AwsError("InvalidNextTokenException", "The NextToken value is invalid.")
    first = ids.index(start) + 1 if start else 0
    shown = [
        {"VersionId": one.id, "VersionStages": one.stages, "CreatedDate": moment(one.created)}
        | ({"LastAccessedDate": moment(one.accessed)} if one.accessed is not None else {})
        for one in rows[first : first + limit]
    ]
    found: dict[str, Any] = {"ARN": row.arn, "Name": row.name, "Versions": shown}
    if first + limit < len(rows):
        found["NextToken"] = shown[-1]["VersionId"]
    return found


def update_stage(call: Call) -> dict[str, Any]:
    """UpdateSecretVersionStage."""
    params = call.params
    stage, source, target = params["VersionStage"], params.get("RemoveFromVersionId"), params.get("MoveToVersionId")
    with call.gateway.transaction() as db:
        row = find_own(db, call)
        rows = {one.id: one for one in versions_of(db, row.arn)}
        for one in (source, target):
            if one is not None and one not in rows:
                raise not_found(f"Secrets Manager can't find the specified secret value for VersionId: {one}")
        holder = next((one.id for one in rows.values() if stage in one.stages), None)
        if source is not None and source != holder:
            raise invalid(f"The staging label {stage} is currently not attached to version {source}.")
        if target is not None and holder not in (None, target) and source is None:
            raise invalid(
                f"The parameter RemoveFromVersionId can't be empty. Staging label {stage} is currently attached to "
                f"version {holder}, so you must explicitly reference that version in RemoveFromVersionId."
            )
        if target is None and stage == CURRENT:
            raise invalid("You can't remove the staging label AWSCURRENT; move it to another version.")
        if source is None and target is None:
            raise invalid("You must provide RemoveFromVersionId, MoveToVersionId, or both.")
        move_stage(db, row.arn, stage, target)
    return {"ARN": row.arn, "Name": row.name}
