"""`slipher top`: what a cluster does now, loads with their progress, refreshed each second."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from slipher.testing.wire import Connection, ServerError, connect

SECONDS = 1.0
LOADS = """
    select query, trim(max(current_file)), sum(bytes_loaded), sum(bytes_to_load), sum(num_files_complete), sum(num_files),
           max(h.loaded_rows), max(h.table_name), max(datediff(ms, h.start_time, h.end_time))
    from stv_load_state s join sys_load_history h on h.query_id = s.query
    where h.status = 'running' group by query order by query
"""
QUERIES = """
    select query_id, user_id, trim(status), elapsed_time / 1000, trim(query_text)
    from sys_query_history
    where status not in ('success', 'failed', 'canceled') and session_id <> pg_backend_pid() order by query_id
"""


def show(cluster: str, socket: Path, *, once: bool, console: Console) -> None:
    """Draw until Ctrl-C; `once` draws one picture. Raises OSError or ServerError if the cluster does not answer."""
    with connect(str(socket), 0, user="rdsdb", database="dev", password="") as connection:
        if once:
            console.print(_picture(cluster, connection))
            return
        with Live(console=console, screen=True, auto_refresh=False) as live:
            for picture in _pictures(cluster, connection):
                live.update(picture, refresh=True)


def _pictures(cluster: str, connection: Connection) -> Iterator[RenderableType]:
    while True:
        try:
            yield _picture(cluster, connection)
        except ServerError as error:
            yield Text(str(error))
        time.sleep(SECONDS)


def _picture(cluster: str, connection: Connection) -> RenderableType:
    loads, queries = connection.rows(LOADS), connection.rows(QUERIES)
    head = Text(f"{cluster}: {len(queries)} running, {len(loads)} loading", style="bold")
    return Group(head, _loads(loads), _queries(queries))


def _loads(rows: list[tuple[str | None, ...]]) -> Table:
    table = Table("query", "table", "progress", "", "files", "rows", "MB/s", "file", title="Loads", expand=True)
    for query, file, done, total, complete, files, loaded, name, milliseconds in rows:
        got, size = int(done or 0), int(total or 0)
        speed = got / 1000 / max(int(milliseconds or 0), 1)
        bar = ProgressBar(total=max(size, 1), completed=got, width=24)
        share = f"{100 * got // size}%" if size else "-"
        table.add_row(query, name, bar, share, f"{complete}/{files}", loaded, f"{speed:.1f}", file)
    return table


def _queries(rows: list[tuple[str | None, ...]]) -> Table:
    table = Table("query", "user", "state", "ms", "text", title="Statements", expand=True)
    for query, user, state, elapsed, text in rows:
        table.add_row(query, user, state, elapsed, Text((text or "")[:200].replace("\\n", " "), overflow="ellipsis"))
    return table
