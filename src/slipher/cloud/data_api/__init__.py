"""The Data API (redshift-data): the table of operations."""

from __future__ import annotations

from dataclasses import replace

from slipher.cloud.call import Operation
from slipher.cloud.data_api import schema, sessions, statements
from slipher.cloud.data_api.rates import limited
from slipher.cloud.data_api.targets import cluster_of

CONNECT = "ClusterIdentifier WorkgroupName Database DbUser SecretArn"
RUN = f"{CONNECT} Parameters StatementName ClientToken ResultFormat SessionKeepAliveSeconds SessionId WaitTimeSeconds WithEvent"
PAGE = "MaxResults NextToken"

_OPERATIONS: dict[str, Operation] = {
    "ExecuteStatement": Operation(statements.execute, f"Sql {RUN}", statements.resource, statements.ownership),
    "BatchExecuteStatement": Operation(
        statements.execute, f"Sqls ExecutionMode {RUN}", statements.resource, statements.ownership
    ),
    "DescribeStatement": Operation(statements.describe, "Id WaitTimeSeconds", context=statements.ownership),
    "GetStatementResult": Operation(
        statements.get_result, "Id NextToken WaitTimeSeconds", context=statements.ownership
    ),
    "GetStatementResultV2": Operation(
        statements.get_result_v2, "Id NextToken WaitTimeSeconds", context=statements.ownership
    ),
    "ListStatements": Operation(
        statements.list_,
        f"StatementName Status RoleLevel Database ClusterIdentifier WorkgroupName {PAGE}",
        context=statements.ownership,
    ),
    "ListSessions": Operation(
        sessions.list_,
        f"SessionId Status RoleLevel ClusterIdentifier WorkgroupName Database {PAGE}",
        context=statements.ownership,
    ),
    "CancelStatement": Operation(statements.cancel, "Id", context=statements.ownership),
    "ListDatabases": Operation(schema.list_databases, f"{CONNECT} {PAGE}", cluster_of),
    "ListSchemas": Operation(schema.list_schemas, f"{CONNECT} ConnectedDatabase SchemaPattern {PAGE}", cluster_of),
    "ListTables": Operation(
        schema.list_tables, f"{CONNECT} ConnectedDatabase SchemaPattern TablePattern {PAGE}", cluster_of
    ),
    "DescribeTable": Operation(schema.describe_table, f"{CONNECT} ConnectedDatabase Schema Table {PAGE}", cluster_of),
}
OPERATIONS = {name: replace(one, handler=limited(one.handler)) for name, one in _OPERATIONS.items()}
