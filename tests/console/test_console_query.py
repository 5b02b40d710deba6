"""The console's query editor: running, errors in their place, large results, export, charts, tabs, history, what is refused."""

from __future__ import annotations

import csv
import json
import re
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from browser import Console, new_console

from slipher.testing import Instance

HOSTILE = "<img src=x onerror=\"document.title='ran'\"><script>document.title='ran'</script>"
EDITOR = re.compile("^SQL of")


def execute(instance: Instance, sql: str) -> str:
    """A statement as the administrator of the database; its id."""
    data = instance.client("redshift-data")
    made = data.execute_statement(ClusterIdentifier=instance.cluster.id, Database="dev", DbUser="awsuser", Sql=sql)
    for _ in range(600):
        told = data.describe_statement(Id=made["Id"])
        if told["Status"] in ("FINISHED", "FAILED", "ABORTED"):
            assert told["Status"] == "FINISHED", told.get("Error")
            return str(made["Id"])
        time.sleep(0.05)
    raise AssertionError("it does not end")


@pytest.fixture
def table(slipher: Instance) -> Iterator[str]:
    """A table with three planets, one of them hostile."""
    name = f"planets_{uuid.uuid4().hex[:8]}"
    execute(slipher, f"create table {name} (position int, name varchar(200), mass decimal(8, 2))")
    escaped = HOSTILE.replace("'", "''")
    execute(slipher, f"insert into {name} values (1, 'Mercury', 0.33), (2, '{escaped}', 4.87), (3, null, 5.97)")
    yield name
    execute(slipher, f"drop table if exists {name}")


def editor(console: Console, sql: str | None = None) -> Any:
    """The query editor's text, with this SQL in it."""
    console.open("/query")
    console.heading("Query editor", 1)
    found = console.page.get_by_role("textbox", name=EDITOR)
    found.wait_for()
    if sql is not None:
        found.click()
        found.press("Control+a")
        found.press("Delete")  # what Chromium puts over a selection has styles that the page's policy refuses, aloud
        console.page.keyboard.insert_text(sql)
        console.page.get_by_role("button", name="Run", exact=True).click(trial=True)  # there, and ready
    return found


def test_a_statement_runs_by_keyboard_and_its_rows_are_inert(console: Console, table: str) -> None:
    page = console.page
    text = editor(console)
    page.get_by_text("No result yet").wait_for()
    console.axe()
    text.click()
    page.keyboard.insert_text(f"select 'not this one';\nselect * from {table} order by position;\n")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Control+Enter")
    page.get_by_text("3 rows in").wait_for()
    result = page.get_by_role("grid", name="Result")
    result.get_by_text("Mercury").wait_for()
    assert HOSTILE in result.inner_text() and "not this one" not in result.inner_text()
    assert page.title() == "Query editor | Slipher"
    assert result.get_by_text("NULL").count() == 1
    result.get_by_role("button", name="Show row 2").click()
    row = page.get_by_role("dialog", name="Row 2")
    assert HOSTILE in row.inner_text() and "varchar(200)" in row.inner_text()
    console.axe()
    row.get_by_role("button", name="Close").click()
    console.axe()
    console.dark()
    console.axe()
    console.narrow()
    console.no_sideways()
    console.axe()
    assert page.title() == "Query editor | Slipher"


def test_errors_are_told_and_marked_where_they_are(console: Console, table: str) -> None:
    page = console.page
    editor(console, f"select 1;\n\nselect nme\nfrom {table};\nselect 3;")
    page.get_by_role("button", name="Run all").click()
    failure = page.get_by_test_id("failure")
    failure.wait_for()
    assert f'column "nme" does not exist in {table}' in failure.inner_text()
    assert "Line 1, column 8" in failure.inner_text()
    mark = page.locator(".cm-lintRange-error")
    mark.wait_for()
    assert mark.inner_text() == "nme"
    assert page.get_by_role("tab", name=re.compile("Statement")).count() == 2  # the third did not run
    failure.get_by_role("button", name="Show in the editor").click()
    page.keyboard.insert_text("name")
    page.get_by_role("button", name="Run", exact=True).click()
    page.get_by_text("3 rows in").wait_for()
    assert page.locator(".cm-lintRange-error").count() == 0
    editor(console, "selec 1")
    page.keyboard.press("Control+Enter")
    page.get_by_test_id("failure").get_by_text("syntax error").wait_for()
    assert page.locator(".cm-lintRange-error").inner_text() == "selec"
    editor(console, "copy t from 's3://nowhere/' iam_role 'arn:aws:iam::123456789012:role/none' csv")
    execute(console.instance, "create table if not exists t (a int)")
    page.keyboard.press("Control+Enter")
    failure = page.get_by_test_id("failure")
    failure.get_by_text("is not authorized to assume IAM Role").first.wait_for()
    told = failure.inner_text()
    assert "Hint: the IAM role arn:aws:iam::123456789012:role/none is not associated with the cluster" in told
    assert "Code: 8001" in told
    failure.get_by_role("button", name="Details of the engine").click()
    failure.get_by_text("IAM Role=arn:aws:iam::123456789012:role/none").wait_for()
    console.axe()


def test_a_million_rows_are_paged_and_exported(console: Console, tmp_path: Path) -> None:
    page = console.page
    editor(
        console, "select n as number, 'row ' || n as words from (select generate_series(1, 1000000) as n) order by n"
    )
    page.keyboard.press("Control+Enter")
    page.get_by_text("1,000,000 rows in").wait_for(timeout=60_000)
    result = page.get_by_role("grid", name="Result")
    result.get_by_text("row 100", exact=True).wait_for()
    assert result.get_by_role("row").count() <= 102
    assert "Page 1 of 10,000" in page.inner_text("body")
    jump = page.get_by_role("spinbutton", name="Page")
    jump.fill("10000")
    jump.press("Enter")
    result.get_by_text("row 1000000", exact=True).wait_for(timeout=60_000)
    page.get_by_role("button", name="Previous page").click()
    result.get_by_text("row 999900", exact=True).wait_for()
    jump.fill("1")
    jump.press("Enter")
    result.get_by_text("row 2", exact=True).wait_for()
    with page.expect_download(timeout=120_000) as saving:
        page.get_by_role("button", name="Export CSV").click()
    path = tmp_path / "out.csv"
    saving.value.save_as(path)
    assert saving.value.suggested_filename == "query-1.csv"
    with path.open(newline="") as file:
        rows = list(csv.reader(file))
    assert rows[0] == ["number", "words"] and rows[1] == ["1", "row 1"]
    assert rows[-1] == ["1000000", "row 1000000"] and len(rows) == 1_000_001


def test_a_running_statement_is_cancelled(console: Console) -> None:
    page = console.page
    editor(console, "select count(*) from generate_series(1, 3000000) a, generate_series(1, 100000) b where a + b = 7")
    page.keyboard.press("Control+Enter")
    page.get_by_text("Running for").wait_for()
    page.get_by_role("button", name="Cancel").first.click()
    page.get_by_text("Cancelled after").wait_for()
    editor(console, "select 'still here'")  # in the same session
    page.keyboard.press("Control+Enter")
    page.get_by_role("grid", name="Result").get_by_text("still here").wait_for()


def test_a_session_keeps_temporary_tables_and_tabs_keep_their_text(console: Console) -> None:
    page = console.page
    editor(console, "create temp table mine as select 42 as answer;")
    page.keyboard.press("Control+Enter")
    page.get_by_text(re.compile("Done in|row changed in")).wait_for()
    page.get_by_role("button", name="New query").click()
    page.get_by_role("textbox", name="SQL of Query 2").click()
    page.keyboard.insert_text("select * from mine;")
    page.keyboard.press("Control+Enter")
    page.get_by_test_id("failure").get_by_text('relation "mine" does not exist').wait_for()
    page.get_by_role("button", name="Query 1", exact=True).click()
    editor(console, "select * from mine;")
    page.keyboard.press("Control+Enter")
    page.get_by_role("grid", name="Result").get_by_text("42").wait_for()
    page.reload()
    page.get_by_role("button", name="Query 2", exact=True).click()
    assert "select * from mine;" in page.get_by_role("textbox", name="SQL of Query 2").inner_text()
    page.get_by_role("button", name="Close Query 2").click()
    page.get_by_role("textbox", name="SQL of Query 1").wait_for()
    assert page.get_by_role("button", name="Query 2", exact=True).count() == 0


def test_the_tree_shows_tables_and_columns_and_completes_names(console: Console, table: str) -> None:
    page = console.page
    text = editor(console)
    tree = page.get_by_role("tree", name="Databases and tables")
    page.get_by_role("searchbox", name="Find tables").fill(table)
    tree.get_by_role("button", name=f"Open {table}").click()
    tree.get_by_role("button", name="Insert mass").wait_for()
    assert "numeric(8,2)" in tree.inner_text()
    console.axe()
    text.click()
    page.keyboard.type(f"select na from {table[:11]}", delay=20)
    option = page.get_by_role("option", name=table)
    option.wait_for()
    console.axe()
    page.wait_for_timeout(100)  # CodeMirror takes no choice in the first moments of its list
    page.keyboard.press("Enter")
    assert table in text.inner_text()
    tree.get_by_role("button", name=f"Actions for {table}").click()
    page.get_by_role("menuitem", name="Show 100 rows").click()
    page.get_by_text("3 rows in").wait_for()
    assert f"select * from {table} limit 100;" in page.get_by_role("textbox", name=EDITOR).inner_text()


def test_a_result_is_drawn(console: Console, table: str) -> None:
    page = console.page
    editor(console, f"select name, mass from {table} where name not like '<%'")
    page.keyboard.press("Control+Enter")
    page.get_by_text("1 row in").wait_for()
    page.get_by_role("radio", name="Chart").or_(page.get_by_role("button", name="Chart", exact=True)).first.click()
    page.get_by_role("application", name="mass by name").or_(
        page.locator("[aria-label='mass by name']")
    ).first.wait_for()
    console.axe()
    console.dark()
    console.axe()
    console.narrow()
    page.wait_for_timeout(500)  # the chart follows its place
    console.no_sideways()


def test_the_history_opens_again_and_shows_no_key(console: Console) -> None:
    page = console.page
    word = uuid.uuid4().hex[:8]
    secret = f"copy missing_{word} from 's3://x/' access_key_id 'AKIAHISTORY' secret_access_key 'topsecret' csv"
    editor(console, f"select 'history {word}' as seen;\n{secret};")
    page.get_by_role("button", name="Run all").click()
    page.get_by_test_id("failure").wait_for()
    console.open("/query/history")
    console.heading("Query history")
    page.get_by_role("searchbox", name="Find query history").fill(word)
    page.get_by_role("button", name=re.compile(f"^select 'history {word}'")).click()
    dialog = page.get_by_role("dialog", name="Statement")
    dialog.get_by_role("grid", name="Result").get_by_text(f"history {word}").wait_for()
    console.axe()
    dialog.get_by_role("button", name="Close").click()
    page.get_by_text(f"missing_{word}").first.wait_for()
    assert "topsecret" not in page.content() and "AKIAHISTORY" not in page.content()
    console.axe()
    console.dark()
    console.axe()
    console.narrow()
    console.no_sideways()
    console.wide()
    page.get_by_role("row").filter(has_text=f"history {word}").get_by_role("radio").check(force=True)
    page.get_by_role("button", name="Open in the editor").click()
    page.get_by_role("textbox", name=EDITOR).get_by_text(f"history {word}").wait_for()


def test_who_may_not_run_statements_reads_awss_words(as_role: Callable[..., Console]) -> None:
    console = as_role({"Effect": "Allow", "Action": "redshift:DescribeClusters", "Resource": "*"})
    page = console.page
    editor(console, "select 1")
    page.get_by_role("alert").filter(has_text="is not authorized to perform: redshift-data:ListDatabases").wait_for()
    page.get_by_role("button", name="Run", exact=True).click()
    page.get_by_role("alert").filter(has_text="is not authorized to perform: redshift-data:ExecuteStatement").wait_for()
    console.axe()
    console.open("/query/history")
    page.get_by_role("alert").filter(has_text="redshift-data:ListStatements").wait_for()


def test_signing_out_forgets_what_was_typed(browser: Any, slipher: Instance) -> None:
    with new_console(browser, slipher) as console:
        editor(console, "select 'private'")
        assert "private" in console.page.evaluate("() => JSON.stringify({...sessionStorage})")
        console.page.get_by_role("button", name=re.compile("federated-user.admin")).click()
        console.page.get_by_role("menuitem", name="Sign out").click()
        console.page.get_by_role("heading", name="Sign in to Slipher").wait_for()
        assert json.loads(console.page.evaluate("() => JSON.stringify({...sessionStorage})")) == {}
