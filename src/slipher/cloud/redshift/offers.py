"""What the service offers and uses, as lists: versions, tracks, node types, quotas, storage of snapshots."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from slipher.base.errors import AwsError
from slipher.cloud.call import Call
from slipher.cloud.redshift import rows
from slipher.cloud.redshift.common import NODE_TYPES, own
from slipher.cloud.redshift.events import EVENTS, SOURCES
from slipher.cloud.redshift.parameters import FAMILIES
from slipher.cloud.state.redshift import snapshots

VERSION = "1.0"
RELEASE = "1.0.434008"  # what sessions are told too (padb_revision)
ATTRIBUTES = {"max-defer-maintenance-duration": "45"}  # days


def versions(call: Call) -> dict[str, Any]:
    """DescribeClusterVersions."""
    params = call.params
    found = [
        {"ClusterVersion": VERSION, "ClusterParameterGroupFamily": family, "Description": f"Release {RELEASE}"}
        for family in FAMILIES
        if params.get("ClusterVersion") in (None, VERSION)
        and params.get("ClusterParameterGroupFamily") in (None, family)
    ]
    return rows.page(call, "ClusterVersions", found)


def options(call: Call) -> dict[str, Any]:
    """DescribeOrderableClusterOptions."""
    params = call.params
    zone = {"Name": f"{call.region}a", "SupportedPlatforms": [{"Name": "VPC"}]}
    found = [
        {"ClusterVersion": VERSION, "ClusterType": kind, "NodeType": node, "AvailabilityZones": [zone]}
        for node in NODE_TYPES
        for kind in ("single-node", "multi-node")
        if params.get("NodeType") in (None, node) and params.get("ClusterVersion") in (None, VERSION)
    ]
    return rows.page(call, "OrderableClusterOptions", found)


def attributes(call: Call) -> dict[str, Any]:
    """DescribeAccountAttributes."""
    wanted = call.params.get("AttributeNames") or list(ATTRIBUTES)
    return {
        "AccountAttributes": [
            {"AttributeName": name, "AttributeValues": [{"AttributeValue": value}]}
            for name, value in ATTRIBUTES.items()
            if name in wanted
        ]
    }


def storage(call: Call) -> dict[str, Any]:
    """DescribeStorage: of the snapshots' files; nothing is provisioned."""
    with call.gateway.read() as db:
        total = sum(row.facts.get("Bytes", 0) for row in db.execute(select(snapshots).where(*own(call, snapshots))))
    return {"TotalBackupSizeInMegaBytes": total / 2**20, "TotalProvisionedStorageInMegaBytes": 0.0}


def tracks(call: Call) -> dict[str, Any]:
    """DescribeClusterTracks."""
    names = ("current", "trailing")
    wanted = call.params.get("MaintenanceTrackName")
    if wanted not in (None, *names):
        raise AwsError("InvalidClusterTrack", f"The provided cluster track name {wanted} is not valid.")
    found = [
        {"MaintenanceTrackName": name, "DatabaseVersion": RELEASE, "UpdateTargets": []}
        for name in names
        if wanted in (None, name)
    ]
    return rows.page(call, "MaintenanceTracks", found)


def event_categories(call: Call) -> dict[str, Any]:
    """DescribeEventCategories: of the events that can happen here."""
    wanted = call.params.get("SourceType")
    if wanted not in (None, *SOURCES):
        raise AwsError("InvalidParameterValue", f"Invalid source type: {wanted}")
    found = []
    for source in dict.fromkeys(row[0] for row in EVENTS.values()):
        if wanted in (None, source):
            happening = [
                {"EventDescription": text, "EventCategories": [category], "Severity": severity}
                for of, category, severity, text in EVENTS.values()
                if of == source
            ]
            found.append({"SourceType": source, "Events": happening})
    return {"EventCategoriesMapList": found}
