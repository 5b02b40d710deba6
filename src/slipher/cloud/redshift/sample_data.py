"""LoadSampleData of CreateCluster: tables in the layout of AWS's TICKIT, with rows of our own, once the cluster is available."""

from __future__ import annotations

import logging
from typing import Any

from sqlalchemy import Row, select, update

from slipher.base.errors import AwsError
from slipher.cloud.call import Call
from slipher.cloud.context import Gateway
from slipher.cloud.redshift import common, fleet, link
from slipher.cloud.redshift.events import note
from slipher.cloud.state.redshift import clusters
from slipher.spec.sample import script

log = logging.getLogger("slipher.gateway")
SECONDS = 600.0
FLAGS = {"true": True, "false": False}


def of_new_cluster(call: Call) -> dict[str, Any]:
    """What LoadSampleData of a request says, as facts of the cluster."""
    given = call.params.get("LoadSampleData")
    if given is None:
        return {}
    flag = FLAGS.get(str(given).lower())
    if flag is None:
        raise AwsError("InvalidParameterValue", f"Invalid value for LoadSampleData: {given}.")
    return {"Sample": "wanted"} if flag else {}


def load(gateway: Gateway) -> None:
    """Load what is wanted, all of it or nothing."""
    with gateway.read() as db:
        found = db.execute(
            select(clusters).where(clusters.c.transition.is_(None), clusters.c.arn.in_(common.listening()))
        ).all()
    for row in found:
        if row.facts.get("Sample") == "wanted":
            _load(gateway, row)


def _load(gateway: Gateway, row: Row[Any]) -> None:
    user = row.facts["MasterUsername"].replace('"', '""')
    statements = f'set session authorization "{user}"; {script()}'
    outcome = "loaded"
    try:
        link.tell(fleet.socket_of(gateway.data_dir, row.arn), statements, SECONDS, row.facts["DBName"])
    except link.Refused as error:
        log.warning("sample data of cluster %s could not be loaded: %s", row.id, error)
        outcome = "failed"
    except (link.NotRunning, OSError):
        return  # it is being started again
    with gateway.transaction() as db:
        facts = db.scalar(select(clusters.c.facts).where(clusters.c.arn == row.arn))
        if facts is not None:
            db.execute(update(clusters).where(clusters.c.arn == row.arn).values(facts=facts | {"Sample": outcome}))
            note(gateway, db, row, f"sample-{outcome}")
