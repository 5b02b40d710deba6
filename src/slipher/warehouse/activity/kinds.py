# table
"""The kinds of record in the activity log: their fields, in Arrow types. Times are timestamps in microseconds, UTC."""

from __future__ import annotations

import pyarrow as pa

I4 = pa.int32()
I8 = pa.int64()
S = pa.string()
TS = pa.timestamp("us")
B = pa.bool_()

# Every kind begins with who and what it belongs to; these are the fields that a reader may filter on.
COMMON: tuple[tuple[str, pa.DataType], ...] = (("userid", I4), ("query", I8), ("xid", I8), ("pid", I4))


def _schema(*fields: tuple[str, pa.DataType]) -> pa.Schema:
    return pa.schema([*COMMON, *fields])


KINDS: dict[str, pa.Schema] = {
    # One a statement, written when it ended.
    "query": _schema(
        ("username", S),
        ("database", S),
        ("label", S),
        ("kind", S),
        ("text", S),
        ("state", S),
        ("error", S),
        ("sqlstate", S),
        ("starttime", TS),
        ("endtime", TS),
        ("rows", I8),
        ("bytes", I8),
        ("lock_wait_us", I8),
        ("queue_us", I8),
        ("planning_us", I8),
    ),
    "transaction": _schema(("isolation", S), ("status", S), ("starttime", TS), ("committime", TS), ("endtime", TS)),
    "load_error": _schema(
        ("database", S),
        ("slice", I4),
        ("tbl", I4),
        ("starttime", TS),
        ("filename", S),
        ("line_number", I8),
        ("colname", S),
        ("type", S),
        ("col_length", S),
        ("position", I4),
        ("raw_line", S),
        ("raw_field_value", S),
        ("err_code", I4),
        ("err_reason", S),
        ("is_partial", I4),
        ("start_offset", I8),
        ("copy_job_id", I8),
    ),
    "load_error_detail": _schema(
        ("slice", I4),
        ("filename", S),
        ("line_number", I8),
        ("field", I4),
        ("colname", S),
        ("value", S),
        ("is_null", I4),
        ("type", S),
        ("col_length", S),
    ),
    # One a file (or split) of a COPY.
    "load_commit": _schema(
        ("slice", I4),
        ("filename", S),
        ("byte_offset", I4),
        ("lines_scanned", I4),
        ("errors", I4),
        ("starttime", TS),
        ("curtime", TS),
        ("status", I4),
        ("file_format", S),
        ("is_partial", I4),
        ("start_offset", I8),
        ("copy_job_id", I8),
        ("bytes_scanned", I8),
        ("etag", S),
        ("last_modified", TS),
    ),
    # One a COPY.
    "load_history": _schema(
        ("database", S),
        ("status", S),
        ("table_name", S),
        ("starttime", TS),
        ("endtime", TS),
        ("data_source", S),
        ("file_format", S),
        ("loaded_rows", I8),
        ("loaded_bytes", I8),
        ("source_file_count", I4),
        ("source_file_bytes", I8),
        ("file_count_scanned", I4),
        ("file_bytes_scanned", I8),
        ("error_count", I8),
        ("copy_job_id", I8),
    ),
    "file_scan": _schema(
        ("slice", I4),
        ("name", S),
        ("lines", I8),
        ("bytes", I8),
        ("loadtime", I8),
        ("curtime", TS),
        ("is_partial", I4),
        ("start_offset", I8),
    ),
    # One a file written by an UNLOAD.
    "unload_log": _schema(
        ("slice", I4),
        ("path", S),
        ("starttime", TS),
        ("endtime", TS),
        ("line_count", I8),
        ("transfer_size", I8),
        ("file_format", S),
    ),
    # One an UNLOAD.
    # What a COPY of PARQUET or ORC says of its files when it fails.
    "s3log": _schema(("slice", I4), ("eventtime", TS), ("message", S)),
    "copy_job_info": _schema(
        ("job_id", I8), ("job_name", S), ("database_name", S), ("record_time", TS), ("message", S)
    ),
    "unload_history": _schema(
        ("database", S),
        ("status", S),
        ("starttime", TS),
        ("endtime", TS),
        ("file_format", S),
        ("compression_type", S),
        ("unloaded_location", S),
        ("unloaded_rows", I8),
        ("unloaded_files_count", I8),
        ("unloaded_files_size", I8),
        ("error_message", S),
    ),
    "s3client": _schema(
        ("slice", I4),
        ("recordtime", TS),
        ("http_method", S),
        ("bucket", S),
        ("key", S),
        ("transfer_size", I8),
        ("data_size", I8),
        ("start_time", I8),
        ("end_time", I8),
        ("transfer_time", I8),
        ("compression_time", I8),
        ("connect_time", I8),
        ("app_connect_time", I8),
        ("retries", I8),
        ("request_id", S),
        ("extended_request_id", S),
        ("ip_address", S),
        ("is_partial", I4),
        ("start_offset", I8),
        ("query_uuid", S),
    ),
    "s3client_error": _schema(
        ("sliceid", I4),
        ("recordtime", TS),
        ("http_method", S),
        ("bucket", S),
        ("key", S),
        ("error", S),
        ("is_partial", I4),
        ("start_offset", I8),
    ),
    "replacement": _schema(
        ("slice", I4),
        ("tbl", I4),
        ("starttime", TS),
        ("filename", S),
        ("line_number", I8),
        ("colname", S),
        ("raw_line", S),
    ),
    # A value of a columnar file that ended its load.
    "scan_error": _schema(
        ("location", S),
        ("rowid", S),
        ("colname", S),
        ("original_value", S),
        ("modified_value", S),
        ("trigger", S),
        ("action", S),
        ("action_value", S),
        ("error_code", I4),
    ),
    "error": _schema(
        ("process", S),
        ("recordtime", TS),
        ("errcode", I4),
        ("file", S),
        ("linenum", I4),
        ("context", S),
        ("error", S),
    ),
    # A change of a user; userid is the one that was changed.
    "userlog": _schema(
        ("username", S),
        ("oldusername", S),
        ("action", S),
        ("usecreatedb", I4),
        ("usesuper", I4),
        ("usecatupd", I4),
        ("valuntil", TS),
        ("recordtime", TS),
    ),
    # One a start: whether statements go to the audit log from here on.
    "audit_switch": _schema(("active", I4)),
    "connection": _schema(
        ("event", S),
        ("recordtime", TS),
        ("remotehost", S),
        ("remoteport", S),
        ("dbname", S),
        ("username", S),
        ("authmethod", S),
        ("duration", I8),
        ("sslversion", S),
        ("sslcipher", S),
        ("application_name", S),
        ("os_version", S),
        ("driver_version", S),
        ("plugin_name", S),
        ("protocol_version", I4),
        ("sessionid", S),
    ),
}
