"""Secrets that statements carry: nowhere in the data directory, the system tables or what errors say. Files, and who listens."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import psutil

from slipher.testing.instance import Instance
from slipher.testing.wire import Report

KEY, TOKEN, PASSWORD, MASTER = "Zk3yZk3yZk3yZk3yZk3y", "T0k3nT0k3nT0k3nT0k3n", "Pa55Pa55Pa55Pa55x", "M45t3rM45t3rM45t3r"
SECRETS = (KEY, TOKEN, PASSWORD, MASTER)
STATEMENTS = [
    f"copy secrets_t from 's3://nowhere/x' credentials 'aws_access_key_id=AKIAX;aws_secret_access_key={KEY}' csv",
    f"copy secrets_t from 's3://nowhere/x' credentials 'aws_access_key_id=AKIAX;aws_secret_access_key={KEY};token={TOKEN}' csv",
    f"copy secrets_t from 's3://nowhere/x' with credentials as 'aws_secret_access_key={KEY};aws_access_key_id=AKIAX' csv",
    f"copy secrets_t from 's3://nowhere/x' access_key_id 'AKIAX' secret_access_key '{KEY}' session_token '{TOKEN}' csv",
    f"unload ('select 1') to 's3://nowhere/x' access_key_id 'AKIAX' secret_access_key '{KEY}' master_symmetric_key '{MASTER}'",
    f"copy secrets_t from 's3://nowhere/x' access_key_id 'AKIAX' secret_access_key '{KEY}' nonsense",
    f"copy secrets_t from 's3://nowhere/x' credentials 'aws_access_key_id=AKIAX;aws_secret_access_key={KEY}",
    f"copy secrets_t from 's3://nowhere/x' credentials 'aws_access_key_id=AKIAX;aws_secret_access_key={KEY};what=ever' csv",
    f"create user secrets_u password '{PASSWORD}'",
    f"create user secrets_u password '{PASSWORD}'",
    f"create user secrets_v with password'{PASSWORD}' nonsense",
    f"alter user secrets_u password '{PASSWORD}'",
    f"alter user secrets_none password '{PASSWORD}'",
    f"select 1; create user secrets_w password '{PASSWORD}' valid until 'never'",
    f"prepare secrets_p as create user secrets_w password '{PASSWORD}'",
    f"explain create user secrets_w password '{PASSWORD}'",
    f"drop user secrets_u /* password '{PASSWORD}' */",
]


def test_secrets_are_nowhere(slipher: Instance) -> None:
    with slipher.cluster.connect() as one:
        one.rows("create temp table secrets_t (a int)")
        said: list[str] = []
        for text in STATEMENTS:
            for messages in (one.simple(text), one.extended(text)):
                said += [
                    value for message in messages if isinstance(message, Report) for value in message.fields.values()
                ]
        for relation, column in (
            ("stl_query", "querytxt"), ("svl_statementtext", "text"), ("stl_querytext", "text"), ("stl_utilitytext", "text"),
            ("stl_ddltext", "text"), ("sys_query_history", "query_text"), ("sys_query_text", "text"), ("stl_error", "error"),
        ):  # fmt: skip
            said += [str(row[0]) for row in one.rows(f"select {column} from {relation}")]
        assert len(said) > 50
    for secret in SECRETS:
        assert [text for text in said if secret in text] == []
    assert found_in(slipher.data_dir) == []


def found_in(folder: Path) -> list[str]:
    """The files that hold a secret; what is in memory has been written by now or never will."""
    wanted = [secret.encode() for secret in SECRETS]
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert len(files) > 10
    return [
        f"{path.relative_to(folder)}: {secret!r}" for path in files for secret in wanted if secret in path.read_bytes()
    ]


def test_files_are_for_this_account_alone(slipher: Instance) -> None:
    slipher.cluster.connect().close()
    public = {".pem", ".0"}  # certificates
    paths = [path for path in slipher.data_dir.rglob("*") if path.suffix not in public and not path.is_symlink()]
    loose = [str(path) for path in paths if not path.is_dir() and stat.S_IMODE(path.stat().st_mode) & 0o077]
    assert loose == []
    assert stat.S_IMODE(slipher.data_dir.stat().st_mode) & 0o077 == 0


def test_nothing_listens_beyond_loopback(slipher: Instance) -> None:
    state = json.loads((slipher.data_dir / "run" / "state.json").read_bytes())
    started = [state["supervisor"]["pid"], state["gateway"]["pid"], *(one["pid"] for one in state["clusters"])]
    ours = [psutil.Process(pid) for pid in started if pid]
    ours += [child for one in ours for child in one.children(recursive=True) if child.pid not in started]
    assert len(ours) >= 3
    listening = [
        one.laddr.ip for process in ours for one in process.net_connections("inet") if one.status == psutil.CONN_LISTEN
    ]
    assert len(listening) >= 2
    assert [address for address in listening if not address.startswith("127.") and address != "::1"] == []
