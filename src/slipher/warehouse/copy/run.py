"""COPY: from its target and its source's objects, in the order in which Redshift refuses, to the rows and the records of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from typing import TYPE_CHECKING

import pyarrow as pa
from sqlglot import exp

from slipher.base.errors import SqlError, engine_error
from slipher.sql.bind.dml import Dml
from slipher.sql.bind.typed import cast
from slipher.sql.bound import Need
from slipher.sql.names import Relation
from slipher.sql.parse.copy_rules import COLUMNAR
from slipher.sql.statements.copy import Copy
from slipher.warehouse import credentials
from slipher.warehouse.catalog.privileges import check, not_owner
from slipher.warehouse.copy.ahead import Ahead
from slipher.warehouse.copy.columnar import Columnar, check_lengths
from slipher.warehouse.copy.columnar_errors import ScanError
from slipher.warehouse.copy.compupdate import choose_encodings, wants_encodings
from slipher.warehouse.copy.dynamodb import items
from slipher.warehouse.copy.fetch import Fetcher
from slipher.warehouse.copy.files import File
from slipher.warehouse.copy.formats import selector
from slipher.warehouse.copy.hints import hint
from slipher.warehouse.copy.job_files import remember_loaded
from slipher.warehouse.copy.layout import Layout, layout
from slipher.warehouse.copy.load import Load, TooManyErrors
from slipher.warehouse.copy.log import log_errors, log_failure, log_files, log_replacements, log_scan_error
from slipher.warehouse.copy.manifest import found, read_manifest
from slipher.warehouse.copy.paths import Selector
from slipher.warehouse.copy.progress import Progress
from slipher.warehouse.credentials import Provider
from slipher.warehouse.dynamodb import DynamoDB
from slipher.warehouse.engine.duckdb.load import ingest
from slipher.warehouse.run.quota import require_quota
from slipher.warehouse.s3 import S3
from slipher.warehouse.s3log import recorder

if TYPE_CHECKING:
    from slipher.warehouse.run.run import Run

REPLACED = "Check 'stl_replacements' system table for details."
CHECK = "Check 'stl_load_errors' system table for details."


def run_copy(run: Run) -> None:
    """Target, privilege, columns, credentials, objects; then the lock, the load, the records."""
    statement = run.parsed.statement
    assert isinstance(statement, Copy)
    run.transaction.require_writable()
    check_target(run, statement)
    config = run.warehouse.config
    session = run.session
    from_table = statement.source.lower().startswith("dynamodb://")
    service = "dynamodb" if from_table else "s3"
    provider = credentials.provider(
        run.warehouse, session.user.name, statement.authorization, run.statement.cancel, session.identity, service
    )
    region = statement.region or config.region
    if from_table:
        source: _Objects | _Table = _Table(run, statement, region, provider)
    else:
        source = _Objects(run, statement, region, provider)
    relation = run.names.relation(statement.table)
    if relation is not None:
        run.lock_write(relation)
    chosen = check_target(run, statement)  # again: the table may have changed during the wait
    run.take_slot()
    run.transaction.begin_engine()
    _load(run, statement, chosen, source)


def check_target(run: Run, statement: Copy) -> Layout:
    """The target, if the user may load it, with the columns that take values."""
    relation = run.names.relation(statement.table)
    if relation is None:
        raise SqlError("XX000", f"Cannot COPY into nonexistent table {statement.table}")
    if relation.kind == "view":
        raise SqlError("42809", f'"{relation.name}" is a view')
    user = run.session.user
    if relation.kind != "table":
        raise SqlError("42501", f"permission denied for relation {relation.name}")
    if relation.database and relation.database != run.session.database:
        raise SqlError("0A000", f"cross-database reference to table {statement.table} is not supported for writing")
    check(run.transaction.catalog(), user, [Need("insert", relation)])
    if statement.stat_update and not (user.superuser or user.oid == relation.owner):
        raise not_owner("relation", relation.name)
    return layout(relation, statement)


class _Objects:
    """The objects below a prefix of S3."""

    def __init__(self, run: Run, statement: Copy, region: str, provider: Provider) -> None:
        self._run, self._statement = run, statement
        config, cancel = run.warehouse.config, run.statement.cancel
        self._s3 = S3(config.s3, region, provider, cancel, recorder(run.warehouse.activity, run.statement))
        bucket, _, prefix = statement.source[5:].partition("/")
        if statement.has("manifest"):
            objects = []
            for entry, one in found(self._s3, read_manifest(self._s3, bucket, prefix)):
                check_lengths(statement, f"s3://{entry.bucket}/{entry.key}", entry.length, one.size)
                objects.append((entry.bucket, one))
        else:
            listed = self._s3.list(bucket, prefix)
            objects = [(bucket, one) for one in listed if statement.only is None or one.key in statement.only]
        self.files: Sequence[File] = [
            File(
                f"s3://{where}/{one.key}", index % config.slices, where, one.key, one.size, one.etag, one.last_modified
            )
            for index, (where, one) in enumerate(objects)
        ]
        if not self.files and statement.only is None:
            raise engine_error(f"The specified S3 prefix '{prefix}' does not exist", location="s3_utility.cpp:539")

    def selector(self, chosen: Layout) -> Selector | None:
        """Which values of a record go where, if the format has names."""
        return selector(self._statement, chosen, self._s3)

    def batches(self, load: Load, chosen: Layout) -> Iterator[pa.RecordBatch]:
        """The rows of all objects."""
        run = self._run
        if self._statement.format in ("parquet", "orc"):
            reader = Columnar(
                self._s3,
                self._statement,
                chosen,
                run.statement.cancel,
                run.warehouse.clock.now,
                run.warehouse.config.spool_dir,
            )
            with closing(reader), closing(Ahead(self.files, reader.read, run.statement.cancel)) as results:
                for file, parsed in results:
                    yield from load.take(file, parsed)
            return
        fetcher = Fetcher(self._s3, self._statement, self.files, run.statement.cancel, run.warehouse.clock.now)
        with closing(fetcher):
            yield from load.batches(fetcher)


class _Table:
    """The items of a table of DynamoDB."""

    def __init__(self, run: Run, statement: Copy, region: str, provider: Provider) -> None:
        self._run, self._statement = run, statement
        self._client = DynamoDB(run.warehouse.config.dynamodb, region, provider, run.statement.cancel)
        self._name = statement.source.partition("://")[2]
        self._capacity = self._client.read_capacity(self._name)
        self.files: Sequence[File] = [File(statement.source)]

    def selector(self, chosen: Layout) -> Selector | None:
        """Items need none."""
        return None

    def batches(self, load: Load, chosen: Layout) -> Iterator[pa.RecordBatch]:
        """The rows of all items."""
        run, (file,) = self._run, self.files
        file.started = run.warehouse.clock.now()
        segments = run.warehouse.config.slices
        pages = items(self._client, self._name, self._capacity, self._statement, chosen, segments, run.statement.cancel)
        with closing(pages):
            for parsed in pages:
                file.lines += parsed.rows + len(parsed.errors)
                yield from load.take(file, parsed)
        file.ended, file.scanned = run.warehouse.clock.now(), True


def _load(run: Run, statement: Copy, chosen: Layout, source: _Objects | _Table) -> None:
    session, record, now = run.session, run.statement, run.warehouse.clock.now
    relation = chosen.relation
    load = Load(statement, chosen, record.cancel, source.selector(chosen))
    encodings = wants_encodings(run, statement, relation)
    before = session.last_copy_id, session.last_copy_count
    session.last_copy_id, session.last_copy_count = record.query_id, 0
    status = "aborted"
    record.progress = progress = Progress(record, statement, relation.name, source.files, load)
    try:
        _ingest(run, statement, chosen, source.batches(load, chosen))
        record.cancel.check()
        require_quota(run, [relation.oid])
        if encodings and load.rows:
            choose_encodings(run, statement, relation, load.rows)
        status = "completed"
    except SqlError as error:
        if statement.format.upper() in COLUMNAR and error.engine is not None:
            log_failure(run, error, now())
            if isinstance(error, ScanError) and error.file is not None:
                log_scan_error(run, chosen, error)
                load.errors.append((error.file, error.load_error()))
        raise
    except TooManyErrors:
        text = f"Load into table '{relation.name}' failed.  {CHECK}"
        raise SqlError("XX000", text, hint=hint(load.errors[-1][1], statement)) from None
    finally:
        log_files(run, statement, source.files, now())
        run.warehouse.activity.append("load_history", progress.history(now(), status))
        record.progress = None
        if load.errors:
            log_errors(run, statement, chosen, load.errors, now())
        if load.replaced:
            log_replacements(run, chosen, load.replaced, now())
    if statement.job:
        remember_loaded(session.engine, statement.job, source.files, record.query_id)
    session.last_copy_count = record.rows = load.rows

    def ended(committed: bool) -> None:
        if not committed and session.last_copy_id == record.query_id:
            session.last_copy_id, session.last_copy_count = before

    run.transaction.at_end(ended)
    done = f"Load into table '{relation.name}' completed, "
    run.output.notice("INFO", f"{done}{load.rows} record(s) loaded successfully.")
    if load.errors:
        run.output.notice("INFO", f"{done}{len(load.errors)} record(s) could not be loaded.  {CHECK}")
    if load.replacements:
        text = f"{done}{load.replacements} record(s) were loaded with replacements made for ACCEPTINVCHARS.  {REPLACED}"
        run.output.notice("INFO", text)
    run.output.complete("COPY")


def _ingest(run: Run, statement: Copy, chosen: Layout, batches: Iterator[pa.RecordBatch]) -> None:
    """Insert the rows; with NOLOAD only look at them."""
    with closing(batches):  # type: ignore[type-var]
        if statement.has("noload"):
            for _ in batches:
                run.statement.cancel.check()
            return
        values = _values(run, chosen.relation, chosen)
        ingest(run.session.engine, chosen.relation.engine_name, values, chosen.schema, batches)


def _values(run: Run, relation: Relation, chosen: Layout) -> dict[str, str | exp.Expr]:
    """Where each of the table's columns takes its values: a field, or its DEFAULT, or its identity."""
    binder = Dml(run.names, run.bind_settings)
    fields: dict[int, str | exp.Expr] = {
        column.number: cast(exp.column(field.name, quoted=True), column.type)
        if column.type.name == "timetz"
        else field.name
        for column, field in zip(chosen.columns, chosen.schema, strict=True)
    }
    return {one.engine_name: fields.get(one.number) or binder.default(relation, one) for one in relation.columns}
