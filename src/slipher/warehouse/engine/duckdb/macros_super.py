# table
"""Macros for SUPER, which the engine keeps as JSON text without blanks, and VARBYTE, which it keeps as bytes.

What JSON is, is stricter here than the engine has it: no NaN, no comma before a bracket. Numbers stay as they are written.
"""

from __future__ import annotations

_STRING = '"(?:[^"\\\\]|\\\\.)*"'
_BARE = f"regexp_replace(s, '{_STRING}', '\"\"', 'g')"
_VALID = f"(json_valid(s) AND NOT regexp_matches({_BARE}, '(?i),\\s*[]}}]|nan|inf'))"


def _invalid(text: str, context: str) -> str:
    return f"error(concat('SLIPHER|XX000|{text}|code=8001|context={context}', s))"


# A scalar of another type is NULL: cast_super_null_on_error is on by default.
_SCALAR = (
    "CASE json_type(s) WHEN 'VARCHAR' THEN json_extract_string(s, '$') WHEN 'NULL' THEN NULL WHEN 'OBJECT' THEN NULL "
    "WHEN 'ARRAY' THEN NULL ELSE s END"
)

SUPER_MACROS: list[tuple[str, str, str]] = [
    ("rs_super_valid", "s", f"CASE WHEN s IS NOT NULL THEN {_VALID} END"),
    (
        "rs_json_parse",
        "s",
        f"CASE WHEN s IS NULL OR trim(s) = 'null' THEN NULL WHEN NOT {_VALID} THEN "
        f"{_invalid('Invalid input', 'JSON_PARSE() error: not well-formed JSON: ')} "
        f"ELSE regexp_replace(s, '({_STRING})|[ \\t\\r\\n]+', '\\1', 'g') END",
    ),
    ("rs_keep", "s", "s"),
    ("rs_text_to_super", "s", "CAST(to_json(s) AS VARCHAR)"),
    ("rs_super_text", "s", _SCALAR),
    ("rs_super_to_int2", "s", f"TRY_CAST({_SCALAR} AS SMALLINT)"),
    ("rs_super_to_int4", "s", f"TRY_CAST({_SCALAR} AS INTEGER)"),
    ("rs_super_to_int8", "s", f"TRY_CAST({_SCALAR} AS BIGINT)"),
    ("rs_super_to_float", "s", f"TRY_CAST({_SCALAR} AS DOUBLE)"),
    ("rs_super_to_bool", "s", f"TRY_CAST({_SCALAR} AS BOOLEAN)"),
    ("rs_super_to_date", "s", f"TRY_CAST({_SCALAR} AS DATE)"),
    ("rs_super_to_timestamp", "s", f"TRY_CAST({_SCALAR} AS TIMESTAMP)"),
    ("rs_super_to_timestamptz", "s", f"TRY_CAST({_SCALAR} AS TIMESTAMPTZ)"),
    (
        "rs_json_typeof",
        "s",
        "CASE json_type(s) WHEN 'OBJECT' THEN 'object' WHEN 'ARRAY' THEN 'array' WHEN 'VARCHAR' THEN 'string' "
        "WHEN 'BOOLEAN' THEN 'boolean' WHEN 'NULL' THEN 'null' ELSE CASE WHEN s IS NOT NULL THEN 'number' END END",
    ),
    ("rs_is_object", "s", "json_type(s) = 'OBJECT'"),
    ("rs_is_array", "s", "json_type(s) = 'ARRAY'"),
    ("rs_text_to_varbyte", "s", "encode(s)"),
    (
        "rs_varbyte_text",
        "b",
        "CASE WHEN b IS NULL THEN NULL ELSE coalesce(py_utf8(b), "
        "error('SLIPHER|XX000|VARBYTE value is not valid UTF-8|code=8001')) END",
    ),
    ("rs_cut_varbyte", "b, n", "CASE WHEN octet_length(b) <= n THEN b ELSE b[1:n] END"),
    (
        "rs_assign_varbyte",
        "b, n",
        "CASE WHEN b IS NULL OR octet_length(b) <= n THEN b ELSE "
        "error(concat('SLIPHER|22001|value too long for type binary varying(', n, ')')) END",
    ),
    (
        "rs_from_hex",
        "s",
        "CASE WHEN s IS NULL THEN NULL WHEN regexp_full_match(s, '([0-9a-fA-F]{2})*') THEN from_hex(s) ELSE "
        "error(concat('SLIPHER|XX000|Invalid hexadecimal string|code=8001|context=', s)) END",
    ),
    ("rs_varbyte_hex", "b", "lower(hex(b))"),
    (
        "rs_to_varbyte",
        "s, f",
        "CASE lower(f) WHEN 'hex' THEN rs_from_hex(s) WHEN 'utf8' THEN encode(s) WHEN 'utf-8' THEN encode(s) "
        "WHEN 'base64' THEN from_base64(s) ELSE CASE WHEN f IS NOT NULL THEN "
        "error(concat('SLIPHER|22023|invalid format for TO_VARBYTE: ', f)) END END",
    ),
    (
        "rs_from_varbyte",
        "b, f",
        "CASE lower(f) WHEN 'hex' THEN lower(hex(b)) WHEN 'utf8' THEN rs_varbyte_text(b) WHEN 'utf-8' THEN rs_varbyte_text(b) "
        "WHEN 'base64' THEN to_base64(b) ELSE CASE WHEN f IS NOT NULL THEN "
        "error(concat('SLIPHER|22023|invalid format for FROM_VARBYTE: ', f)) END END",
    ),
]
