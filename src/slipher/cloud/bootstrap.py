"""The first start: an administrator's access key, and the first cluster. Later starts: sweep what a crash left."""

from __future__ import annotations

import json

from sqlalchemy import func, insert, select

from slipher.base.ids import secret_key, unique_id
from slipher.base.secretfiles import write_secret
from slipher.cloud.context import Gateway
from slipher.cloud.data_api.store import abandon
from slipher.cloud.dynamodb.store import renew_keys
from slipher.cloud.redshift import automatic_times, common, errands
from slipher.cloud.redshift.clusters import add
from slipher.cloud.redshift.fleet import CLUSTER
from slipher.cloud.s3.blobs import sweep
from slipher.cloud.state import iam
from slipher.cloud.state.redshift import clusters

ADMINISTRATOR = "admin"
DATABASE_USER = "awsuser"
POLICY = "arn:aws:iam::aws:policy/AdministratorAccess"


def bootstrap(gateway: Gateway) -> None:
    """Make the first state if there is none; else sweep what no row names."""
    with gateway.read() as db:
        empty = not db.scalar(select(func.count()).select_from(iam.users))
        no_clusters = not db.scalar(select(func.count()).select_from(clusters))
    if empty and no_clusters:
        _first(gateway)
        gateway.wake_supervisor()
    else:
        sweep(gateway)
        abandon(gateway)
        errands.take_up(gateway)
    with gateway.transaction() as db:
        renew_keys(db)
        automatic_times.switch(db, gateway.settings.automated_snapshots)


def _first(gateway: Gateway) -> None:
    settings = gateway.settings
    account = settings.account
    key, secret, password = unique_id("AKIA")[:20], secret_key(), common.new_password()
    # the file first: a crash before the commit leaves a file that the next start overwrites
    credentials = {
        "access_key_id": key,
        "secret_access_key": secret,
        "cluster_id": CLUSTER,
        "user": DATABASE_USER,
        "password": password,
    }
    write_secret(settings.data_dir / "credentials.json", json.dumps(credentials, indent=2).encode())
    now = gateway.now()
    with gateway.transaction() as db:
        db.execute(
            insert(iam.users).values(
                account=account,
                name=ADMINISTRATOR,
                id=unique_id("AIDA"),
                path="/",
                arn=f"arn:aws:iam::{account}:user/{ADMINISTRATOR}",
                created=now,
                tags=[],
            )
        )
        db.execute(insert(iam.attachments).values(account=account, kind="user", name=ADMINISTRATOR, policy_arn=POLICY))
        db.execute(
            insert(iam.access_keys).values(
                id=key, account=account, user_name=ADMINISTRATOR, secret=secret, status="Active", created=now
            )
        )
        facts = {
            "NodeType": "ra3.large",
            "NumberOfNodes": 1,
            "MasterUsername": DATABASE_USER,
            "DBName": "dev",
            "DefaultIamRoleArn": None,
        }
        md5 = common.password_md5(DATABASE_USER, password)
        add(gateway, db, account, settings.region, CLUSTER, settings.sql_port, facts, md5, 0, settings.host)
