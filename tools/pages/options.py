"""docs/reference/copy.md and unload.md: every option, an example, what it does, whether it is there."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from pages.page import code, complete, page, state, table
from pages.words import COPY, UNLOAD
from slipher.sql.parse import copy as copy_parser, copy_rules, unload as unload_parser

ROLE = "iam_role 'arn:aws:iam::123456789012:role/r'"
CREDENTIALS = """## Credentials

All of these work for COPY and UNLOAD; a role is the one to prefer, because no key passes through SQL.

```sql
iam_role 'arn:aws:iam::123456789012:role/Loader'                        -- a role associated with the cluster
iam_role default                                                        -- the cluster's default role
credentials 'aws_iam_role=arn:aws:iam::123456789012:role/Loader'
access_key_id '…' secret_access_key '…' [session_token '…']
credentials 'aws_access_key_id=…;aws_secret_access_key=…[;token=…]'
```

Keys in statements are replaced by `***` before the text goes anywhere: into logs, system tables and errors."""


def _rows(words: Mapping[str, tuple[str, str]], state_of: Callable[[str, str], str]) -> list[tuple[str, str, str, str]]:
    rows = []
    for name, (example, what) in words.items():
        if name != "AUTHORIZATION":
            rows.append((name, code(example), what, state_of(name, example)))
    return rows


def _copy_state(name: str, example: str) -> str:
    source = "dynamodb://t" if name == "READRATIO" else "s3://b/k"
    return state(f"copy t from '{source}' {ROLE} {example}")


def _unload_state(name: str, example: str) -> str:
    return state(f"unload ('select 1') to 's3://b/k' {ROLE} {example}")


def copy_page() -> str:
    """COPY's."""
    complete("COPY option", {*copy_parser.SWITCHES, *copy_parser.VALUES, *copy_parser.LATER}, COPY)
    ranges = [(code(name), f"{low:,}", f"{high:,}") for name, (low, high) in copy_rules.RANGES.items()]
    conflicts: dict[str, list[str]] = {}
    for row in copy_rules.CONFLICTS:
        conflicts.setdefault(row.option, []).append(row.other)
    beside = [(code(option), ", ".join(code(other) for other in others)) for option, others in conflicts.items()]
    sources = [(code(f"{name}://"), "not yet" if name == "emr" else "yes") for name in copy_parser.SOURCES]
    return page(
        "COPY",
        "`COPY table [(column, …)] FROM 'source' credentials [option …]`. What is marked *not yet* is refused with SQLSTATE "
        "0A000 and a text that names it. How to use it: [COPY and UNLOAD](../guide/copy-and-unload.md); what an error means: "
        "[load errors](../guide/load-errors.md), and its [codes](load-error-codes.md).",
        CREDENTIALS,
        "## Sources",
        table(("source", "there"), sources),
        "## Options",
        table(("option", "for example", "what it does", "there"), _rows(COPY, _copy_state)),
        "## Ranges of values",
        table(("option", "least", "most"), ranges),
        "## What cannot stand beside what",
        table(("option", "not with"), beside),
    )


def unload_page() -> str:
    """UNLOAD's."""
    complete("UNLOAD option", {*unload_parser.OPTIONS, *unload_parser.MISSING}, UNLOAD)
    conflicts: dict[str, list[str]] = {}
    for option, other in unload_parser.CONFLICTS:
        conflicts.setdefault(option, []).append(other)
    beside = [(code(option), ", ".join(code(other) for other in others)) for option, others in conflicts.items()]
    only = [f"At most one of {', '.join(code(word) for word in words)}." for words in unload_parser.EXCLUSIVE]
    return page(
        "UNLOAD",
        "`UNLOAD ('query') TO 's3://bucket/prefix' credentials [option …]`. What is marked *not yet* is refused with SQLSTATE "
        "0A000 and a text that names it. Credentials are [those of COPY](copy.md#credentials).",
        "## Options",
        table(("option", "for example", "what it does", "there"), _rows(UNLOAD, _unload_state)),
        "## What cannot stand beside what",
        "\n".join(only),
        table(("option", "not with"), beside),
    )
