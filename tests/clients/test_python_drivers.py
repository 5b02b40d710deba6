"""Python's drivers, unmodified, over TLS: values of every scalar type, NULLs, parameters, errors, transactions, many rows."""

from __future__ import annotations

import asyncio
import ssl
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import asyncpg
import psycopg
import psycopg2
import pytest
import redshift_connector

from slipher.testing.instance import Cluster

sys.path.insert(0, str(Path(__file__).parent))
from client_rows import FILL, NULLS, ROW, TABLE

MANY = 200_000
GENERATE = (
    "with d as (select 0 n union all select 1 union all select 2 union all select 3 union all select 4 union all select 5 "
    "union all select 6 union all select 7 union all select 8 union all select 9) "
    "select a.n + 10*b.n + 100*c.n + 1000*e.n + 10000*f.n + 100000*g.n as n from d a, d b, d c, d e, d f, d g "
    f"where g.n < {MANY // 100_000}"
)


def redshift(cluster: Cluster, **more: Any) -> Any:
    return redshift_connector.connect(
        host=cluster.host, port=cluster.port, user=cluster.user, password=cluster.password, database="dev", **more
    )


@pytest.fixture(autouse=True)
def trust(cluster: Cluster, monkeypatch: pytest.MonkeyPatch, slipher: Any) -> None:
    """redshift_connector trusts what SSL_CERT_DIR names, which `slipher env` exports."""
    monkeypatch.setenv("SSL_CERT_DIR", slipher.environment["SSL_CERT_DIR"])


@pytest.mark.parametrize("binary", [False, True])
def test_psycopg(cluster: Cluster, binary: bool) -> None:
    with psycopg.connect(cluster.dsn) as connection:
        cursor = connection.cursor(binary=binary)
        cursor.execute(TABLE)
        cursor.execute(FILL)
        cursor.execute(NULLS)
        assert cursor.execute("select * from every where i is not null").fetchone() == ROW
        assert cursor.execute("select * from every where i is null").fetchone() == (None,) * len(ROW)
        cursor.executemany(
            "insert into every (i, v, n) values (%s, %s, %s)", [(7, "x", Decimal("1.5")), (8, None, None)]
        )
        assert cursor.rowcount == 2
        found = cursor.execute("select i, v, n from every where i between %s and %s order by i", (7, 8)).fetchall()
        assert found == [(7, "x", Decimal("1.500")), (8, None, None)]
        for number in range(8):  # from the fifth on it is a prepared statement
            assert cursor.execute("select %s::int + 1", (number,)).fetchone() == (number + 1,)
        connection.commit()
        connection.rollback()  # psycopg drops its prepared statements with DEALLOCATE
        assert cursor.execute("select %s::int + 1", (1,)).fetchone() == (2,)


def test_psycopg_errors_and_transactions(cluster: Cluster) -> None:
    with psycopg.connect(cluster.dsn) as connection:
        with pytest.raises(psycopg.errors.UndefinedTable) as caught:
            connection.execute("select * from nowhere")
        assert caught.value.sqlstate == "42P01"
        with pytest.raises(psycopg.errors.InFailedSqlTransaction):
            connection.execute("select 1")
        connection.rollback()
        connection.execute("create temp table one (a int)")
        connection.commit()
        with pytest.raises(ZeroDivisionError), connection.transaction(force_rollback=False):
            connection.execute("insert into one values (1)")
            raise ZeroDivisionError
        assert connection.execute("select count(*) from one").fetchone() == (0,)


def test_psycopg_server_side_cursor(cluster: Cluster) -> None:
    with psycopg.connect(cluster.dsn) as connection, connection.cursor(name="part") as cursor:
        cursor.execute(GENERATE + " order by 1")
        assert cursor.fetchmany(3) == [(0,), (1,), (2,)]
        assert [name.name for name in cursor.description or ()] == ["n"]
        assert len(cursor.fetchall()) == MANY - 3


def test_psycopg_pipeline(cluster: Cluster) -> None:
    with psycopg.connect(cluster.dsn) as connection, connection.pipeline():
        cursors = [connection.execute("select %s::int", (number,)) for number in range(50)]
        assert [cursor.fetchone() for cursor in cursors] == [(number,) for number in range(50)]


def test_many_rows(cluster: Cluster) -> None:
    with psycopg.connect(cluster.dsn) as connection:
        cursor = connection.execute(GENERATE)
        assert sum(row[0] for row in cursor) == MANY * (MANY - 1) // 2


def test_psycopg2(cluster: Cluster) -> None:
    connection = psycopg2.connect(cluster.dsn)
    with connection.cursor() as cursor:
        cursor.execute(TABLE)
        cursor.execute(FILL)
        cursor.execute(NULLS)
        cursor.execute("select * from every where i is not null")
        assert cursor.fetchone() == ROW
        cursor.execute("select * from every where i is null")
        assert cursor.fetchone() == (None,) * len(ROW)
        cursor.execute("select %s, %s, %s::numeric(9,2)", ("it's \\ a", None, Decimal("2.50")))
        assert cursor.fetchone() == ("it's \\ a", None, Decimal("2.50"))
        cursor.executemany("insert into every (i, v) values (%s, %s)", [(1, "a"), (2, "b")])
        with pytest.raises(psycopg2.errors.UndefinedColumn) as caught:
            cursor.execute("select nothing_here from every")
        assert caught.value.pgcode == "42703"
    connection.rollback()
    with connection.cursor("part") as cursor:
        cursor.execute(GENERATE + " order by 1")
        assert cursor.fetchmany(2) == [(0,), (1,)]
    connection.close()


def test_asyncpg(cluster: Cluster) -> None:
    async def talk() -> None:
        context = ssl.create_default_context(cafile=str(cluster.root_cert))
        connection = await asyncpg.connect(
            host=cluster.host,
            port=cluster.port,
            user=cluster.user,
            password=cluster.password,
            database="dev",
            ssl=context,
        )
        await connection.execute(TABLE)
        await connection.execute(FILL)
        await connection.execute(NULLS)
        assert tuple(await connection.fetchrow("select * from every where i is not null")) == ROW
        assert tuple(await connection.fetchrow("select * from every where i is null")) == (None,) * len(ROW)
        await connection.executemany(
            "insert into every (i, v, n) values ($1, $2, $3)", [(5, "x", Decimal("1.5")), (6, None, None)]
        )
        found = await connection.fetch("select i, v, n from every where i > $1 and i < $2 order by i", 4, 7)
        assert [tuple(row) for row in found] == [(5, "x", Decimal("1.500")), (6, None, None)]
        every = await connection.prepare(
            "select * from every where b = $1 and d = $2 and ts = $3 and tz = $4 and t = $5"
        )
        assert tuple(await every.fetchrow(ROW[0], ROW[10], ROW[12], ROW[13], ROW[11])) == ROW
        with pytest.raises(asyncpg.UndefinedTableError) as caught:
            await connection.fetch("select * from nowhere")
        assert caught.value.sqlstate == "42P01"
        async with connection.transaction():
            counted = 0
            async for _ in connection.cursor(GENERATE, prefetch=50_000):
                counted += 1
            assert counted == MANY
        await connection.reset()
        await connection.close()

    asyncio.run(talk())


@pytest.mark.parametrize("words", [{}, {"sslmode": "verify-full"}, {"sslmode": "verify-ca"}])
def test_redshift_connector(cluster: Cluster, words: dict[str, Any]) -> None:
    connection = redshift(cluster, **words)
    cursor = connection.cursor()
    cursor.execute(TABLE)
    cursor.execute(FILL)
    cursor.execute(NULLS)
    cursor.execute("select * from every where i is not null")
    assert tuple(cursor.fetchone()) == ROW
    cursor.execute("select * from every where i is null")
    assert tuple(cursor.fetchone()) == (None,) * len(ROW)
    cursor.executemany("insert into every (i, v) values (%s, %s)", [(1, "a"), (2, None)])
    for wanted in (1, 2):
        with pytest.raises(redshift_connector.ProgrammingError) as caught:
            cursor.execute("select nothing_here")
        assert caught.value.args[0]["C"] == "42703", wanted
        connection.rollback()
    cursor.execute(GENERATE)
    assert len(cursor.fetchall()) == MANY
    connection.close()


def test_a_certificate_for_another_name_is_refused(cluster: Cluster) -> None:
    name = "ip6-localhost" if cluster.host == "127.0.0.1" else "wrong"
    with pytest.raises(psycopg.OperationalError, match="does not match host name"):
        psycopg.connect(
            f"host={name} hostaddr={cluster.host} port={cluster.port} user={cluster.user} password={cluster.password} "
            f"dbname=dev sslmode=verify-full sslrootcert={cluster.root_cert}"
        )
    psycopg.connect(cluster.dsn.replace("verify-ca", "verify-full")).close()


def test_copy_tells_by_notices(cluster: Cluster, slipher: Any, slipher_bucket: str) -> None:
    slipher.client("s3").put_object(Bucket=slipher_bucket, Key="n.csv", Body=b"1\n2\n3\n")
    environment = slipher.environment
    keys = f"aws_access_key_id={environment['AWS_ACCESS_KEY_ID']};aws_secret_access_key={environment['AWS_SECRET_ACCESS_KEY']}"
    heard: list[tuple[str | None, str | None]] = []
    with psycopg.connect(cluster.dsn) as connection:
        connection.add_notice_handler(lambda one: heard.append((one.severity, one.message_primary)))
        connection.execute("create temp table n (a int)")
        connection.execute(f"copy n from 's3://{slipher_bucket}/n.csv' credentials '{keys}' csv")
    assert heard == [("INFO", "Load into table 'n' completed, 3 record(s) loaded successfully.")]
