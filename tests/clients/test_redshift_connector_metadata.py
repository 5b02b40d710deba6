"""redshift_connector's metadata calls, and questions of the shape that dbt, SQLAlchemy and JDBC tools ask."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import redshift_connector

from slipher.testing.instance import Instance

TABLES = (
    "create schema metadata_of_drivers",
    "create table metadata_of_drivers.item (id int primary key, name varchar(10) not null default 'x')",
    "create view metadata_of_drivers.names as select name from metadata_of_drivers.item",
    "create view metadata_of_drivers.late as select id from metadata_of_drivers.item with no schema binding",
)
SCHEMA = "metadata_of_drivers"


@pytest.fixture(scope="module")
def cursor(slipher: Instance) -> Iterator[Any]:
    """A cursor of the driver, beside a schema of objects."""
    cluster = slipher.cluster
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SSL_CERT_DIR", slipher.environment["SSL_CERT_DIR"])  # as `slipher env` sets it
        connection = redshift_connector.connect(
            host=cluster.host,
            port=cluster.port,
            user=cluster.user,
            password=cluster.password,
            database=cluster.database,
        )
    with connection:
        connection.autocommit = True
        with connection.cursor() as found:
            for one in TABLES:
                found.execute(one)
            yield found
            found.execute(f"drop schema {SCHEMA} cascade")


def test_tables(cursor: Any) -> None:
    found = {(row[2], row[3]) for row in cursor.get_tables(None, SCHEMA, None)}
    assert {("item", "TABLE"), ("names", "VIEW"), ("late", "VIEW")} <= found


def test_columns(cursor: Any) -> None:
    rows = [(row[2], row[3], row[5], row[17]) for row in cursor.get_columns(None, SCHEMA, None)]
    assert ("item", "id", "int4", "NO") in rows
    assert ("names", "name", "varchar", "YES") in rows
    assert {row[1] for row in rows if row[0] == "late"} == {"id"}


def test_primary_keys(cursor: Any) -> None:
    keys = cursor.get_primary_keys(None, SCHEMA, "item")
    assert [list(row)[1:] for row in keys] == [[SCHEMA, "item", "id", 1, "item_pkey"]]


def test_schemas_and_catalogs(cursor: Any) -> None:
    assert SCHEMA in [row[0] for row in cursor.get_schemas()]
    assert ["dev"] in [list(row) for row in cursor.get_catalogs()]


def test_a_statement_that_fails_leaves_no_prepared_statement(cursor: Any) -> None:
    for _ in range(2):
        with pytest.raises(redshift_connector.ProgrammingError, match="nosuch"):
            cursor.execute("select * from nosuch")


QUESTIONS = {
    "relations with owners": "select n.nspname, c.relname, pg_get_userbyid(c.relowner) from pg_class c "
    "join pg_namespace n on n.oid = c.relnamespace where c.relkind in ('r', 'v', 'm') and n.nspname = '{0}'",
    "columns with encodings": "select a.attname, format_encoding(a.attencodingtype::integer), a.attisdistkey, "
    "a.attsortkeyord, format_type(a.atttypid, a.atttypmod), d.adsrc from pg_attribute a join pg_class c on c.oid = a.attrelid "
    "join pg_namespace n on n.oid = c.relnamespace left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum "
    "where n.nspname = '{0}' and a.attnum > 0 and not a.attisdropped",
    "keys": "select r.relname, c.conname, pg_get_constraintdef(c.oid), c.contype from pg_constraint c "
    "join pg_class r on r.oid = c.conrelid join pg_namespace n on n.oid = r.relnamespace where n.nspname = '{0}'",
    "late columns": "select view_name, col_name, col_type from pg_get_late_binding_view_cols() "
    "cols(view_schema name, view_name name, col_name name, col_type varchar, col_num int) where view_schema = '{0}'",
    "views and what they need": "select v.relname, t.relname from pg_rewrite w join pg_class v on v.oid = w.ev_class "
    "join pg_depend d on d.objid = w.oid and d.classid = 'pg_rewrite'::regclass join pg_class t on t.oid = d.refobjid "
    "join pg_namespace n on n.oid = v.relnamespace where n.nspname = '{0}' and d.refobjid <> v.oid",
    "definitions": "select viewname, definition from pg_views where schemaname = '{0}'",
    "all tables": "select table_name, table_type from svv_all_tables where schema_name = '{0}'",
    "grants": "select relation_name, privilege_type, identity_name, identity_type from svv_relation_privileges "
    "where namespace_name = '{0}' union all select 'item', 'SELECT', 'x', 'user'",
    "tables of the standard": "select table_name from information_schema.tables where table_schema = '{0}' "
    "and table_type = 'BASE TABLE' union select tablename from pg_tables where schemaname ilike '{0}'",
    "index of a key": "select indexdef from pg_indexes where schemaname = '{0}' and tablename = 'item'",
}


@pytest.mark.parametrize("question", QUESTIONS)
def test_questions_of_tools_have_answers(cursor: Any, question: str) -> None:
    cursor.execute(QUESTIONS[question].format(SCHEMA))
    assert cursor.fetchall()
