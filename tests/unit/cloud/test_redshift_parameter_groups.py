"""Parameter groups: values and their rules, and when they reach the sessions of a cluster."""

from __future__ import annotations

import time
from typing import Any

import psycopg
import pytest
from refusals import refused

SECONDS = 60.0
GROUP = {"ParameterGroupName": "group-1"}


def setting(name: str, value: str, **more: str) -> list[dict[str, str]]:
    return [{"ParameterName": name, "ParameterValue": value, **more}]


@pytest.fixture
def group(local: Any) -> Any:
    rs = local.client("redshift")
    rs.create_cluster_parameter_group(
        ParameterGroupName="Group-1",
        ParameterGroupFamily="redshift-2.0",
        Description="ours",
        Tags=[{"Key": "a", "Value": "b"}],
    )
    yield rs
    rs.delete_cluster_parameter_group(**GROUP)


def values(rs: Any, **given: Any) -> dict[str, str]:
    found = rs.describe_cluster_parameters(**(GROUP | given))["Parameters"]
    return {one["ParameterName"]: one["ParameterValue"] for one in found}


def test_values(group: Any) -> None:
    rs = group
    found = rs.describe_cluster_parameter_groups()["ParameterGroups"]
    assert [one["ParameterGroupName"] for one in found] == ["default.redshift-1.0", "default.redshift-2.0", "group-1"]
    assert found[2]["Tags"] == [{"Key": "a", "Value": "b"}] and found[2]["ParameterGroupFamily"] == "redshift-2.0"
    assert len(rs.describe_cluster_parameter_groups(TagKeys=["a"])["ParameterGroups"]) == 1
    default = rs.describe_default_cluster_parameters(ParameterGroupFamily="redshift-2.0")["DefaultClusterParameters"]
    assert values(rs) == {one["ParameterName"]: one["ParameterValue"] for one in default["Parameters"]}
    assert (
        values(rs)["require_ssl"] == "true"
        and values(rs, ParameterGroupName="default.redshift-1.0")["require_ssl"] == "false"
    )

    answer = rs.modify_cluster_parameter_group(Parameters=setting("statement_timeout", "2000"), **GROUP)
    assert "reboot the associated Clusters" in answer["ParameterGroupStatus"]
    rs.modify_cluster_parameter_group(Parameters=setting("query_group", "etl"), **GROUP)
    assert values(rs, Source="user") == {"statement_timeout": "2000", "query_group": "etl"}
    rs.reset_cluster_parameter_group(Parameters=[{"ParameterName": "query_group"}], **GROUP)
    assert values(rs, Source="user") == {"statement_timeout": "2000"}
    rs.reset_cluster_parameter_group(ResetAllParameters=True, **GROUP)
    assert values(rs, Source="user") == {}


@pytest.mark.parametrize(
    ("parameters", "code"),
    [
        (setting("none", "1"), "InvalidParameterValue"),
        (setting("statement_timeout", "50"), "InvalidParameterValue"),
        (setting("statement_timeout", "x"), "InvalidParameterValue"),
        (setting("extra_float_digits", "3"), "InvalidParameterValue"),
        (setting("require_ssl", "on"), "InvalidParameterValue"),
        (setting("wlm_json_configuration", "{"), "InvalidParameterValue"),
        (setting("query_group", "x", ApplyType="dynamic"), "InvalidParameterValue"),
        (setting("use_fips_ssl", "true"), "NotImplemented"),
        (setting("datestyle", "SQL, DMY"), "NotImplemented"),
        (setting("query_group", "x") * 21, "InvalidParameterValue"),
    ],
)
def test_values_that_cannot_be(group: Any, parameters: Any, code: str) -> None:
    refused(code, group.modify_cluster_parameter_group, Parameters=parameters, **GROUP)
    assert values(group, Source="user") == {}


def test_groups_that_cannot_be(group: Any) -> None:
    new = {"ParameterGroupFamily": "redshift-2.0", "Description": "d"}
    make = group.create_cluster_parameter_group
    refused("ClusterParameterGroupAlreadyExists", make, ParameterGroupName="group-1", **new)
    refused("InvalidParameterValue", make, ParameterGroupName="1group", **new)
    refused("InvalidParameterValue", make, **GROUP | new | {"ParameterGroupFamily": "postgres"})
    default = {"ParameterGroupName": "default.redshift-2.0"}
    change = group.modify_cluster_parameter_group
    refused("InvalidParameterValue", change, Parameters=setting("query_group", "x"), **default)
    refused("InvalidParameterValue", group.delete_cluster_parameter_group, **default)
    refused("ClusterParameterGroupNotFound", change, ParameterGroupName="none", Parameters=setting("query_group", "x"))
    refused("ClusterParameterGroupNotFound", group.describe_cluster_parameters, ParameterGroupName="none")
    refused("InvalidParameterCombination", group.reset_cluster_parameter_group, ResetAllParameters=False, **GROUP)


def settled(rs: Any, identifier: str) -> dict[str, Any]:
    deadline = time.monotonic() + SECONDS
    while (found := rs.describe_clusters(ClusterIdentifier=identifier)["Clusters"][0])["ClusterStatus"] != "available":
        assert time.monotonic() < deadline, found
        time.sleep(0.05)
    return dict(found)


def test_effects(slipher: Any) -> None:
    rs = slipher.client("redshift")
    rs.create_cluster_parameter_group(ParameterGroupFamily="redshift-2.0", Description="d", **GROUP)
    settings = {
        "statement_timeout": "12345", "search_path": "mine, public", "query_group": "etl", "extra_float_digits": "2",
        "require_ssl": "false", "enable_case_sensitive_identifier": "true", "auto_analyze": "false",
        "max_cursor_result_set_size": "1000", "datestyle": "ISO, MDY",
    }  # fmt: skip
    rs.modify_cluster_parameter_group(
        Parameters=[{"ParameterName": name, "ParameterValue": value} for name, value in settings.items()], **GROUP
    )
    where = {"ClusterIdentifier": "grouped"}
    rs.create_cluster(
        NodeType="ra3.large",
        MasterUsername="awsuser",
        MasterUserPassword="Abcdefg1",
        ClusterParameterGroupName="Group-1",
        **where,
    )
    endpoint = settled(rs, "grouped")["Endpoint"]

    def show(name: str, sslmode: str = "disable") -> str:
        with psycopg.connect(
            host=endpoint["Address"], port=endpoint["Port"], user="awsuser", password="Abcdefg1", dbname="dev",
            sslmode=sslmode, client_encoding="utf8",
        ) as session:  # fmt: skip
            return str(session.execute(f"show {name}").fetchall()[0][0])

    def applied() -> tuple[str, str]:
        found = settled(rs, "grouped")["ClusterParameterGroups"][0]
        return found["ParameterGroupName"], found["ParameterApplyStatus"]

    assert applied() == ("group-1", "in-sync")
    shown = (
        "statement_timeout",
        "search_path",
        "query_group",
        "extra_float_digits",
        "enable_case_sensitive_identifier",
    )
    assert {name: show(name) for name in shown} == {name: settings[name] for name in shown}

    # a dynamic one at once, a static one after a reboot
    rs.modify_cluster_parameter_group(Parameters=setting("max_concurrency_scaling_clusters", "4"), **GROUP)
    assert applied() == ("group-1", "in-sync") and show("max_concurrency_scaling_clusters") == "4"
    rs.modify_cluster_parameter_group(
        Parameters=setting("require_ssl", "true") + setting("query_group", "new"), **GROUP
    )
    assert applied() == ("group-1", "pending-reboot") and show("query_group") == "etl"
    waiting = settled(rs, "grouped")["ClusterParameterGroups"][0]["ClusterParameterStatusList"]
    assert {one["ParameterName"] for one in waiting if one["ParameterApplyStatus"] == "pending-reboot"} == {
        "query_group",
        "require_ssl",
    }
    rs.reboot_cluster(**where)
    assert applied() == ("group-1", "in-sync") and show("query_group", "require") == "new"
    with pytest.raises(psycopg.OperationalError, match="SSL off"):
        show("query_group")

    refused("InvalidClusterParameterGroupState", rs.delete_cluster_parameter_group, **GROUP)
    rs.modify_cluster(ClusterParameterGroupName="default.redshift-1.0", **where)
    assert applied() == ("default.redshift-1.0", "pending-reboot") and show("query_group", "require") == "new"
    rs.reboot_cluster(**where)
    assert applied() == ("default.redshift-1.0", "in-sync") and show("query_group") == "default"
    rs.delete_cluster_parameter_group(**GROUP)
    rs.delete_cluster(SkipFinalClusterSnapshot=True, **where)
