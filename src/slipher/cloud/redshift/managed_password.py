"""ManageMasterPassword: the admin password of a cluster, or a serverless namespace, lives in a secret that Redshift makes,
rotates and deletes.

Source: management guide, "Managing Amazon Redshift admin passwords using AWS Secrets Manager". The caller needs permission for
what happens to the secret.
"""

from __future__ import annotations

import json
import logging
from typing import Any

from sqlalchemy import Connection, Row, select, update

from slipher.base.errors import AwsError
from slipher.base.ids import request_id
from slipher.cloud.call import Call, Caller, HttpFacts
from slipher.cloud.context import Gateway
from slipher.cloud.redshift import common, fleet, link
from slipher.cloud.redshift.events import note
from slipher.cloud.secretsmanager import secrets as vault
from slipher.cloud.secretsmanager.common import look_up
from slipher.cloud.secretsmanager.values import CURRENT, add_version, checked_key, token_of
from slipher.cloud.state.redshift import clusters
from slipher.cloud.state.secretsmanager import secrets

log = logging.getLogger("slipher.gateway")
OWNER = "redshift"
DAYS = 30  # between two rotations
DAY = 86400.0


def wanted(call: Call, managed: bool) -> bool | None:
    """Whether a request asks for a managed password, asks for an end of that, or for neither (None); checked."""
    params = call.params
    given, password = params.get("ManageMasterPassword"), params.get("MasterUserPassword")
    if password is not None and (given or (managed and given is None)):
        raise AwsError(
            "InvalidParameterCombination",
            "MasterUserPassword cannot be specified while the admin password is managed by AWS Secrets Manager.",
        )
    if params.get("MasterPasswordSecretKmsKeyId") and not (given or managed):
        raise AwsError(
            "InvalidParameterCombination", "MasterPasswordSecretKmsKeyId needs ManageMasterPassword to be true."
        )
    if given is False and managed and password is None:
        raise AwsError("InvalidParameterCombination", "MasterUserPassword is needed in the managed password's place.")
    return None if given is None or bool(given) == managed else bool(given)


def begin(call: Call, db: Connection, cluster: str, user: str) -> tuple[dict[str, Any], str]:
    """Make the secret of a cluster: what the cluster's facts say of it, and the password."""
    name = f"redshift!{cluster}-{user}"
    arn = f"arn:aws:secretsmanager:{call.region}:{call.account}:secret:{name}-??????"
    for action in ("CreateSecret", "TagResource"):
        call.require(f"secretsmanager:{action}", arn)
    given = call.params.get("MasterPasswordSecretKmsKeyId") or call.params.get("adminPasswordSecretKmsKeyId")
    key, what = checked_key(call, given), "namespace" if call.service == "redshift-serverless" else "cluster"
    now, password = call.gateway.now(), common.new_password()
    facts: dict[str, Any] = {
        "Description": f"Secret associated with the Amazon Redshift {what}: {cluster}",
        "Tags": [],
        "KmsKeyId": key,
        "OwningService": OWNER,
        "Rotated": now,
        "RotationDays": DAYS,
    }
    if look_up(db, call, name) is not None:
        raise AwsError("InvalidParameterValue", f"A secret with the name {name} already exists.")
    row = vault.add(call, db, name, facts)
    _put(call, db, row, user, password)
    return {"MasterPasswordSecret": row.arn, "MasterPasswordKey": key}, password


def _put(call: Call, db: Connection, row: Row[Any], user: str, password: str) -> None:
    value = json.dumps({"username": user, "password": password}).encode()
    add_version(call, db, row, token_of(call.params), ("SecretString", value), [CURRENT])


def end(call: Call, db: Connection, cluster: Row[Any]) -> dict[str, Any]:
    """Delete the secret of a cluster; what its facts say then."""
    arn = cluster.facts["MasterPasswordSecret"]
    call.require("secretsmanager:DeleteSecret", arn)
    vault.forget(db, arn)
    return {"MasterPasswordSecret": None, "MasterPasswordKey": None}


def rotate(call: Call, db: Connection, row: Row[Any]) -> Any:
    """A new password for the cluster of a secret; the socket of its process, which is to be told after the commit."""
    every = db.execute(select(clusters)).all()
    cluster = next((one for one in every if one.facts.get("MasterPasswordSecret") == row.arn), None)
    if cluster is None:
        raise AwsError("InvalidRequestException", "The cluster of this secret does not exist any more.")
    gateway, user, password = call.gateway, cluster.facts["MasterUsername"], common.new_password()
    _put(call, db, row, user, password)
    now = gateway.now()
    vault.change(db, db.execute(select(secrets).where(secrets.c.arn == row.arn)).one(), now, {"Rotated": now})
    facts = cluster.facts | {"PasswordSet": f":{now:.6f}"}
    md5 = common.password_md5(user, password)
    db.execute(update(clusters).where(clusters.c.arn == cluster.arn).values(facts=facts, admin_password_md5=md5))
    fleet.refresh_config(gateway, db, cluster.arn)
    note(gateway, db, cluster, "password")
    return fleet.socket_of(gateway.data_dir, cluster.arn)


def rotate_due(gateway: Gateway) -> None:
    """Rotate what has not been for its days."""
    now = gateway.now()
    with gateway.read() as db:
        rows = db.execute(select(secrets)).all()
    for row in rows:
        facts = row.facts
        if facts.get("OwningService") != OWNER or facts["Rotated"] + facts["RotationDays"] * DAY > now:
            continue
        caller = Caller("service", row.account, "redshift.amazonaws.com", "redshift.amazonaws.com", "")
        http = HttpFacts("POST", "/", {}, {}, "https", "127.0.0.1")
        call = Call(gateway, "secretsmanager", "RotateSecret", row.account, row.region, caller, {}, http, request_id())
        try:
            with gateway.transaction() as db:
                socket = rotate(call, db, row)
            link.reload(socket)
        except AwsError as error:
            log.warning("the secret %s could not be rotated: %s", row.name, error)
            with gateway.transaction() as db:  # not again before the next day
                vault.change(db, row, row.changed, {"Rotated": now - (facts["RotationDays"] - 1) * DAY})
