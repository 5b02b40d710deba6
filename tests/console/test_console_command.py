"""`slipher console`: the link it prints."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx

from slipher.testing import Instance


def console(*arguments: object) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "SLIPHER_"))}
    command = [sys.executable, "-m", "slipher", "console", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, env=kept)


def test_it_prints_a_link_that_signs_in(slipher: Instance) -> None:
    done = console("--data-dir", slipher.data_dir, "--region", "eu-west-1")
    assert done.returncode == 0, done.stderr
    made = done.stdout.strip()
    assert made.startswith(f"{slipher.endpoint}/federation?Action=login&")
    values = parse_qs(urlsplit(made).query)
    assert values["Destination"] == [f"{slipher.endpoint}/console/?region=eu-west-1"]
    assert slipher.environment["AWS_SECRET_ACCESS_KEY"] not in done.stdout + done.stderr
    answer = httpx.get(made, follow_redirects=False, trust_env=False)
    assert answer.status_code == 302 and "to=%2F%3Fregion%3Deu-west-1" in answer.headers["location"]


def test_a_role_that_is_not_there(slipher: Instance) -> None:
    done = console("--data-dir", slipher.data_dir, "--role", "none")
    assert done.returncode == 1
    assert "not authorized to perform: sts:AssumeRole" in done.stderr and "Traceback" not in done.stderr


def test_where_nothing_runs(tmp_path: Path) -> None:
    done = console("--data-dir", tmp_path)
    assert done.returncode == 1 and "no Slipher runs on" in done.stderr
