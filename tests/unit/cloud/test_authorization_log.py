"""The authorisation log: what it says, what it never says, and that it stays small."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from typer.testing import CliRunner

from slipher.cloud.decisions import Lines
from slipher.host.cli import app
from slipher.host.explain import last_decisions, readable


def test_decisions_are_explained(local: Any) -> None:
    keys = local.user("watched", {"Effect": "Allow", "Action": "iam:List*", "Resource": "*"},
                      {"Sid": "NoGroups", "Effect": "Deny", "Action": "iam:ListGroups", "Resource": "*"})  # fmt: skip
    iam = local.client("iam", keys)
    iam.list_users()
    for method in (iam.list_groups, iam.get_account_summary):
        with pytest.raises(ClientError):
            method()
    root = local.gateway.data_dir
    listed, groups, summary = last_decisions(root, 3)
    arn = "arn:aws:iam::123456789012:user/watched"
    assert (listed["who"], listed["action"], listed["allowed"]) == (arn, "iam:ListUsers", True)
    assert listed["by"] == [{"policy": "inline policy p of user watched", "sid": "", "statement": 1}]
    assert (groups["reason"], groups["by"][0]["sid"], groups["by"][0]["statement"]) == ("explicit_deny", "NoGroups", 2)
    assert (summary["reason"], summary["where"], summary["operation"]) == (
        "implicit_deny",
        "identity",
        "GetAccountSummary",
    )
    result = CliRunner().invoke(app, ["explain", "--data-dir", str(root), "--last", "3"])
    assert result.exit_code == 0, result.output
    lines = result.output.splitlines()
    assert lines[0].endswith("allowed  iam:ListUsers on arn:aws:iam::123456789012:user/")
    assert lines[1].startswith(f"    asked by {arn}, in iam ListUsers, request ")
    assert "    by inline policy p of user watched, statement 2 (Sid NoGroups)" in lines
    assert lines[-1].endswith(f"no identity-based policy of {arn} allows iam:GetAccountSummary on *")
    denials = last_decisions(root, 2, denied=True)
    assert [one["action"] for one in denials] == ["iam:ListGroups", "iam:GetAccountSummary"]

    text = (root / "authorization" / "decisions.jsonl").read_text()
    assert keys["SecretAccessKey"] not in text
    assert local.secret not in text
    assert (root / "authorization" / "decisions.jsonl").stat().st_mode & 0o777 == 0o600


def test_names_cannot_draw_on_the_terminal() -> None:
    record = {"at": 0, "allowed": True, "reason": "allow", "action": "s3:GetObject", "resource": "arn:aws:s3:::b/\x1b[2J\n", "who": "w",
              "by": [], "text": "t"}  # fmt: skip
    assert "\\x1b[2J\\x0a" in readable(record)


def test_two_files_hold_the_newest(tmp_path: Path) -> None:
    log = Lines(tmp_path, "x", limit=1000)
    for number in range(200):
        log.write({"number": number})
    assert sum(path.stat().st_size for path in (log.path, log.older)) <= 2000
    kept = [one["number"] for one in log.last(1000)]
    assert kept == list(range(200 - len(kept), 200))
    assert len(kept) > 50
    assert [one["number"] for one in log.last(3)] == [197, 198, 199]
    again = Lines(tmp_path, "x", limit=1000)  # another start goes on
    again.write({"number": 200})
    with log.path.open("ab") as file:
        file.write(b'{"numb')  # a crash in the middle of a line
    Lines(tmp_path, "x", limit=2000).write({"number": 201})
    assert [one["number"] for one in again.last(3)] == [200, 201]  # the line that was cut counts, and is left out


def test_a_log_that_cannot_be_written_stops_nothing(tmp_path: Path) -> None:
    (tmp_path / "authorization").write_text("in the way")
    Lines(tmp_path, "x").write({"a": 1})
    assert (tmp_path / "authorization").read_text() == "in the way"
