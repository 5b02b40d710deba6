"""Namespaces: data, users and roles. One is served while it has a workgroup."""

from __future__ import annotations

import secrets
import uuid
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from slipher.base.errors import AwsError
from slipher.cloud.call import Call
from slipher.cloud.constraints import check, invalid
from slipher.cloud.redshift import common, errands, fleet, link, managed_password
from slipher.cloud.redshift.credentials import identity
from slipher.cloud.redshift.iam_roles import associate, check_roles
from slipher.cloud.serverless.common import (
    arn,
    busy,
    conflict,
    find_namespace,
    in_our_words,
    kept_tags,
    moment,
    namespace,
    namespaces,
    of_namespace,
    page,
    row_of,
    settle,
)
from slipher.cloud.state.redshift import cluster_roles, clusters

SERVICE = "redshift-serverless.amazonaws.com"
OWN_KEY = "AWS_OWNED_KMS_KEY"
ADMIN = "admin"
GROUPS = (  # what UpdateNamespace changes at a time (source: API reference)
    ("adminUsername", "adminUserPassword", "manageAdminPassword", "adminPasswordSecretKmsKeyId"),
    ("iamRoles", "defaultIamRoleArn"),
    ("kmsKeyId",),
    ("logExports",),
)


def shape(db: Connection, row: Row[Any], now: float) -> dict[str, Any]:
    """A namespace as the API shows it."""
    facts = row.facts
    roles = db.execute(
        select(cluster_roles).where(cluster_roles.c.cluster_arn == row.arn).order_by(cluster_roles.c.role_arn)
    )
    going = row.transition in ("deleting", "final-snapshot")
    changing = row.transition == "restoring" or now < facts.get("ChangingUntil", 0.0)
    return {
        "namespaceArn": row.arn,
        "namespaceId": facts["NamespaceId"],
        "namespaceName": facts["NamespaceName"],
        "adminUsername": facts["MasterUsername"],
        "adminPasswordSecretArn": facts.get("MasterPasswordSecret"),
        "adminPasswordSecretKmsKeyId": facts.get("MasterPasswordKey"),
        "dbName": facts["DBName"],
        "kmsKeyId": OWN_KEY,
        "defaultIamRoleArn": facts.get("DefaultIamRoleArn"),
        "iamRoles": [f"IamRole(applyStatus={role.status}, iamRoleArn={role.role_arn})" for role in roles],
        "logExports": [],
        "status": "DELETING" if going else "MODIFYING" if changing else "AVAILABLE",
        "creationDate": moment(row.created),
    }


def _refuse(call: Call) -> None:
    """What a request asks for and nothing would come of."""
    params = call.params
    if params.get("kmsKeyId") not in (None, "", OWN_KEY):
        raise AwsError("NotImplemented", f"{call.operation} with kmsKeyId is not implemented by Slipher yet.", 501)
    if params.get("logExports"):
        raise AwsError("NotImplemented", f"{call.operation} with logExports is not implemented by Slipher yet.", 501)


def _roles(call: Call) -> tuple[list[str], str | None]:
    roles, default = list(call.params.get("iamRoles") or []), call.params.get("defaultIamRoleArn")
    with in_our_words():
        check_roles(call, roles, SERVICE)
    if default and default not in roles:
        raise invalid("The default IAM role must be one of the namespace's IAM roles.")
    return roles, default or None


def _admin(call: Call) -> tuple[str, str | None]:
    """The administrator's name and password; without, the caller's own identity is it, and comes by GetCredentials."""
    user, password = call.params.get("adminUsername"), call.params.get("adminUserPassword")
    managed = call.params.get("manageAdminPassword")
    if managed and password is not None:
        raise invalid("You can't use adminUserPassword if manageAdminPassword is true.")
    if call.params.get("adminPasswordSecretKmsKeyId") and not managed:
        raise invalid("You can only use adminPasswordSecretKmsKeyId if manageAdminPassword is true.")
    if not managed and (user is None) != (password is None):
        raise invalid("You must specify both adminUsername and adminUserPassword.")
    if user is None:
        return ADMIN if managed else identity(call.caller), None
    if not common.USER.fullmatch(user) or user in common.INTERNAL:
        raise invalid(f"The parameter adminUsername is not valid: {user}")
    if password is None:
        return str(user), None
    try:
        common.check_password(str(password))
    except AwsError as error:
        raise invalid(error.message.replace("MasterUserPassword", "adminUserPassword")) from None
    return str(user), str(password)


def create(call: Call) -> dict[str, Any]:
    """CreateNamespace."""
    check(call)
    _refuse(call)
    params, gateway = call.params, call.gateway
    name, database = str(params["namespaceName"]), str(params.get("dbName") or "dev").lower()
    if not common.DATABASE.fullmatch(database):
        raise invalid(f"The parameter dbName is not a valid database name: {database}")
    user, password = _admin(call)
    roles, default = _roles(call)
    identifier = str(uuid.uuid4())
    facts = {
        "NamespaceId": identifier,
        "NamespaceName": name,
        "MasterUsername": user,
        "DBName": database,
        "DefaultIamRoleArn": default,
        "Tags": kept_tags(params.get("tags")),
        "NodeType": "serverless",
        "NumberOfNodes": 1,
        "Slices": 2,  # until a workgroup says
    }
    with gateway.transaction() as db:
        settle(gateway, db)
        if find_namespace(db, call, name) is not None:
            raise conflict(f"Serverless namespace {name} already exists.")
        if params.get("manageAdminPassword"):
            with in_our_words():
                secret, password = managed_password.begin(call, db, name, user)
            facts |= secret
        db.execute(
            insert(clusters).values(
                arn=arn(call, "namespace", identifier),
                account=call.account,
                region=call.region,
                id=f"serverless-{identifier}",
                host="",
                port=0,
                facts=facts,
                secret=secrets.token_hex(32),
                # nobody knows the password of an administrator who has none
                admin_password_md5=common.password_md5(user, password or secrets.token_urlsafe(48)),
                transition="paused",
                due=gateway.now(),
                generation=1,
                created=gateway.now(),
            )
        )
        row = row_of(db, arn(call, "namespace", identifier))
        with in_our_words():
            associate(gateway, db, row.arn, roles)
        _changing(call, db, row)
        return {"namespace": shape(db, row_of(db, row.arn), gateway.now())}


def _changing(call: Call, db: Connection, row: Row[Any]) -> None:
    """MODIFYING for as long as the instance's settings say."""
    until = call.gateway.now() + call.gateway.settings.transition_seconds
    db.execute(update(clusters).where(clusters.c.arn == row.arn).values(facts=row.facts | {"ChangingUntil": until}))


def get(call: Call) -> dict[str, Any]:
    """GetNamespace."""
    check(call)
    with call.gateway.transaction() as db:
        settle(call.gateway, db)
        return {"namespace": shape(db, namespace(db, call), call.gateway.now())}


def list_(call: Call) -> dict[str, Any]:
    """ListNamespaces."""
    check(call)
    with call.gateway.transaction() as db:
        settle(call.gateway, db)
        rows, more = page(call, "namespaces", namespaces(db, call), lambda row: str(row.facts["NamespaceName"]))
        return {"namespaces": [shape(db, row, call.gateway.now()) for row in rows]} | more


def update_(call: Call) -> dict[str, Any]:
    """UpdateNamespace: the administrator, or the roles."""
    check(call)
    _refuse(call)
    params, gateway = call.params, call.gateway
    groups = [group for group in GROUPS if any(params.get(member) is not None for member in group)]
    if len(groups) > 1:
        raise invalid(f"Can't update multiple configurations at the same time for namespace {params['namespaceName']}.")
    named = groups[0] if groups else ()
    user, password = _admin(call) if "adminUsername" in named else (None, None)
    roles, default = _roles(call) if "iamRoles" in named and params.get("iamRoles") is not None else (None, None)
    with gateway.transaction() as db:
        settle(gateway, db)
        row = namespace(db, call)
        require_free(row, gateway.now())
        facts, values = dict(row.facts), dict[str, Any]()
        if "adminUsername" in named:
            user, password = _new_admin(call, db, row, facts, user, password)
        if user is not None and password is not None:
            facts |= {"MasterUsername": user, "PasswordSet": f":{gateway.now():.6f}"}
            values["admin_password_md5"] = common.password_md5(user, password)
        if "iamRoles" in named:
            wanted = roles if roles is not None else sorted(_associated(db, row))
            chosen = default if roles is not None else params.get("defaultIamRoleArn") or None
            if chosen and chosen not in wanted:
                raise invalid("The default IAM role must be one of the namespace's IAM roles.")
            facts["DefaultIamRoleArn"] = chosen
            _associate(call, db, row, wanted)
        db.execute(update(clusters).where(clusters.c.arn == row.arn).values(facts=facts, **values))
        _changing(call, db, row_of(db, row.arn))
        fleet.refresh_config(gateway, db, row.arn)
        answer = {"namespace": shape(db, row_of(db, row.arn), gateway.now())}
    if user is not None:
        link.reload(fleet.socket_of(gateway.data_dir, row.arn))
    return answer


def _new_admin(
    call: Call, db: Connection, row: Row[Any], facts: dict[str, Any], user: str | None, password: str | None
) -> tuple[str | None, str | None]:
    """The administrator whom a request makes, and what the facts say of the secret with his password."""
    managed, before = call.params.get("manageAdminPassword"), facts.get("MasterPasswordSecret")
    if before and not managed and password is None:
        raise invalid("You must specify adminUsername and adminUserPassword in the managed password's place.")
    if password is not None and before and managed is None:
        raise invalid("You can't use adminUserPassword while the admin password is managed by AWS Secrets Manager.")
    if managed and before and call.params.get("adminUsername") in (None, facts["MasterUsername"]):
        return None, None  # as it is
    if before:
        facts |= managed_password.end(call, db, row)
    if managed:
        user = user if call.params.get("adminUsername") is not None else facts["MasterUsername"]
        with in_our_words():
            secret, password = managed_password.begin(call, db, facts["NamespaceName"], str(user))
        facts |= secret
    return user, password


def _associated(db: Connection, row: Row[Any]) -> set[str]:
    return set(db.scalars(select(cluster_roles.c.role_arn).where(cluster_roles.c.cluster_arn == row.arn)))


def _associate(call: Call, db: Connection, row: Row[Any], wanted: list[str]) -> None:
    """These roles and no others."""
    due = call.gateway.now() + call.gateway.settings.transition_seconds
    mine = (cluster_roles.c.cluster_arn == row.arn, cluster_roles.c.role_arn.not_in(wanted))
    db.execute(update(cluster_roles).where(*mine).values(status="removing", due=due))
    with in_our_words():
        associate(call.gateway, db, row.arn, wanted)


def require_free(row: Row[Any], now: float) -> None:
    """ConflictException while a namespace is being changed."""
    if row.transition not in (None, "paused") or now < row.facts.get("ChangingUntil", 0.0):
        raise busy("namespace")


def delete_(call: Call) -> dict[str, Any]:
    """DeleteNamespace: its data are removed; before that its last snapshot is taken, if one is asked for."""
    from slipher.cloud.serverless import snapshots  # which restores namespaces

    check(call)
    params, gateway = call.params, call.gateway
    final, days = params.get("finalSnapshotName"), params.get("finalSnapshotRetentionPeriod")
    if days is not None and not final:
        raise invalid("finalSnapshotRetentionPeriod needs finalSnapshotName.")
    with gateway.transaction() as db:
        settle(gateway, db)
        row = namespace(db, call)
        if of_namespace(db, row.arn) is not None:
            raise conflict(
                f"You can't delete namespace {params['namespaceName']} because a workgroup is associated with it."
            )
        require_free(row, gateway.now())
        if final:
            snapshots.put(call, db, row, str(final), days, None, final=True)
        else:
            db.execute(delete(cluster_roles).where(cluster_roles.c.cluster_arn == row.arn))
        values = {
            "transition": "final-snapshot" if final else "deleting",
            "due": gateway.now() + gateway.settings.transition_seconds,
            "facts": row.facts | {"Stopped": True},
        }
        db.execute(update(clusters).where(clusters.c.arn == row.arn).values(**values))
        answer = {"namespace": shape(db, row_of(db, row.arn), gateway.now())}
    gateway.wake_supervisor()
    errands.begin(gateway)
    return answer
