"""The Data API through boto3 and the aws CLI, on a real cluster."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from slipher.testing.instance import Instance
from slipher.testing.wire import Connection

HERE = {"ClusterIdentifier": "redshift-cluster-1", "Database": "dev", "DbUser": "awsuser"}
AS_IAM = {"ClusterIdentifier": "redshift-cluster-1", "Database": "dev"}
SLOW = "select count(*) from api_big a, api_big b, api_big c where a.n * b.n + c.n = 20"


@pytest.fixture(scope="module")
def admin(slipher: Instance) -> Iterator[Connection]:
    with slipher.cluster.connect() as found:
        found.rows(
            "create table api_t (a int not null, b varchar(20) default 'q', c decimal(8,2), d boolean, e float8)"
        )
        found.rows("insert into api_t values (1, 'x', 1.50, true, 2.5), (2, null, null, false, null)")
        found.rows("create table api_big as select 1 as n")
        for _ in range(12):
            found.rows("insert into api_big select n + 1 from api_big")
        yield found
        for table in ("api_t", "api_big", "api_made"):
            found.simple(f"drop table if exists {table}")


@pytest.fixture(scope="module")
def data(slipher: Instance, admin: Connection) -> Any:
    """boto3 itself."""
    return client(slipher)


def client(slipher: Instance, keys: Any = None) -> Any:
    environment = slipher.environment
    keys = keys or {
        "AccessKeyId": environment["AWS_ACCESS_KEY_ID"],
        "SecretAccessKey": environment["AWS_SECRET_ACCESS_KEY"],
    }
    return boto3.client(
        "redshift-data",
        region_name="us-east-1",
        endpoint_url=slipher.endpoint,
        aws_access_key_id=keys["AccessKeyId"],
        aws_secret_access_key=keys["SecretAccessKey"],
        aws_session_token=keys.get("SessionToken"),
        config=Config(retries={"total_max_attempts": 1}),
    )


def ended(data: Any, identifier: str, seconds: float = 60) -> dict[str, Any]:
    """The description of a statement at its end, polled as programs do."""
    deadline = time.monotonic() + seconds
    while True:
        found: dict[str, Any] = data.describe_statement(Id=identifier)
        if found["Status"] in ("FINISHED", "FAILED", "ABORTED"):
            return found
        assert found["Status"] in ("SUBMITTED", "PICKED", "STARTED")
        assert time.monotonic() < deadline, found
        time.sleep(0.02)


def run(data: Any, sql: str, **options: Any) -> dict[str, Any]:
    where = {} if "SessionId" in options else HERE
    return ended(data, data.execute_statement(Sql=sql, **(where | options))["Id"])


def values(data: Any, sql: str, **options: Any) -> list[list[Any]]:
    found = run(data, sql, **options)
    assert found["Status"] == "FINISHED", found
    records = data.get_statement_result(Id=found["Id"])["Records"]
    return [[None if one.get("isNull") else next(iter(one.values())) for one in row] for row in records]


def refused(code: str, call: Any, **given: Any) -> ClientError:
    with pytest.raises(ClientError) as caught:
        call(**given)
    assert caught.value.response["Error"]["Code"] == code, caught.value
    return caught.value


def test_a_query(data: Any, admin: Connection) -> None:
    begun = data.execute_statement(Sql="select * from api_t order by a", StatementName="first", **HERE)
    assert {"Id", "CreatedAt", *HERE} <= set(begun)
    found = ended(data, begun["Id"])
    shown = ("Status", "HasResultSet", "ResultRows", "QueryString", "DbUser", "Database", "ResultFormat")
    assert [found[name] for name in shown] == [
        "FINISHED", True, 2, "select * from api_t order by a", "awsuser", "dev", "JSON",
    ]  # fmt: skip
    assert found["Duration"] > 0
    assert found["RedshiftPid"] > 0
    [(text,)] = admin.rows(f"select trim(querytxt) from stl_query where query = {found['RedshiftQueryId']}")
    assert text == "select * from api_t order by a"
    result = data.get_statement_result(Id=begun["Id"])
    assert result["TotalNumRows"] == 2
    assert "NextToken" not in result
    assert result["Records"] == [
        [{"longValue": 1}, {"stringValue": "x"}, {"stringValue": "1.50"}, {"booleanValue": True}, {"doubleValue": 2.5}],
        [{"longValue": 2}, {"isNull": True}, {"isNull": True}, {"booleanValue": False}, {"isNull": True}],
    ]
    columns = result["ColumnMetadata"]
    assert [one["typeName"] for one in columns] == ["int4", "varchar", "numeric", "bool", "float8"]
    assert [one["nullable"] for one in columns] == [0, 1, 1, 1, 1]
    assert (columns[2]["precision"], columns[2]["scale"]) == (8, 2)
    assert {(one["schemaName"], one["tableName"]) for one in columns} == {("public", "api_t")}
    assert columns[1]["columnDefault"] == "'q'"


def test_statements_without_a_result(data: Any, slipher: Instance, slipher_bucket: str, admin: Connection) -> None:
    made = run(data, "create table api_made (a int)")
    assert (made["Status"], made["HasResultSet"], made["ResultRows"]) == ("FINISHED", False, 0)
    assert run(data, "insert into api_made values (1), (2), (3)")["ResultRows"] == 3
    assert run(data, "delete from api_made where a > 1")["ResultRows"] == 2
    slipher.client("s3").put_object(Bucket=slipher_bucket, Key="n", Body=b"5\n6\n7\n8\n")
    environment = slipher.environment
    keys = "access_key_id '{AWS_ACCESS_KEY_ID}' secret_access_key '{AWS_SECRET_ACCESS_KEY}'".format(**environment)
    copied = run(data, f"copy api_made from 's3://{slipher_bucket}/n' {keys} region 'us-east-1'")
    assert (copied["Status"], copied.get("Error"), copied["ResultRows"]) == ("FINISHED", None, 4)
    assert admin.rows("select count(*), sum(a) from api_made") == [("5", "27")]
    refused("ResourceNotFoundException", data.get_statement_result, Id=copied["Id"])


def test_an_empty_result(data: Any) -> None:
    found = run(data, "select a from api_t where a < 0")
    assert (found["HasResultSet"], found["ResultRows"], found["ResultSize"]) == (True, 0, 0)
    result = data.get_statement_result(Id=found["Id"])
    assert (result["Records"], result["TotalNumRows"]) == ([], 0)
    assert [one["name"] for one in result["ColumnMetadata"]] == ["a"]


@pytest.mark.parametrize(
    ("sql", "error"),
    [
        ("select * from api_missing", 'ERROR: relation "api_missing" does not exist'),
        ("select 1; select 2", "ERROR: cannot insert multiple commands into a prepared statement"),
        ("select 1 / 0 from api_t", None),
        ("insert into api_t (a) values (null)", None),
    ],
)
def test_errors_of_sql(data: Any, sql: str, error: str | None) -> None:
    found = run(data, sql)
    assert found["Status"] == "FAILED"
    assert found["HasResultSet"] is False
    assert found["Error"].startswith("ERROR: ")
    assert error is None or found["Error"] == error
    refused("ResourceNotFoundException", data.get_statement_result, Id=found["Id"])


def test_parameters(data: Any) -> None:
    given = [{"name": "n", "value": "1"}, {"name": "text", "value": "it's \\ ; drop table api_t --"}]
    sql = "select a, :text, ':n' from api_t where a = :n and :n::int < 5"
    assert values(data, sql, Parameters=given) == [[1, "it's \\ ; drop table api_t --", ":n"]]
    for wrong, words in (
        ({"Sql": "select :n", "Parameters": given}, "unused"),
        ({"Sql": "select :n, :text, :other", "Parameters": given}, "other"),
        ({"Sql": "select :n", "Parameters": given[:1] * 2}, "duplicate"),
        ({"Sql": "select 1"} | {"Parameters": [{"name": "a b", "value": "1"}]}, "parameters.1.member.name"),
    ):
        assert words in str(refused("ValidationException", data.execute_statement, **HERE, **wrong))
    assert run(data, "select :n")["Status"] == "FAILED"  # without parameters a colon is the statement's own


def test_a_batch_is_one_transaction(data: Any, admin: Connection) -> None:
    admin.simple("drop table if exists api_made")
    sqls = ["create table api_made (a int)", "insert into api_made values (:v)", "select a from api_made"]
    begun = data.batch_execute_statement(Sqls=sqls, Parameters=[{"name": "v", "value": "7"}], **HERE)
    found = ended(data, begun["Id"])
    assert (found["Status"], found["HasResultSet"], found["ExecutionMode"]) == ("FINISHED", True, "TRANSACTION")
    parts = found["SubStatements"]
    assert [one["Id"] for one in parts] == [f"{begun['Id']}:{number}" for number in (1, 2, 3)]
    assert [(one["Status"], one["HasResultSet"], one["ResultRows"]) for one in parts] == [
        ("FINISHED", False, 0),
        ("FINISHED", False, 1),
        ("FINISHED", True, 1),
    ]
    assert data.get_statement_result(Id=f"{begun['Id']}:3")["Records"] == [[{"longValue": 7}]]
    assert data.describe_statement(Id=f"{begun['Id']}:2")["QueryString"] == sqls[1]
    for missing in (f"{begun['Id']}:1", begun["Id"], f"{begun['Id']}:4"):
        refused("ResourceNotFoundException", data.get_statement_result, Id=missing)


def test_a_batch_that_fails(data: Any, admin: Connection) -> None:
    sqls = ["insert into api_t (a) values (100)", "select * from api_missing", "insert into api_t (a) values (101)"]
    found = ended(data, data.batch_execute_statement(Sqls=sqls, **HERE)["Id"])
    assert found["Status"] == "FAILED"
    assert found["Error"] == 'Query #2 failed with ERROR: relation "api_missing" does not exist'
    assert [one["Status"] for one in found["SubStatements"]] == ["FINISHED", "FAILED", "ABORTED"]
    assert admin.rows("select count(*) from api_t where a >= 100") == [("0",)]
    alone = data.batch_execute_statement(Sqls=sqls, ExecutionMode="AUTO_COMMIT", **HERE)
    parts = ended(data, alone["Id"])["SubStatements"]
    assert [one["Status"] for one in parts] == ["FINISHED", "FAILED", "FINISHED"]
    assert admin.rows("delete from api_t where a >= 100") == []
    assert admin.rows("select count(*) from api_t") == [("2",)]


def test_a_client_token_is_one_statement(data: Any) -> None:
    token = str(uuid.uuid4())
    first = data.execute_statement(Sql="select 1", ClientToken=token, **HERE)
    again = data.execute_statement(Sql="select 1", ClientToken=token, **HERE)
    assert first["Id"] == again["Id"]
    refused("ValidationException", data.execute_statement, Sql="select 2", ClientToken=token, **HERE)
    assert data.execute_statement(Sql="select 1", **HERE)["Id"] != first["Id"]


def test_a_session(data: Any) -> None:
    begun = data.execute_statement(Sql="create temp table mine as select 5 as a", SessionKeepAliveSeconds=60, **HERE)
    session = begun["SessionId"]
    pid = ended(data, begun["Id"])["RedshiftPid"]
    assert values(data, "select a from mine", SessionId=session) == [[5]]
    assert run(data, "begin", SessionId=session)["Status"] == "FINISHED"
    assert run(data, "select * from api_missing", SessionId=session)["Status"] == "FAILED"
    assert "current transaction is aborted" in run(data, "select 1", SessionId=session)["Error"]
    assert run(data, "rollback", SessionId=session)["RedshiftPid"] == pid
    slow = data.execute_statement(Sql=SLOW, SessionId=session)
    assert "busy" in str(refused("ValidationException", data.execute_statement, Sql="select 1", SessionId=session))
    data.cancel_statement(Id=slow["Id"])
    assert ended(data, slow["Id"])["Status"] == "ABORTED"
    refused("ValidationException", data.execute_statement, Sql="select 1", SessionId=session, Database="other")
    assert values(data, "select a from mine", SessionId=session, SessionKeepAliveSeconds=0) == [[5]]
    refused("ResourceNotFoundException", data.execute_statement, Sql="select 1", SessionId=session)
    assert run(data, "select * from mine")["Status"] == "FAILED"


def test_sessions_are_listed(data: Any) -> None:
    begun = data.execute_statement(Sql=SLOW, SessionKeepAliveSeconds=50, **HERE)
    session = begun["SessionId"]

    def shown(**wanted: Any) -> list[tuple[Any, ...]]:
        found = data.list_sessions(**wanted)["Sessions"]
        return [(one["Status"], one.get("CurrentStatementId")) for one in found if one["SessionId"] == session]

    assert shown() == shown(SessionId=session) == [("BUSY", begun["Id"])]
    while data.describe_statement(Id=begun["Id"])["Status"] != "STARTED":
        time.sleep(0.01)
    data.cancel_statement(Id=begun["Id"])
    ended(data, begun["Id"])
    [one] = data.list_sessions(SessionId=session)["Sessions"]
    assert [one[name] for name in ("Status", "Database", "DbUser", "ClusterIdentifier", "SessionAliveSeconds")] == [
        "AVAILABLE", "dev", "awsuser", "redshift-cluster-1", 50,
    ]  # fmt: skip
    assert 49 < (one["SessionTtl"] - one["UpdatedAt"]).total_seconds() < 51
    assert (shown(Status="BUSY"), shown(Database="other"), shown(RoleLevel=False)) == ([], [], [("AVAILABLE", None)])
    run(data, "select 1", SessionId=session, SessionKeepAliveSeconds=0)
    assert (shown(), shown(Status="CLOSED")) == ([], [("CLOSED", None)])
    refused("ValidationException", data.list_sessions, SessionId=session, Status="BUSY")
    refused("ResourceNotFoundException", data.list_sessions, SessionId=str(uuid.uuid4()))


def test_a_session_ends_by_itself(data: Any, admin: Connection) -> None:
    begun = data.execute_statement(Sql="select 1", SessionKeepAliveSeconds=1, **HERE)
    pid = ended(data, begun["Id"])["RedshiftPid"]
    deadline = time.monotonic() + 30
    while admin.rows(f"select 1 from stv_sessions where process = {pid}"):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    refused("ResourceNotFoundException", data.execute_statement, Sql="select 1", SessionId=begun["SessionId"])


def test_cancel(data: Any, admin: Connection) -> None:
    begun = data.execute_statement(Sql=SLOW, **HERE)
    while data.describe_statement(Id=begun["Id"])["Status"] != "STARTED":
        time.sleep(0.01)
    refused("ResourceNotFoundException", data.get_statement_result, Id=begun["Id"])
    assert data.cancel_statement(Id=begun["Id"])["Status"] is True
    found = ended(data, begun["Id"], 30)
    assert found["Status"] == "ABORTED"
    error = refused("ValidationException", data.cancel_statement, Id=begun["Id"])
    assert "already in ABORTED state" in str(error)
    sqls = ["insert into api_t (a) values (200)", SLOW, "select 1"]
    batch = data.batch_execute_statement(Sqls=sqls, **HERE)
    while data.describe_statement(Id=batch["Id"])["Status"] != "STARTED":
        time.sleep(0.01)
    data.cancel_statement(Id=batch["Id"])
    assert ended(data, batch["Id"], 30)["Status"] == "ABORTED"
    assert admin.rows("select count(*) from api_t where a = 200") == [("0",)]


def test_waiting_for_the_end(data: Any) -> None:
    begun = data.execute_statement(Sql="select 1", WaitTimeSeconds=20, **HERE)
    assert (begun["Status"], begun["HasResultSet"]) == ("FINISHED", True)
    slow = data.execute_statement(Sql=SLOW, **HERE)["Id"]
    assert data.describe_statement(Id=slow, WaitTimeSeconds=1)["Status"] == "STARTED"
    data.cancel_statement(Id=slow)
    assert data.describe_statement(Id=slow, WaitTimeSeconds=20)["Status"] == "ABORTED"


def test_pages_and_csv(data: Any, admin: Connection) -> None:
    sql = "select row_number() over (order by n) as i, repeat('é', 300) as t, n = 1 as f from api_big"
    found = run(data, sql)
    records, pages = [], 0
    for page in data.get_paginator("get_statement_result").paginate(Id=found["Id"]):
        records += page["Records"]
        pages += 1
    assert pages > 1
    assert [row[0]["longValue"] for row in records] == list(range(1, found["ResultRows"] + 1))
    refused("ValidationException", data.get_statement_result_v2, Id=found["Id"])
    text = run(data, "select a, b, d, 'q\"q,' from api_t order by a", ResultFormat="CSV")
    result = data.get_statement_result_v2(Id=text["Id"])
    assert result["Records"] == [{"CSVRecords": '1,x,true,"q""q,"\r\n2,,false,"q""q,"\r\n'}]
    assert (result["ResultFormat"], result["TotalNumRows"]) == ("CSV", 2)
    refused("ValidationException", data.get_statement_result, Id=text["Id"])
    refused("ValidationException", data.get_statement_result, Id=found["Id"], NextToken="nonsense")


def test_keys_in_a_statement_are_not_told(data: Any) -> None:
    sql = "copy api_t from 's3://none/' access_key_id 'AKIAOFSOMEBODY' secret_access_key 'that none may see'"
    for done in (
        data.execute_statement(Sql=sql, **HERE)["Id"],
        data.batch_execute_statement(Sqls=["select 1", sql], **HERE)["Id"],
    ):
        told = [ended(data, done), data.list_statements(Status="ALL", MaxResults=2)]
        assert "***" in str(told)
        assert "that none may see" not in str(told) and "AKIAOFSOMEBODY" not in str(told)


def test_lists(data: Any) -> None:
    name = f"list-{uuid.uuid4().hex}"
    wanted = [run(data, f"select {number}", StatementName=f"{name}-{number}")["Id"] for number in range(3)]
    failed = run(data, "select * from api_missing", StatementName=f"{name}-failed")["Id"]
    found = data.list_statements(StatementName=name)["Statements"]
    assert [one["Id"] for one in found] == [failed, *reversed(wanted)]
    assert found[1]["QueryString"] == "select 2"
    assert [one["Id"] for one in data.list_statements(StatementName=name, Status="FAILED")["Statements"]] == [failed]
    pages = data.get_paginator("list_statements").paginate(StatementName=name, MaxResults=2)
    assert [len(page["Statements"]) for page in pages] == [2, 2]
    assert data.list_statements(StatementName=name, Database="other")["Statements"] == []


def test_the_catalog(data: Any) -> None:
    assert "dev" in data.list_databases(**HERE)["Databases"]
    assert data.list_schemas(**HERE, SchemaPattern="pub%")["Schemas"] == ["public"]
    tables = data.list_tables(**HERE, SchemaPattern="public", TablePattern="api\\_t")["Tables"]
    assert tables == [{"name": "api_t", "schema": "public", "type": "TABLE"}]
    everything = data.get_paginator("list_tables").paginate(**HERE, MaxResults=20).build_full_result()["Tables"]
    assert len(everything) == len(data.list_tables(**HERE)["Tables"]) > 20
    described = data.describe_table(**HERE, Schema="public", Table="api_t")
    assert described["TableName"] == "api_t"
    assert [(one["name"], one["typeName"], one["length"]) for one in described["ColumnList"]] == [
        ("a", "int4", 10), ("b", "varchar", 20), ("c", "numeric", 8), ("d", "bool", 1), ("e", "float8", 17),
    ]  # fmt: skip
    error = refused("ValidationException", data.list_tables, **(HERE | {"Database": "no_such"}))
    assert 'database "no_such" does not exist' in str(error)


def test_requests_that_are_refused(data: Any) -> None:
    run_it = data.execute_statement
    for wrong, words in (
        ({"ClusterIdentifier": "no-such"}, "Redshift endpoint doesn't exist in this region."),
        ({"ClusterIdentifier": "Not Valid"}, "clusterIdentifier"),
        ({"Sql": "select '" + "x" * 205_000 + "'"}, "larger than 200kB"),
        ({"Sql": "  "}, "empty"),
        ({"Sql": "select '\0'"}, "UTF-8"),
        ({"ResultFormat": "XML"}, "enum value set: [JSON, CSV]"),
        ({"SessionKeepAliveSeconds": 90000}, "less than or equal to 86400"),
    ):
        assert words in str(refused("ValidationException", run_it, **({"Sql": "select 1"} | HERE | wrong)))
    for missing in ("ClusterIdentifier", "Database"):
        given = {name: value for name, value in HERE.items() if name != missing}
        refused("ValidationException", run_it, Sql="select 1", **given)
    refused("ValidationException", data.describe_statement, Id="not-an-id")
    error = refused("ResourceNotFoundException", data.describe_statement, Id=str(uuid.uuid4()))
    assert error.response["ResourceId"]
    assert run(data, "select 1", Database="no_such")["Error"].startswith("FATAL: ")
    assert run(data, "select 1", DbUser="api_nobody")["Status"] == "FAILED"


def test_who_may(slipher: Instance, admin: Connection, data: Any) -> None:
    iam, sts = slipher.client("iam"), slipher.client("sts")
    trust = {"Effect": "Allow", "Principal": {"AWS": slipher.account}, "Action": "sts:AssumeRole"}
    own = {
        "Effect": "Allow",
        "Action": ["redshift-data:DescribeStatement", "redshift-data:GetStatementResult"],
        "Resource": "*",
        "Condition": {"StringEquals": {"redshift-data:statement-owner-iam-userid": "${aws:userid}"}},
    }
    allowed = {
        "Effect": "Allow",
        "Action": [
            "redshift-data:ExecuteStatement",
            "redshift-data:ListStatements",
            "redshift:GetClusterCredentialsWithIAM",
        ],
        "Resource": "*",
    }
    policy = {"Version": "2012-10-17", "Statement": [own, allowed]}
    iam.create_role(RoleName="api_role", AssumeRolePolicyDocument=json.dumps({"Statement": [trust]}))
    iam.put_role_policy(RoleName="api_role", PolicyName="p", PolicyDocument=json.dumps(policy))
    arn = f"arn:aws:iam::{slipher.account}:role/api_role"
    one, two = (
        client(slipher, sts.assume_role(RoleArn=arn, RoleSessionName=name)["Credentials"]) for name in ("one", "two")
    )
    begun = one.execute_statement(Sql="select current_user", WaitTimeSeconds=20, **AS_IAM)
    assert begun["DbUser"] == "IAMR:api_role"
    assert one.get_statement_result(Id=begun["Id"])["Records"] == [[{"stringValue": "IAMR:api_role"}]]
    assert [one_["Id"] for one_ in two.list_statements()["Statements"]] == [begun["Id"]]  # the role's
    assert two.list_statements(RoleLevel=False)["Statements"] == []
    refused("AccessDeniedException", two.describe_statement, Id=begun["Id"])  # another session's
    error = refused("AccessDeniedException", one.execute_statement, Sql="select 1", **HERE)  # as awsuser
    assert "redshift:GetClusterCredentials on resource" in str(error)
    refused("ResourceNotFoundException", data.describe_statement, Id=begun["Id"])  # not the administrator's own
    failed = one.execute_statement(Sql="select * from api_t", WaitTimeSeconds=20, **AS_IAM)
    assert "permission denied" in one.describe_statement(Id=failed["Id"])["Error"]
    for escape in (
        "reset session authorization",
        "set session authorization awsuser",
        "set session authorization default",
    ):
        one.execute_statement(Sql=escape, WaitTimeSeconds=20, **AS_IAM)
    tried = one.execute_statement(
        Sql="reset session authorization", SessionKeepAliveSeconds=60, WaitTimeSeconds=20, **AS_IAM
    )
    who = one.execute_statement(Sql="select current_user", SessionId=tried["SessionId"], WaitTimeSeconds=20)
    assert one.get_statement_result(Id=who["Id"])["Records"] == [[{"stringValue": "IAMR:api_role"}]]
    refused("ResourceNotFoundException", data.execute_statement, Sql="select 1", SessionId=tried["SessionId"])
    one.execute_statement(Sql="select 1", SessionId=tried["SessionId"], SessionKeepAliveSeconds=0, WaitTimeSeconds=20)
    admin.rows('drop user "IAMR:api_role"')


def test_events(slipher: Instance, data: Any) -> None:
    good = run(data, "select 1 union select 2", WithEvent=True, StatementName="watched")
    bad = run(data, "select nothing", WithEvent=True)
    run(data, "select 1")
    command = [sys.executable, "-m", "slipher", "events", "--data-dir", str(slipher.data_dir)]
    deadline = time.monotonic() + 30
    while True:
        out = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout
        found = [json.loads(line) for line in out.splitlines()]
        if len(found) >= 2:
            break
        assert time.monotonic() < deadline
    one, two = found
    assert (one["source"], one["detail-type"]) == ("aws.redshift-data", "Redshift Data Statement Status Change")
    assert one["detail"] | {"expireAt": 0} == {
        "principal": f"arn:aws:iam::{slipher.account}:user/admin", "statementName": "watched", "statementId": good["Id"],
        "redshiftQueryId": good["RedshiftQueryId"], "state": "FINISHED", "rows": 2, "expireAt": 0,
    }  # fmt: skip
    assert (two["detail"]["statementId"], two["detail"]["state"]) == (bad["Id"], "FAILED")


def test_groups_of_a_roles_tag(slipher: Instance, admin: Connection) -> None:
    iam, sts = slipher.client("iam"), slipher.client("sts")
    trust = {"Effect": "Allow", "Principal": {"AWS": slipher.account}, "Action": "sts:AssumeRole"}
    iam.create_role(
        RoleName="api_grouped",
        AssumeRolePolicyDocument=json.dumps({"Statement": [trust]}),
        Tags=[{"Key": "RedshiftDbGroups", "Value": "api_readers:api_no_group"}],
    )
    admin.rows("create user api_member password disable")
    admin.rows("create group api_readers")
    admin.rows("grant select on api_t to group api_readers")
    arn = f"arn:aws:iam::{slipher.account}:role/api_grouped"
    data = client(slipher, sts.assume_role(RoleArn=arn, RoleSessionName="grouped")["Credentials"])
    given = {"ClusterIdentifier": "redshift-cluster-1", "Database": "dev", "DbUser": "api_member"}

    def allow(*actions: str) -> None:
        document = {"Statement": {"Effect": "Allow", "Action": [*actions, "redshift-data:*"], "Resource": "*"}}
        iam.put_role_policy(RoleName="api_grouped", PolicyName="p", PolicyDocument=json.dumps(document))

    allow("redshift:GetClusterCredentials")
    error = refused("AccessDeniedException", data.execute_statement, Sql="select 1", **given)
    assert (
        "redshift:JoinGroup on resource: arn:aws:redshift:us-east-1:123456789012:dbgroup:redshift-cluster-1/api_readers"
        in str(error)
    )
    allow("redshift:GetClusterCredentials", "redshift:JoinGroup")
    begun = data.execute_statement(Sql="select count(*) from api_t", WaitTimeSeconds=20, **given)
    assert begun["DbGroups"] == ["api_readers", "api_no_group"]  # one that is not there is not joined
    assert ended(data, begun["Id"])["Status"] == "FINISHED"
    for statement in (
        "revoke select on api_t from group api_readers",
        "drop group api_readers",
        "drop user api_member",
    ):
        admin.rows(statement)


@pytest.mark.parametrize("stored", ["Right1Word", "sha256|Right1Word"])
def test_a_secret(slipher: Instance, data: Any, admin: Connection, stored: str) -> None:
    admin.rows(f"create user api_secret password '{stored}'")
    manager = slipher.client("secretsmanager")
    name = f"api-{uuid.uuid4().hex[:8]}"
    value = {"username": "api_secret", "password": "Right1Word"}
    arn = manager.create_secret(Name=name, SecretString=json.dumps(value))["ARN"]
    where = {"SecretArn": arn, "Database": "dev"}
    try:
        begun = data.execute_statement(
            Sql="select current_user", ClusterIdentifier="redshift-cluster-1", WaitTimeSeconds=20, **where
        )
        assert (begun["SecretArn"], begun["DbUser"], begun["Status"]) == (arn, "api_secret", "FINISHED")
        assert data.get_statement_result(Id=begun["Id"])["Records"] == [[{"stringValue": "api_secret"}]]
        refused("ValidationException", data.execute_statement, Sql="select 1", **where)  # which cluster?
        refused("ValidationException", data.execute_statement, Sql="select 1", **(HERE | {"SecretArn": arn}))
        cluster = {"dbClusterIdentifier": "redshift-cluster-1"}
        manager.put_secret_value(SecretId=arn, SecretString=json.dumps(value | cluster))
        assert data.list_schemas(SchemaPattern="public", **where)["Schemas"] == ["public"]
        refused("ValidationException", data.list_schemas, ClusterIdentifier="other", **where)
        manager.put_secret_value(SecretId=arn, SecretString=json.dumps(value | cluster | {"password": "Wrong1Word"}))
        failed = data.execute_statement(Sql="select 1", WaitTimeSeconds=20, **where)
        error = data.describe_statement(Id=failed["Id"])["Error"]
        assert error == 'FATAL: password authentication failed for user "api_secret"'
        manager.put_secret_value(SecretId=arn, SecretString="no json")
        refused("ValidationException", data.execute_statement, Sql="select 1", **where)
        iam = slipher.client("iam")
        iam.create_user(UserName=name)
        allowed = {"Effect": "Allow", "Action": "redshift-data:*", "Resource": "*"}
        iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=json.dumps({"Statement": allowed}))
        other = client(slipher, iam.create_access_key(UserName=name)["AccessKey"])
        error = refused("AccessDeniedException", other.execute_statement, Sql="select 1", **where)
        assert "secretsmanager:GetSecretValue" in str(error)
    finally:
        manager.delete_secret(SecretId=arn, ForceDeleteWithoutRecovery=True)
        admin.simple("drop user api_secret")


@pytest.mark.parametrize("name", ["rdsdb", "awsuser\0user\0rdsdb", "rdsdb\0"])
@pytest.mark.parametrize("password", ["", "Any1Word"])
def test_no_words_make_the_internal_superuser(slipher: Instance, data: Any, name: str, password: str) -> None:
    manager = slipher.client("secretsmanager")
    value = json.dumps({"username": name, "password": password})
    arn = manager.create_secret(Name=f"api-{uuid.uuid4().hex[:8]}", SecretString=value)["ARN"]
    try:
        begun = data.execute_statement(
            Sql="select current_user",
            SecretArn=arn,
            WaitTimeSeconds=20,
            ClusterIdentifier="redshift-cluster-1",
            Database="dev",
        )
        assert begun["Status"] == "FAILED"
        assert "password authentication failed" in data.describe_statement(Id=begun["Id"])["Error"]
    finally:
        manager.delete_secret(SecretId=arn, ForceDeleteWithoutRecovery=True)
    as_user = data.execute_statement(Sql="select 1", WaitTimeSeconds=20, **(HERE | {"DbUser": "rdsdb"}))
    assert as_user["Status"] == "FAILED"
    hostile = HERE | {"Database": f"dev\0user\0{name}"}
    refused("ValidationException", data.execute_statement, Sql="select current_user", **hostile)
    refused("ValidationException", data.list_tables, **hostile)


def test_the_aws_cli(slipher: Instance, data: Any) -> None:
    def aws(*words: str) -> Any:
        environment = {**os.environ, **slipher.environment}
        command = [sys.executable, "-m", "awscli", "--endpoint-url", slipher.endpoint, "redshift-data", *words]
        return json.loads(subprocess.run(command, env=environment, check=True, capture_output=True, timeout=60).stdout)

    where = ["--cluster-identifier", "redshift-cluster-1", "--database", "dev", "--db-user", "awsuser"]
    begun = aws(
        "execute-statement", *where, "--sql", "select a from api_t where a = :n", "--parameters", "name=n,value=2"
    )
    ended(data, begun["Id"])
    assert aws("get-statement-result", "--id", begun["Id"])["Records"] == [[{"longValue": 2}]]
