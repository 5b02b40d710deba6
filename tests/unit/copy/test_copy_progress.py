"""How far a load is, seen by another session and by `slipher top` while it runs."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Iterator

import pytest

from slipher.testing import Instance
from slipher.testing.wire import Connection

FILES = 6
LINES = 400_000
STATE = "select sum(bytes_loaded), sum(bytes_to_load), sum(num_files) from stv_load_state"


@pytest.fixture
def watcher(slipher: Instance) -> Iterator[Connection]:
    with slipher.cluster.connect() as connection:
        yield connection


def test_a_load_is_seen_while_it_runs(slipher: Instance, watcher: Connection, slipher_bucket: str) -> None:
    s3, environment = slipher.client("s3"), slipher.environment
    body = b"".join(b"%d|some text of a line that is loaded\n" % n for n in range(LINES))
    for number in range(FILES):
        s3.put_object(Bucket=slipher_bucket, Key=f"in/{number}", Body=body)
    keys = (
        f"access_key_id '{environment['AWS_ACCESS_KEY_ID']}' secret_access_key '{environment['AWS_SECRET_ACCESS_KEY']}'"
    )

    def load() -> None:
        with slipher.cluster.connect() as connection:
            connection.rows("create temp table watched (a int, b varchar(50))")
            connection.rows(f"copy watched from 's3://{slipher_bucket}/in/' {keys}")

    thread = threading.Thread(target=load)
    thread.start()
    seen: list[tuple[int, int, int]] = []
    shown = ""
    while thread.is_alive():
        for done, total, files in watcher.rows(STATE):
            if total is not None:
                seen.append((int(done or 0), int(total), int(files or 0)))
                assert watcher.rows(
                    "select status, source_file_count from sys_load_history where status = 'running'"
                ) in (
                    [("running", str(FILES))],
                    [],  # it ended meanwhile
                )
                if not shown:
                    command = [
                        sys.executable,
                        "-m",
                        "slipher.host.cli",
                        "top",
                        "--once",
                        "--data-dir",
                        str(slipher.data_dir),
                    ]
                    shown = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout
        time.sleep(0.05)
    thread.join()
    assert seen, "the load was seen"
    assert {(total, files) for _, total, files in seen} == {(len(body) * FILES, FILES)}
    done = [one for one, _, _ in seen]
    assert done == sorted(done) and done[-1] > 0
    assert "Loads" in shown and "Statements" in shown
    assert watcher.rows("select count(*) from stv_load_state") == [("0",)]
    last = watcher.rows("select status, loaded_rows from sys_load_history order by query_id desc limit 1")
    assert last == [("completed", str(FILES * LINES))]
