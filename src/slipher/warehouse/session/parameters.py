# table
"""Session parameters: default, kind, and what they do here (source: reference on session parameters)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Parameter:
    """`kind` is bool, int, number, words (one of `words`), text or special. `report` is the ParameterStatus name that the client is
    told of changes; `readonly` ones can only be shown. What is neither true in `effect` is either `fixed`, that is, any other value
    than the default is refused as not built, or has in `why` the reason that it can change nothing here."""

    name: str
    default: str
    kind: str = "text"
    words: tuple[str, ...] = ()
    low: float = 0
    high: float = 0
    report: str | None = None
    readonly: bool = False
    effect: bool = False
    fixed: bool = False
    why: str = ""
    heading: str | None = None


ON_OFF = "bool"
ISOLATION = ("serializable", "repeatable read", "read committed", "read uncommitted", "snapshot")

PARAMETERS: tuple[Parameter, ...] = (
    Parameter("analyze_threshold_percent", "10", "number", low=0, high=100, why="the engine keeps its statistics current by itself"),
    Parameter("application_name", "", report="application_name", effect=True),
    Parameter("auto_analyze", "true", ON_OFF, why="the engine keeps its statistics current by itself"),
    Parameter("cast_super_null_on_error", "on", ON_OFF, fixed=True),
    Parameter("client_encoding", "UTF8", "encoding", report="client_encoding", effect=True),
    Parameter("client_min_messages", "notice", "words", ("debug5", "debug4", "debug3", "debug2", "debug1", "debug", "log", "info", "notice", "warning", "error"), effect=True),
    Parameter("database_case_insensitive", "off", ON_OFF, readonly=True),
    Parameter("datestyle", "ISO, MDY", "datestyle", report="DateStyle", effect=True, heading="DateStyle"),
    Parameter("default_array_search_null_handling", "true", ON_OFF, fixed=True),
    Parameter("default_geometry_encoding", "2", "int", low=1, high=2, why="there is no GEOMETRY yet"),
    Parameter("describe_field_name_in_uppercase", "off", ON_OFF, effect=True),
    Parameter("downcase_delimited_identifier", "on", ON_OFF, effect=True),
    Parameter("enable_case_sensitive_identifier", "false", ON_OFF, effect=True),
    Parameter("enable_case_sensitive_super_attribute", "false", ON_OFF, fixed=True),
    Parameter("enable_numeric_rounding", "off", ON_OFF, effect=True),
    Parameter("enable_result_cache_for_session", "on", ON_OFF, why="no results are cached: every query runs"),
    Parameter("enable_vacuum_boost", "false", ON_OFF, why="VACUUM has nothing to sort or reclaim that could go quicker"),
    Parameter("error_on_nondeterministic_update", "false", ON_OFF, effect=True),
    Parameter("extra_float_digits", "0", "int", low=-15, high=3, effect=True),
    Parameter("integer_datetimes", "on", ON_OFF, readonly=True),
    Parameter("interval_forbid_composite_literals", "true", ON_OFF, fixed=True),
    Parameter("json_serialization_enable", "false", ON_OFF, why="it is about external tables, which are refused"),
    Parameter("json_serialization_parse_nested_strings", "false", ON_OFF, why="it is about external tables, which are refused"),
    Parameter("max_concurrency_scaling_clusters", "1", "int", low=0, high=10, why="a cluster is one process"),
    Parameter("max_cursor_result_set_size", "0", "int", low=0, high=14400000, why="deprecated: Redshift ignores it too"),
    Parameter("mv_enable_aqmv_for_session", "true", ON_OFF, why="there are no materialized views yet"),
    Parameter("navigate_super_null_on_error", "on", ON_OFF, fixed=True),
    Parameter("parse_super_null_on_error", "off", ON_OFF, fixed=True),
    Parameter("pg_federation_repeatable_read", "true", ON_OFF, why="there are no federated queries"),
    Parameter("query_group", "default", effect=True),
    Parameter("search_path", "$user, public", "path", effect=True),
    Parameter("server_encoding", "UNICODE", readonly=True),
    Parameter("server_version", "8.0.2", readonly=True),
    Parameter("session_authorization", "", readonly=True),
    Parameter("spectrum_enable_pseudo_columns", "true", ON_OFF, why="it is about external tables, which are refused"),
    Parameter("spectrum_query_maxerror", "-1", "int", low=-1, high=2**31, why="it is about external tables, which are refused"),
    Parameter("statement_timeout", "0", "int", low=0, high=2**31 - 1, effect=True),
    Parameter("stored_proc_log_min_messages", "LOG", "words", ("LOG", "INFO", "NOTICE", "WARNING", "EXCEPTION"), why="there are no stored procedures yet"),
    Parameter("timezone", "UTC", "zone", report="TimeZone", effect=True, heading="TimeZone"),
    Parameter("transaction_isolation", "serializable", "words", ISOLATION, why="every level behaves as snapshot isolation, as on Redshift every level behaves as the database's"),
    Parameter("transaction_read_only", "off", ON_OFF, effect=True),
    Parameter("wlm_query_slot_count", "1", "int", low=1, high=50, why="one queue shares its slots by itself, as under Redshift's automatic WLM"),
)  # fmt: skip

BY_NAME: dict[str, Parameter] = {one.name: one for one in PARAMETERS}
