"""node's `pg`, from npm: TLS with the instance's authority, values, NULLs, parameters, errors, transactions."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

from slipher.testing.instance import Instance

SCRIPT = """
const { Client } = require('pg');
(async () => {
  const ssl = { ca: require('fs').readFileSync(process.env.PGSSLROOTCERT), rejectUnauthorized: true };
  const client = new Client({ ssl, host: process.env.PGHOST, port: +process.env.PGPORT, user: process.env.PGUSER,
    password: process.env.PGPASSWORD, database: process.env.PGDATABASE });
  await client.connect();
  const out = {};
  await client.query('create temp table t (b boolean, i int, l bigint, n numeric(9,2), f float8, v varchar(9), d timestamptz)');
  await client.query('insert into t values ($1, $2, $3, $4, $5, $6, $7)',
    [true, 7, '9007199254740993', '1.50', 0.25, "it's", new Date(0)]);
  await client.query('insert into t (i) values ($1)', [null]);
  out.rows = (await client.query('select * from t order by i')).rows;
  out.named = (await client.query({ name: 'q', text: 'select i from t where i = $1', values: [7] })).rows;
  out.again = (await client.query({ name: 'q', text: 'select i from t where i = $1', values: [8] })).rows;
  try { await client.query('select nope from t'); } catch (error) { out.code = error.code; }
  await client.query('begin'); await client.query('delete from t'); await client.query('rollback');
  out.count = (await client.query('select count(*) from t')).rows[0].count;
  console.log(JSON.stringify(out));
  await client.end();
})().catch(error => { console.error(error); process.exit(1); });
"""


@pytest.fixture(scope="module")
def modules() -> Path:
    """The folder with pg in it, kept between runs."""
    if shutil.which("npm") is None or shutil.which("node") is None:
        pytest.skip("node and npm are not installed")
    folder = Path(tempfile.gettempdir()) / f"slipher-node-pg-{os.getuid()}"
    if not (folder / "node_modules" / "pg").is_dir():
        folder.mkdir(exist_ok=True)
        subprocess.run(
            ["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", str(folder), "pg@8"],
            check=True,
            timeout=300,
        )
    return folder


def test_node(modules: Path, slipher: Instance) -> None:
    done = subprocess.run(
        ["node", "-e", SCRIPT], cwd=modules, env={**os.environ, **slipher.environment}, capture_output=True, text=True,
        check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    out = json.loads(done.stdout)
    assert out["rows"] == [
        {
            "b": True,
            "i": 7,
            "l": "9007199254740993",
            "n": "1.50",
            "f": 0.25,
            "v": "it's",
            "d": "1970-01-01T00:00:00.000Z",
        },
        {"b": None, "i": None, "l": None, "n": None, "f": None, "v": None, "d": None},
    ]
    assert (out["named"], out["again"]) == ([{"i": 7}], [])
    assert (out["code"], out["count"]) == ("42703", "2")
