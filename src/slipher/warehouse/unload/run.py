"""UNLOAD: the query's rows become objects under a role, all of them or none."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from sqlglot import exp

from slipher.base.errors import SqlError, engine_error
from slipher.sql.bound import Bound
from slipher.sql.parse import parse
from slipher.sql.statements import Select
from slipher.sql.statements.unload import Unload
from slipher.warehouse import credentials
from slipher.warehouse.run.select import shown
from slipher.warehouse.s3 import S3, kms_headers
from slipher.warehouse.s3log import recorder
from slipher.warehouse.unload.journal import Journal
from slipher.warehouse.unload.manifest import manifest
from slipher.warehouse.unload.names import namer, root
from slipher.warehouse.unload.objects import Object, Target, discard, publish
from slipher.warehouse.unload.plan import ordered, plan
from slipher.warehouse.unload.slices import Slices

if TYPE_CHECKING:
    from slipher.warehouse.run.run import Run

NOT_EMPTY = (
    "Specified unload destination on S3 is not empty. Consider using a different bucket / prefix, manually removing the "
    "target files in S3, or using the ALLOWOVERWRITE option."
)
LIMIT = "Limit clause is not supported in the outermost select of an UNLOAD statement"
FORMATS = {"text": "Text", "fixedwidth": "Text", "csv": "CSV", "json": "JSON", "parquet": "Parquet"}


def run_unload(run: Run) -> None:
    """Run the query, write its rows, tell how many; what is logged is also logged of a failure."""
    statement = run.parsed.statement
    assert isinstance(statement, Unload)
    tree = _query(run, statement.query)
    bound = run.prepare_engine(run.bind_query(tree.copy()), lambda: run.bind_query(tree.copy()))
    config = run.warehouse.config
    session = run.session
    provider = credentials.provider(
        run.warehouse, session.user.name, statement.authorization, run.statement.cancel, session.identity
    )
    requests = recorder(run.warehouse.activity, run.statement)
    s3 = S3(config.s3, statement.region or config.region, provider, run.statement.cancel, requests)
    run.session.last_unload_id, run.session.last_unload_count = run.statement.query_id, 0
    objects: list[Object] = []
    journal = Journal(
        run.warehouse,
        run.statement.query_id,
        run.session.user.name,
        statement.region or config.region,
        statement.authorization,
    )
    try:
        stale = _check_destination(s3, statement)
        rows, written = _write(run, statement, bound, s3, objects, stale, journal)
    except BaseException as error:
        discard(s3, statement.bucket, objects)
        _log(run, statement, [], 0, error)
        raise
    finally:
        journal.close()
    _log(run, statement, written, rows, None)
    run.session.last_unload_count = run.statement.rows = rows
    run.output.notice("INFO", f"UNLOAD completed, {rows} record(s) unloaded successfully.")
    run.output.complete("UNLOAD")


def _query(run: Run, text: str) -> exp.Expr:
    """The query's tree; its rows may not be limited at the top (source: Redshift's documentation of UNLOAD)."""
    parsed = parse(text, case_sensitive=run.session.settings.case_sensitive)
    if len(parsed) != 1 or not isinstance(parsed[0].statement, Select):
        raise SqlError("42601", "UNLOAD takes one SELECT statement")
    tree = parsed[0].statement.tree
    if tree.args.get("limit") is not None:
        raise SqlError("0A000", LIMIT, hint="Nest the LIMIT in a subquery.")
    return tree


def _check_destination(s3: S3, statement: Unload) -> list[str]:
    """Refuse a destination that is not empty; the keys to remove first, for CLEANPATH."""
    if statement.allow_overwrite:
        return []
    if statement.clean_path:
        return [found.key for found in s3.list(statement.bucket, root(statement))]
    if s3.exists_any(statement.bucket, root(statement)):
        raise engine_error(NOT_EMPTY)
    return []


def _encryption(s3: S3, statement: Unload) -> dict[str, str]:
    """The headers of every object, the manifest too: the role's rights decide whether KMS gives what they ask for."""
    if statement.encrypted == "auto":
        return s3.default_encryption(statement.bucket)
    return kms_headers(statement.kms_key) if statement.kms_key else {}


def _write(
    run: Run, statement: Unload, bound: Bound, s3: S3, objects: list[Object], stale: Sequence[str], journal: Journal
) -> tuple[int, Sequence[Object]]:
    """Write all rows, then make the objects visible: how many, and the objects with rows.

    `objects` gets everything that a failure must take away.
    """
    target = Target(
        s3=s3,
        bucket=statement.bucket,
        name=namer(statement),
        max_size=statement.max_file_size,
        overwrite=statement.allow_overwrite,
        journal=journal,
        now=run.warehouse.clock.now,
        headers=_encryption(s3, statement),
    )
    made = plan(statement, bound.columns, run.session.settings.integer("extra_float_digits"))
    tree = ordered(bound.tree, made.partitioning) if made.partitioning else bound.tree
    rows = 0
    slices = Slices(target, made.files, run.warehouse.config.slices if statement.parallel else 1, run.statement.cancel)
    try:
        with shown(run.session, bound):
            _, batches = run.session.engine.stream(tree)
            for batch in batches:
                slices.write(batch)
                rows += batch.num_rows
        run.statement.cancel.check()
        slices.finish()
    except BaseException:
        slices.stop()
        raise
    finally:
        objects += slices.objects
    if made.partitioning:
        folders = {one.key.rpartition("/")[0] for one in slices.objects}
        stale = [key for key in stale if key.rpartition("/")[0] in folders]
    if stale:
        s3.delete(statement.bucket, list(stale))
    publish(target, slices.objects)
    if statement.manifest:
        listed = _manifest_object(statement, bound, slices.objects, run.warehouse.clock.now())
        objects.append(listed)
        publish(target, [listed])
    return rows, slices.objects


def _manifest_object(statement: Unload, bound: Bound, objects: Sequence[Object], now: datetime) -> Object:
    content = manifest(statement.bucket, objects, bound.columns, verbose=statement.verbose)
    return Object(f"{root(statement)}manifest", 0, now, size=len(content), waiting=[content])


def _log(run: Run, statement: Unload, objects: Sequence[Object], rows: int, error: BaseException | None) -> None:
    """The records of stl_unload_log (one an object) and sys_unload_history (one an UNLOAD)."""
    record, activity = run.statement, run.warehouse.activity
    common = {"userid": record.user_id, "query": record.query_id, "xid": record.xid, "pid": record.pid}
    form = FORMATS[statement.format]
    activity.append_many(
        "unload_log",
        [
            common
            | {
                "slice": one.slice,
                "path": f"s3://{statement.bucket}/{one.key}",
                "starttime": one.started,
                "endtime": one.ended,
                "line_count": one.records,
                "transfer_size": one.size,
                "file_format": form,
            }
            for one in objects
        ],
    )
    activity.append(
        "unload_history",
        common
        | {
            "database": record.database,
            "status": "completed" if error is None else "aborted",
            "starttime": record.started,
            "endtime": run.warehouse.clock.now(),
            "file_format": form,
            "compression_type": statement.compression or "none",
            "unloaded_location": statement.url,
            "unloaded_rows": rows,
            "unloaded_files_count": len(objects),
            "unloaded_files_size": sum(one.size for one in objects),
            "error_message": None if error is None else getattr(error, "message", type(error).__name__),
        },
    )
