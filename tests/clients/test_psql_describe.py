"""psql's backslash commands: every question that psql asks of the catalog has its answer."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator

import pytest

from slipher.testing.instance import Instance

pytestmark = pytest.mark.skipif(shutil.which("psql") is None, reason="psql is not installed")

SETUP = """
create database described;
\\c described
create table item (
  id int not null distkey primary key, name varchar(10) default 'x', price numeric(10,2) encode zstd, sold timestamp,
  unique (name)) sortkey (id, sold);
create table part (n int identity(1,1), item int references item(id));
create view names as select id, name from item;
create view late as select * from public.item with no schema binding;
create schema other;
create table other.hidden (q int);
comment on table item is 'things';
comment on column item.id is 'the key';
create user described_user password 'Abcd1234';
create group described_group with user described_user;
grant select on item to described_user, group described_group;
"""
TEARDOWN = """
\\c described
drop schema other cascade;
drop table part, item cascade;
\\c dev
drop database described;
drop group described_group;
drop user described_user;
"""


def psql(instance: Instance, *arguments: str, database: str = "described", text: str | None = None) -> str:
    """What psql prints; its errors fail the test."""
    environment = {**os.environ, **instance.environment, "PGDATABASE": database, "PSQLRC": "/dev/null"}
    done = subprocess.run(
        ["psql", "-X", "-v", "ON_ERROR_STOP=1", *arguments],
        env=environment,
        input=text,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "ERROR" not in done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def described(slipher: Instance) -> Iterator[Instance]:
    """An instance with a database of objects to describe."""
    psql(slipher, "-q", database="dev", text=SETUP)
    yield slipher
    psql(slipher, "-q", database="dev", text=TEARDOWN)


def lines(text: str) -> list[str]:
    return [line.rstrip() for line in text.rstrip("\n").splitlines()]


def test_table(described: Instance) -> None:
    assert lines(psql(described, "-c", "\\d item")) == [
        '                          Table "public.item"',
        " Column |            Type             | Collation | Nullable | Default",
        "--------+-----------------------------+-----------+----------+---------",
        " id     | integer                     |           | not null |",
        " name   | character varying(10)       |           |          | 'x'",
        " price  | numeric(10,2)               |           |          |",
        " sold   | timestamp without time zone |           |          |",
        "Indexes:",
        '    "item_pkey" PRIMARY KEY, btree (id)',
        '    "item_name_key" UNIQUE, btree (name)',
        "Referenced by:",
        '    TABLE "part" CONSTRAINT "part_item_fkey" FOREIGN KEY (item) REFERENCES public.item(id)',
    ]


def test_table_with_a_foreign_key_and_an_identity(described: Instance) -> None:
    shown = psql(described, "-c", "\\d part")
    assert '"identity"(' in shown and "'1,1'::text" in shown
    assert '    "part_item_fkey" FOREIGN KEY (item) REFERENCES public.item(id)' in shown


def test_table_with_comments(described: Instance) -> None:
    shown = psql(described, "-c", "\\d+ item")
    assert "the key" in shown
    assert "Storage" in shown


def test_views(described: Instance) -> None:
    shown = psql(described, "-c", "\\d+ names")
    assert 'View "public.names"' in shown
    assert "select id, name from item;" in shown
    assert psql(described, "-At", "-c", "\\dv") == "public|late|view|awsuser\npublic|names|view|awsuser\n"
    assert "with no schema binding" in psql(described, "-c", "\\d+ late")


def test_lists_of_relations(described: Instance) -> None:
    assert psql(described, "-At", "-c", "\\dt") == "public|item|table|awsuser\npublic|part|table|awsuser\n"
    assert psql(described, "-At", "-c", "\\dt other.*") == "other|hidden|table|awsuser\n"
    assert "things" in psql(described, "-At", "-c", "\\dt+")
    temporary = psql(described, "-At", "-c", "create temp table fleeting (a int)", "-c", "\\dt fleeting")
    assert temporary.splitlines()[-1].startswith("pg_temp_")


def test_schemas(described: Instance) -> None:
    assert psql(described, "-At", "-c", "\\dn") == "other|awsuser\npublic|rdsdb\n"


def test_databases(described: Instance) -> None:
    rows = [row.split("|") for row in psql(described, "-At", "-c", "\\l").splitlines()]
    assert ["described", "awsuser", "UNICODE"] in [row[:3] for row in rows]
    assert ["dev", "rdsdb", "UNICODE"] in [row[:3] for row in rows]


def test_users_and_groups(described: Instance) -> None:
    shown = psql(described, "-At", "-c", "\\du")
    assert "described_user||{described_group}" in shown
    assert "awsuser|Superuser, Create role, Create DB|{}" in shown


def test_privileges(described: Instance) -> None:
    shown = psql(described, "-At", "-c", "\\dp item")
    assert "described_user=r/awsuser" in shown
    assert "group described_group=r/awsuser" in shown
    assert psql(described, "-At", "-c", "\\z item") == shown


def test_definition_of_a_view(described: Instance) -> None:
    assert "select id, name from item" in psql(described, "-c", "\\sv names")


def test_connection(described: Instance) -> None:
    assert 'database "described" as user "awsuser"' in psql(described, "-c", "\\conninfo")
    assert psql(described, "-c", "\\encoding") == "UTF8\n"


def test_a_missing_relation_is_said_by_psql(described: Instance) -> None:
    with pytest.raises(AssertionError, match='Did not find any relation named "nosuch"'):
        psql(described, "-c", "\\d nosuch")


QUIET = """
\\d | \\d+ late | \\dv+ | \\dn+ | \\l+ | \\du+ | \\dg | \\df | \\dfS lower | \\dT | \\dTS | \\db | \\ddp
| \\dC | \\da | \\do | \\di | \\ds | \\dm | \\dE | \\dx | \\dL | \\dc | \\dD | \\dd | \\dO | \\drds | \\det
| \\d information_schema.columns | \\d stl_query | \\dS pg_class
"""


@pytest.mark.parametrize("command", [one.strip() for one in QUIET.split("|")])
def test_no_question_fails(described: Instance, command: str) -> None:
    psql(described, "-c", command)
