"""ManageMasterPassword: the secret lets in, is rotated on demand and by time, is its service's own, and goes with its cluster."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import psycopg
from refusals import refused
from test_redshift_api import GIVEN, run

CLUSTER = "redshift-cluster-1"
NAME = f"redshift!{CLUSTER}-awsuser"


def password(live: Any, stage: str = "AWSCURRENT") -> str:
    value = live.client("secretsmanager").get_secret_value(SecretId=NAME, VersionStage=stage)["SecretString"]
    assert set(json.loads(value)) == {"username", "password"}
    return str(json.loads(value)["password"])


def lets_in(live: Any, given: str) -> bool:
    try:
        psycopg.connect(host=live.settings["host"], port=live.settings["port"], user="awsuser", password=given, dbname="dev",
                        client_encoding="utf8").close()  # fmt: skip
    except psycopg.OperationalError:
        return False
    return True


def settled(rs: Any) -> dict[str, Any]:
    return dict(rs.describe_clusters(ClusterIdentifier=CLUSTER)["Clusters"][0])


def test_from_its_beginning_to_its_end(local: Any) -> None:
    rs, secrets = local.client("redshift"), local.client("secretsmanager")
    run(local)
    rs.describe_clusters()
    given = {name: value for name, value in GIVEN.items() if name != "MasterUserPassword"} | {
        "ClusterIdentifier": "managed"
    }
    refused("InvalidParameterCombination", rs.create_cluster, **given)
    refused("InvalidParameterCombination", rs.create_cluster, **given, ManageMasterPassword=False)
    lacking = local.user("nosecrets", {"Effect": "Allow", "Action": "redshift:*", "Resource": "*"})
    text = refused("AccessDenied", local.client("redshift", lacking).create_cluster, **given, ManageMasterPassword=True)
    assert "secretsmanager:CreateSecret" in text
    key = local.client("kms").create_key()["KeyMetadata"]["Arn"]
    made = rs.create_cluster(**given, ManageMasterPassword=True, MasterPasswordSecretKmsKeyId=key)["Cluster"]
    assert made["MasterPasswordSecretKmsKeyId"] == key
    arn = made["MasterPasswordSecretArn"]
    assert json.loads(secrets.get_secret_value(SecretId=arn)["SecretString"])["username"] == "awsuser"
    assert secrets.describe_secret(SecretId=arn)["KmsKeyId"] == key
    run(local)
    rs.describe_clusters()
    secrets.create_secret(Name="mine", SecretString="x")
    refused("NotImplemented", secrets.rotate_secret, SecretId="mine")
    rs.delete_cluster(ClusterIdentifier="managed", SkipFinalClusterSnapshot=True)
    secrets.describe_secret(SecretId=arn)
    run(local)
    refused("ResourceNotFoundException", secrets.describe_secret, SecretId=arn)


def test_of_a_cluster_that_runs(live: Any) -> None:
    rs, secrets = live.client("redshift"), live.client("secretsmanager")
    settled(rs)
    refused("InvalidParameterCombination", rs.modify_cluster, ClusterIdentifier=CLUSTER, ManageMasterPassword=True,
            MasterUserPassword="Abcdefg1")  # fmt: skip
    arn = rs.modify_cluster(ClusterIdentifier=CLUSTER, ManageMasterPassword=True)["Cluster"]["MasterPasswordSecretArn"]
    first = password(live)
    live.until(lambda: lets_in(live, first))
    shown = secrets.describe_secret(SecretId=arn)
    assert (shown["Name"], shown["OwningService"], shown["RotationEnabled"]) == (NAME, "redshift", True)
    assert settled(rs)["MasterPasswordSecretArn"] == arn

    secrets.rotate_secret(SecretId=arn)
    second = password(live)
    assert second != first and password(live, "AWSPREVIOUS") == first
    live.until(lambda: lets_in(live, second) and not lets_in(live, first))

    live.clock.offset += timedelta(days=29)
    live.until(lambda: lets_in(live, second))
    live.clock.offset += timedelta(days=1, seconds=1)
    live.until(lambda: password(live) != second)
    third = password(live)
    live.until(lambda: lets_in(live, third) and not lets_in(live, second))
    secrets.rotate_secret(SecretId=arn, RotateImmediately=False, RotationRules={"AutomaticallyAfterDays": 7})
    assert password(live) == third
    shown = secrets.describe_secret(SecretId=arn)
    assert shown["NextRotationDate"] - shown["LastRotatedDate"] == timedelta(days=7)

    # it is its service's own
    refused("InvalidRequestException", secrets.put_secret_value, SecretId=arn, SecretString="x")
    refused("InvalidRequestException", secrets.update_secret, SecretId=arn, SecretString="x")
    refused("InvalidRequestException", secrets.delete_secret, SecretId=arn, ForceDeleteWithoutRecovery=True)
    refused("InvalidParameterCombination", rs.modify_cluster, ClusterIdentifier=CLUSTER, MasterUserPassword="Abcdefg1")
    refused("InvalidParameterCombination", rs.modify_cluster, ClusterIdentifier=CLUSTER, ManageMasterPassword=False)

    settled(rs)
    rs.modify_cluster(ClusterIdentifier=CLUSTER, ManageMasterPassword=False, MasterUserPassword="Abcdefg1")
    live.until(lambda: lets_in(live, "Abcdefg1"))
    assert not lets_in(live, third) and "MasterPasswordSecretArn" not in settled(rs)
    refused("ResourceNotFoundException", secrets.describe_secret, SecretId=arn)
