"""What stands in for psql where it is not installed: the same text through psycopg, shown as psql shows it.

It knows what the demo and the README type: -X, -q, -A, -t, -c, -h, -U, -d, -p, -v ON_ERROR_STOP=1, statements that end with a
semicolon, and \\echo. Anything else is refused.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterable, Iterator
from typing import Any

import psycopg

QUOTED = re.compile(r"'(?:[^']|'')*'|\"[^\"]*\"|--[^\n]*|;")


def statements(lines: Iterable[str]) -> Iterator[str]:
    """Statements and \\ commands, each as soon as it is complete."""
    text = ""
    for line in lines:
        if not text.strip() and line.lstrip().startswith("\\"):
            yield line.strip()
            continue
        text += line
        while (end := _end(text)) is not None:
            yield text[:end].strip()
            text = text[end + 1 :]
    if text.strip():
        yield text.strip()


def _end(text: str) -> int | None:
    for found in QUOTED.finditer(text):
        if found.group() == ";":
            return found.start()
    return None


def table(names: list[str], numeric: list[bool], rows: list[list[str]]) -> str:
    """psql's aligned format."""
    widths = [max(len(cell) for cell in column) for column in zip(names, *rows, strict=True)]
    lines = ["|".join(f" {name.center(width)} " for name, width in zip(names, widths, strict=True))]
    lines.append("+".join("-" * (width + 2) for width in widths))
    for row in rows:
        cells = [
            cell.rjust(width) if right else cell.ljust(width)
            for cell, width, right in zip(row, widths, numeric, strict=True)
        ]
        if not numeric[-1]:
            cells[-1] = row[-1]  # nothing is padded at the end of a line
        lines.append(" " + " | ".join(cells))
    count = len(rows)
    return "\n".join([*lines, f"({count} row{'' if count == 1 else 's'})", ""])


NUMERIC_OIDS = {20, 21, 23, 26, 700, 701, 1700}


class Runner:
    """Sends statements and prints answers."""

    def __init__(self, connection: psycopg.Connection[Any], options: argparse.Namespace) -> None:
        self._connection = connection
        self._options = options
        connection.add_notice_handler(self._notice)

    def _notice(self, notice: psycopg.errors.Diagnostic) -> None:
        self._report(notice)

    def _report(self, facts: psycopg.errors.Diagnostic) -> None:
        text = f"{facts.severity}:  {facts.message_primary}"
        for label, more in (("DETAIL", facts.message_detail), ("HINT", facts.message_hint)):
            if more:
                text += f"\n{label}:  {more}"
        print(text, flush=True)

    def run(self, statement: str) -> bool:
        """One statement; whether it went well."""
        if statement.startswith("\\"):
            word, _, rest = statement.partition(" ")
            if word != "\\echo":
                raise SystemExit(f"{word} needs psql, which is not installed")
            print(rest, flush=True)
            return True
        try:
            cursor = self._connection.execute(statement.encode())
        except psycopg.Error as error:
            self._report(error.diag)
            return False
        if cursor.description is None:
            if not self._options.q:
                print(cursor.statusmessage, flush=True)
            return True
        result = cursor.pgresult
        assert result is not None
        rows = [
            [(result.get_value(row, at) or b"").decode() for at in range(result.nfields)]
            for row in range(result.ntuples)
        ]
        if self._options.t or self._options.A:
            for row in rows:
                print("|".join(row), flush=True)
        else:
            numeric = [result.ftype(at) in NUMERIC_OIDS for at in range(result.nfields)]
            print(table([column.name for column in cursor.description], numeric, rows), flush=True)
        return True


def main() -> None:
    """As psql: exit status 3 when ON_ERROR_STOP ended the script, 1 when -c failed, 2 without a connection."""
    parser = argparse.ArgumentParser(add_help=False)
    for flag in "XqAt":
        parser.add_argument(f"-{flag}", action="store_true")
    for option in "hUdp":
        parser.add_argument(f"-{option}", dest={"h": "host", "U": "user", "d": "dbname", "p": "port"}[option])
    parser.add_argument("-c", dest="command")
    parser.add_argument("-v", dest="set", action="append", default=[])
    options = parser.parse_args([word for short in sys.argv[1:] for word in _flags(short)])
    place = {name: getattr(options, name) for name in ("host", "user", "dbname", "port") if getattr(options, name)}
    try:
        connection = psycopg.connect(**place, autocommit=True)
    except psycopg.Error as error:
        print(f"psql: error: {error}", file=sys.stderr)
        sys.exit(2)
    runner = Runner(connection, options)
    stop = "ON_ERROR_STOP=1" in options.set
    if options.command:
        sys.exit(0 if runner.run(options.command) else 1)
    for statement in statements(sys.stdin):
        if not runner.run(statement) and stop:
            sys.exit(3)


def _flags(word: str) -> list[str]:
    """-XAtc as -X -A -t -c."""
    if re.fullmatch(r"-[XqAtc]{2,}", word):
        return [f"-{letter}" for letter in word[1:]]
    return [word]


if __name__ == "__main__":
    main()
