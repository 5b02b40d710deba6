# table
"""The macros behind Redshift's casts, operators and functions: name, parameters, body; typed overloads have several bodies.

Errors are raised as `SLIPHER|sqlstate|text` (errors.py reads them). A macro that nothing can make fail is left to the engine's own
functions.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from slipher.warehouse.engine.duckdb.macros_super import SUPER_MACROS

if TYPE_CHECKING:
    from slipher.warehouse.engine.duckdb.engine import DuckEngine


def _fail(sqlstate: str, text: str) -> str:
    """A call that raises; {x} in the text is an SQL expression."""
    pieces = []
    rest = f"SLIPHER|{sqlstate}|{text}"
    while "{" in rest:
        before, _, rest = rest.partition("{")
        inner, _, rest = rest.partition("}")
        pieces += [f"'{before.replace(chr(39), chr(39) * 2)}'", f"CAST({inner} AS VARCHAR)"]
    pieces.append(f"'{rest.replace(chr(39), chr(39) * 2)}'")
    return f"error(concat({', '.join(pieces)}))"


def _engine_fail(text: str, code: int = 8001, context: str = "") -> str:
    return _fail("XX000", f"{text}|code={code}" + (f"|context={context}" if context else ""))


_DIGITS = "regexp_full_match(trim(s), '[+-]?[0-9]+')"
_LIMITS = {"int2": ("SMALLINT", "smallint"), "int4": ("INTEGER", "integer"), "int8": ("BIGINT", "bigint")}


def _text_to_integer(name: str) -> tuple[str, str, str]:
    engine, shown = _LIMITS[name]
    value = f"TRY_CAST(trim(s) AS {engine})"
    body = (
        f"CASE WHEN s IS NULL THEN NULL WHEN NOT {_DIGITS} THEN "
        + _fail("22P02", 'invalid input syntax for integer: "{s}"')
        + f" WHEN {value} IS NULL THEN "
        + _fail("22003", 'value "{s}" is out of range for type ' + shown)
        + f" ELSE {value} END"
    )
    return f"rs_text_to_{name}", "s", body


_DATE_PATTERNS = [
    "%Y-%m-%d", "%Y%m%d", "%m/%d/%Y", "%m-%d-%Y", "%m.%d.%Y", "%m/%d/%y", "%B %d, %Y", "%b %d, %Y", "%d-%b-%Y", "%d %b %Y", "%d %B %Y",
    "%Y-%b-%d", "%b-%d-%Y", "%Y/%m/%d", "%Y.%j", "%y%m%d",
]  # fmt: skip
_CLOCKS = [
    "",
    " %H:%M:%S.%f",
    " %H:%M:%S",
    " %H:%M",
    " %I:%M:%S %p",
    " %I:%M %p",
    "T%H:%M:%S.%f",
    "T%H:%M:%S",
    " %H%M%S",
]
_PATTERNS = "[" + ", ".join(f"'{day}{clock}'" for day in _DATE_PATTERNS for clock in _CLOCKS) + "]"
_SPECIAL_DAY = (
    "CASE lower(trim(s)) WHEN 'epoch' THEN TIMESTAMP '1970-01-01' WHEN 'now' THEN CAST(now() AS TIMESTAMP) "
    "WHEN 'today' THEN date_trunc('day', CAST(now() AS TIMESTAMP)) "
    "WHEN 'tomorrow' THEN date_trunc('day', CAST(now() AS TIMESTAMP)) + INTERVAL 1 DAY "
    "WHEN 'yesterday' THEN date_trunc('day', CAST(now() AS TIMESTAMP)) - INTERVAL 1 DAY END"
)
# The engine writes the era behind the day, and does not look at what stands behind a time.
_IS_BC = "(ends_with(s, 'BC') OR ends_with(s, 'bc'))"
_BC = r"regexp_replace(trim(s), '^(\d+-\d+-\d+)(.*?) ?[Bb][Cc]$', '\1 (BC)\2')"
_LOOSE = f"coalesce(try_strptime(trim(s), {_PATTERNS}), {_SPECIAL_DAY})"
_RANGE = "regexp_full_match(trim(s), '[0-9]{{1,4}}[-/.][0-9]{{1,2}}[-/.][0-9]{{1,4}}.*')".replace("{{", "{").replace(
    "}}", "}"
)


def _moment(name: str, engine: str, shown: str, loose: str) -> tuple[str, str, str]:
    strict = f"TRY_CAST(s AS {engine})"
    body = (
        f"CASE WHEN s IS NULL THEN NULL WHEN {_IS_BC} AND TRY_CAST({_BC} AS {engine}) IS NOT NULL THEN TRY_CAST({_BC} AS {engine}) "
        f"WHEN {strict} IS NOT NULL AND NOT {_IS_BC} THEN {strict} WHEN {loose} IS NOT NULL THEN CAST({loose} AS {engine}) "
        f"WHEN {_RANGE} THEN "
        + _fail(
            "22008", 'date/time field value out of range: "{s}"|hint=Perhaps you need a different "datestyle" setting.'
        )
        + " ELSE "
        + _fail("22007", f'invalid input syntax for type {shown}: "{{s}}"')
        + " END"
    )
    return name, "s", body


def _era_last(text: str, moment: str = "x") -> str:
    """A moment's text, with the era of years before year 1 at its end, as PostgreSQL has it."""
    return rf"CASE WHEN date_part('year', {moment}) < 1 THEN regexp_replace({text}, ' \(BC\)(.*)$', '\1 BC') ELSE {text} END"


def _inside(place: str) -> str:
    """Whether the byte at a place of `s` continues a character of UTF-8."""
    return f"encode(s)[{place}:{place}] BETWEEN '\\x80'::BLOB AND '\\xBF'::BLOB"


# The first n bytes, less those of a character that they would cut. (Not TRY(decode(...)): TRY takes no subquery, and is slow.)
_CUT = (
    f"decode(encode(s)[1:n - CASE WHEN NOT {_inside('n + 1')} THEN 0 WHEN NOT {_inside('n')} THEN 1 "
    f"WHEN NOT {_inside('n - 1')} THEN 2 ELSE 3 END])"
)
_TOO_LONG = "value too long for type character varying({n})"

MACROS: list[tuple[str, str, str]] = [
    # casts from text
    _text_to_integer("int2"),
    _text_to_integer("int4"),
    _text_to_integer("int8"),
    (
        "rs_text_to_number",
        "s",
        "CASE WHEN s IS NULL OR regexp_full_match(trim(s), '[+-]?([0-9]+(\\.[0-9]*)?|\\.[0-9]+)([eE][+-]?[0-9]+)?') THEN trim(s) ELSE "
        + _fail("22P02", 'invalid input syntax for type numeric: "{s}"')
        + " END",
    ),
    (
        "rs_text_to_float",
        "s",
        "CASE WHEN s IS NULL OR (TRY_CAST(trim(s) AS DOUBLE) IS NOT NULL AND NOT contains(s, '_')) THEN trim(s) ELSE "
        + _fail("22P02", 'invalid input syntax for type double precision: "{s}"')
        + " END",
    ),
    (
        "rs_text_to_bool",
        "s",
        "CASE WHEN s IS NULL THEN NULL WHEN lower(trim(s)) IN ('t','tr','tru','true','y','ye','yes','1','on') THEN true "
        "WHEN lower(trim(s)) IN ('f','fa','fal','fals','false','n','no','0','off','of') THEN false ELSE "
        + _fail("22P02", 'invalid input syntax for type boolean: "{s}"')
        + " END",
    ),
    _moment("rs_text_to_date", "DATE", "date", _LOOSE),
    _moment("rs_text_to_timestamp", "TIMESTAMP", "timestamp", _LOOSE),
    _moment("rs_text_to_timestamptz", "TIMESTAMPTZ", "timestamp with time zone", f"timezone('UTC', {_LOOSE})"),
    _moment(
        "rs_text_to_time",
        "TIME",
        "time",
        "CAST(try_strptime(trim(s), ['%H%M%S', '%I:%M %p', '%I:%M:%S %p', '%H:%M']) AS TIME)",
    ),
    _moment("rs_text_to_timetz", "TIMETZ", "time with time zone", "CAST(TRY_CAST(s AS TIME) AS TIMETZ)"),
    # lengths: n is in bytes
    ("rs_cut_varchar", "s, n", f"CASE WHEN strlen(s) <= n THEN s ELSE {_CUT} END"),
    ("rs_cut_char", "s, n", f"rtrim(CASE WHEN strlen(s) <= n THEN s ELSE {_CUT} END, ' ')"),
    (
        "rs_assign_varchar",
        "s, n",
        f"CASE WHEN strlen(s) <= n OR s IS NULL THEN s WHEN strlen(rtrim(s, ' ')) <= n THEN {_CUT} ELSE {_fail('22001', _TOO_LONG)} END",
    ),
    (
        "rs_assign_char",
        "s, n",
        f"CASE WHEN strlen(s) <> length(s) THEN {_engine_fail('Value too long for character type', 8001, 'Value too long for type character({n})')} "
        f"WHEN s IS NULL OR strlen(s) <= n THEN rtrim(s, ' ') WHEN strlen(rtrim(s, ' ')) <= n THEN rtrim(s, ' ') ELSE "
        f"{_fail('22001', 'value too long for type character({n})')} END",
    ),
    # text of values
    (
        "rs_float8_text",
        "x",
        "CASE WHEN isnan(x) THEN 'NaN' WHEN isinf(x) THEN CASE WHEN x > 0 THEN 'Infinity' ELSE '-Infinity' END "
        "ELSE format('{:.15g}', x) END",
    ),
    (
        "rs_float4_text",
        "x",
        "CASE WHEN isnan(x) THEN 'NaN' WHEN isinf(x) THEN CASE WHEN x > 0 THEN 'Infinity' ELSE '-Infinity' END "
        "ELSE format('{:.6g}', CAST(x AS DOUBLE)) END",
    ),
    ("rs_date_text", "x", _era_last("CAST(x AS VARCHAR)")),
    ("rs_timestamp_text", "x", _era_last("CAST(x AS VARCHAR)")),
    ("rs_timestamptz_text", "x", _era_last("CAST(timezone('UTC', x) AS VARCHAR) || '+00'", "timezone('UTC', x)")),
    # arithmetic
    ("rs_int_div", "a, b", f"CASE WHEN b = 0 THEN {_engine_fail('Divide by zero')} ELSE a // nullif(b, 0) END"),
    ("rs_int_mod", "a, b", f"CASE WHEN b = 0 THEN {_engine_fail('Divide by zero')} ELSE a % nullif(b, 0) END"),
    ("rs_float_div", "a, b", f"CASE WHEN b = 0 THEN {_engine_fail('Divide by zero')} ELSE a / b END"),
    ("rs_float_mod", "a, b", f"CASE WHEN b = 0 THEN {_engine_fail('Divide by zero')} ELSE a % b END"),
    ("rs_decimal_mod", "a, b", f"CASE WHEN b = 0 THEN {_engine_fail('Divide by zero')} ELSE a % nullif(b, 0) END"),
    # Unscaled integers of 128 bits; the quotient is truncated at the result's scale.
    (
        "rs_unscaled",
        "a, s",
        "CAST(replace(CAST(a AS VARCHAR), '.', '') AS HUGEINT)",
    ),
    (
        "rs_scaled",
        "h, s",
        "CASE WHEN h < 0 THEN '-' ELSE '' END || CASE WHEN s = 0 THEN CAST(abs(h) AS VARCHAR) ELSE "
        "CAST(abs(h) // CAST('1' || repeat('0', s) AS HUGEINT) AS VARCHAR) || '.' || "
        "lpad(CAST(abs(h) % CAST('1' || repeat('0', s) AS HUGEINT) AS VARCHAR), s, '0') END",
    ),
    (
        "rs_decimal_div",
        "a, b, s1, s2, s",
        f"CASE WHEN b = 0 THEN {_engine_fail('Divide by zero')} ELSE rs_scaled((rs_unscaled(a, s1) * "
        "CAST(('1' || repeat('0', s - s1 + s2)) AS HUGEINT)) // nullif(rs_unscaled(b, s2), 0), s) END",
    ),
    ("rs_decimal_mul", "a, b, s1, s2", "rs_scaled(rs_unscaled(a, s1) * rs_unscaled(b, s2), s1 + s2)"),
    (
        "rs_field",
        "x, p, s",
        "CASE WHEN abs(CAST(x AS DOUBLE)) + 0.5 * power(10::DOUBLE, -s) >= power(10::DOUBLE, p - s) AND "
        "abs(round(x, s)) >= power(10::DOUBLE, p - s) THEN "
        + _fail(
            "22003",
            "numeric field overflow|detail=The absolute value is greater than or equal to 10^{p - s} for field with "
            "precision {p}, scale {s}.",
        )
        + " ELSE x END",
    ),
    ("rs_trunc_scale", "x, s", "trunc(x, s)"),
    ("rs_avg_int", "total, n", "(total - total % nullif(n, 0)) // nullif(n, 0)"),
    (
        "rs_avg_decimal",
        "total, n, s",
        "CASE WHEN n > 0 THEN rs_scaled(rs_unscaled(total, s) // n, s) END",
    ),
    (
        "rs_power",
        "a, b",
        "CASE WHEN a = 0 AND b < 0 THEN "
        + _fail("2201F", "zero raised to a negative power is undefined")
        + " WHEN a < 0 AND b <> trunc(b) THEN "
        + _fail("2201F", "invalid argument for power function")
        + " ELSE power(a, b) END",
    ),
    (
        "rs_sqrt",
        "x",
        f"CASE WHEN x < 0 THEN {_fail('2201F', 'cannot take square root of a negative number')} ELSE sqrt(x) END",
    ),
    (
        "rs_ln",
        "x",
        f"CASE WHEN x = 0 THEN {_fail('2201E', 'cannot take logarithm of zero')} WHEN x < 0 THEN "
        f"{_fail('2201E', 'cannot take logarithm of a negative number')} ELSE ln(x) END",
    ),
    (
        "rs_log10",
        "x",
        f"CASE WHEN x = 0 THEN {_fail('2201E', 'cannot take logarithm of zero')} WHEN x < 0 THEN "
        f"{_fail('2201E', 'cannot take logarithm of a negative number')} ELSE log10(x) END",
    ),
    ("rs_asin", "x", f"CASE WHEN abs(x) > 1 THEN {_fail('22003', 'input is out of range')} ELSE asin(x) END"),
    ("rs_acos", "x", f"CASE WHEN abs(x) > 1 THEN {_fail('22003', 'input is out of range')} ELSE acos(x) END"),
    ("rs_sign", "x", "sign(x)"),
    ("rs_mod", "a, b", f"CASE WHEN b = 0 THEN {_engine_fail('Divide by zero')} ELSE a % nullif(b, 0) END"),
    # strings
    ("rs_length", "s", "length(s)"),
    ("rs_octet_length", "s", "strlen(s)"),
    ("rs_ascii", "s", "CASE WHEN s = '' THEN 0 ELSE unicode(s) END"),
    ("rs_chr", "n", "CASE WHEN n BETWEEN 1 AND 127 THEN chr(CAST(n AS INTEGER)) END"),
    (
        "rs_initcap",
        "s",
        "array_to_string(list_transform(regexp_extract_all(s, '[[:alnum:]]+|[^[:alnum:]]+'), "
        "lambda w: upper(left(w, 1)) || lower(substring(w, 2))), '')",
    ),
    ("rs_left", "s, n", "CASE WHEN n < 0 THEN left(s, 0) ELSE left(s, n) END"),
    ("rs_right", "s, n", "CASE WHEN n < 0 THEN left(s, 0) ELSE right(s, n) END"),
    ("rs_ltrim", "s", "ltrim(s, ' ')"),
    ("rs_rtrim", "s", "rtrim(s, ' ')"),
    ("rs_btrim", "s", "trim(s, ' ')"),
    ("rs_concat", "a, b", "a || b"),
    ("rs_repeat", "s, n", "repeat(s, greatest(n, 0))"),
    (
        "rs_split_part",
        "s, d, n",
        f"CASE WHEN n < 1 THEN {_fail('22023', 'field position must be greater than zero')} WHEN d = '' THEN "
        "CASE WHEN n = 1 THEN s ELSE '' END ELSE split_part(s, d, n) END",
    ),
    ("rs_strpos", "s, t", "strpos(s, t)"),
    ("rs_charindex", "t, s", "strpos(s, t)"),
    ("rs_sha2", "s, bits", "CASE WHEN bits IN (0, 256) THEN sha256(s) ELSE py_sha2(s, CAST(bits AS INTEGER)) END"),
    ("rs_octetindex", "t, s", "CASE WHEN strpos(s, t) = 0 THEN 0 ELSE strlen(left(s, strpos(s, t) - 1)) + 1 END"),
    ("rs_age", "x", "age(CAST(current_date AS TIMESTAMP), x)"),
    ("rs_strtol", "s, b", "py_strtol(s, CAST(b AS INTEGER))"),
    (
        "rs_quote_ident",
        "s",
        "CASE WHEN regexp_full_match(s, '[a-z_][a-z0-9_$]*') THEN s ELSE '\"' || replace(s, '\"', '\"\"') || '\"' END",
    ),
    ("rs_quote_literal", "s", "'''' || replace(replace(s, '\\', '\\\\'), '''', '''''') || ''''"),
    (
        "rs_bpcharcmp",
        "a, b",
        "CASE WHEN rtrim(a) < rtrim(b) THEN -1 WHEN rtrim(a) > rtrim(b) THEN 1 WHEN a IS NOT NULL AND b IS NOT NULL THEN 0 END",
    ),
    ("rs_cmp", "a, b", "CASE WHEN a < b THEN -1 WHEN a > b THEN 1 WHEN a = b THEN 0 END"),
    ("rs_to_hex", "n", "lower(to_hex(n))"),
    ("rs_listagg_item", "s", "nullif(s, '')"),
    (
        "rs_listagg",
        "l, d",
        "CASE WHEN strlen(array_to_string(list_filter(l, lambda x: x IS NOT NULL), d)) > 65535 THEN "
        + _engine_fail("Result size exceeds LISTAGG limit", 8001, "LISTAGG limit: 65535")
        + " ELSE CASE WHEN len(list_filter(l, lambda x: x IS NOT NULL)) > 0 THEN "
        "array_to_string(list_filter(l, lambda x: x IS NOT NULL), d) END END",
    ),
    (
        "rs_percentile_disc",
        "l, p, down",
        "CASE WHEN len(list_filter(l, lambda x: x IS NOT NULL)) > 0 THEN "
        "(CASE WHEN down THEN list_reverse_sort(list_filter(l, lambda x: x IS NOT NULL)) ELSE "
        "list_sort(list_filter(l, lambda x: x IS NOT NULL)) END)[CAST(greatest(1, ceil(round(p * len(list_filter(l, lambda x: x IS NOT NULL)), 9))) AS BIGINT)] END",
    ),
    ("rs_one_group", "", "concat('')"),
    # patterns
    ("rs_like", "s, p, e", "s LIKE p ESCAPE e"),
    ("rs_ilike", "s, p, e", "s ILIKE p ESCAPE e"),
    ("rs_match", "s, p", "regexp_matches(s, p)"),
    ("rs_match_i", "s, p", "regexp_matches(s, p, 'i')"),
    (
        "rs_similar",
        "s, p, e",
        "regexp_full_match(s, replace(replace(regexp_replace(p, '([.^$])', '\\\\\\1', 'g'), '%', '.*'), '_', '.'), 's')",
    ),
    # JSON in text
    ("rs_is_valid_json", "s", "CASE WHEN s IS NOT NULL THEN json_valid(s) AND regexp_matches(s, '^\\s*\\{') END"),
    ("rs_is_valid_json_array", "s", "CASE WHEN s IS NOT NULL THEN json_valid(s) AND regexp_matches(s, '^\\s*\\[') END"),
    # dates
    ("rs_date_of", "x", "CAST(x AS DATE)"),
    ("rs_add_months", "x, n", "x + to_months(CAST(n AS INTEGER))"),
    ("rs_add_days", "x, n", "x + to_days(CAST(n AS INTEGER))"),
    ("rs_add_micros", "x, n", "x + to_microseconds(n)"),
    (
        "rs_add_months_end",
        "x, n",
        "CASE WHEN CAST(x AS DATE) = last_day(x) THEN CAST(last_day(x + to_months(n)) AS TIMESTAMP) + "
        "(x - date_trunc('day', x)) ELSE x + to_months(n) END",
    ),
    ("rs_last_day", "x", "last_day(x)"),
    (
        "rs_next_day",
        "x, d",
        "CAST(CAST(x AS DATE) + CAST(1 + (list_position(['su','mo','tu','we','th','fr','sa'], lower(left(trim(d), 2))) - 1 "
        "- date_part('dow', x) + 13) % 7 AS INTEGER) AS DATE)",
    ),
    (
        "rs_months_between",
        "a, b",
        "CASE WHEN date_part('day', a) = date_part('day', b) OR (CAST(a AS DATE) = last_day(a) AND CAST(b AS DATE) = last_day(b)) "
        "THEN CAST(date_diff('month', b, a) AS DOUBLE) ELSE CAST(date_diff('month', b, a) AS DOUBLE) + "
        "(date_part('day', a) - date_part('day', b) + (epoch(a - date_trunc('day', a)) - epoch(b - date_trunc('day', b))) / 86400.0) "
        "/ 31.0 END",
    ),
    ("rs_year", "x", "date_part('year', x)"),
    ("rs_in_zone", "z, x", "timezone(z, x)"),
    ("rs_at_zone", "z, x", "timezone(z, x)"),
    ("rs_utc", "x", "timezone('UTC', x)"),
    (
        "rs_week_diff",
        "a, b",
        "(date_diff('day', DATE '1970-01-04', b) + 700000007) // 7 - (date_diff('day', DATE '1970-01-04', a) + 700000007) // 7",
    ),
    ("rs_read_moment", "s, p, f, strict", "coalesce(try_strptime(s, p), py_read_moment(s, f, strict))"),
    *[
        (f"rs_part_{unit}", "x", f"date_part('{unit}', x)")
        for unit in (
            "millennium",
            "century",
            "decade",
            "year",
            "quarter",
            "month",
            "week",
            "dow",
            "doy",
            "day",
            "hour",
            "minute",
        )
    ],
    ("rs_part_epoch", "x", "floor(epoch(x))"),
    ("rs_part_second", "x", "date_part('second', x)"),
    ("rs_part_millisecond", "x", "(date_part('microsecond', x) // 1000) % 1000"),
    ("rs_part_microsecond", "x", "date_part('microsecond', x) % 1000000"),
    ("rs_part_fraction", "x", "date_part('microsecond', x) / 1000000.0"),
    # TO_CHAR's pieces
    ("rs_year3", "x", "right(strftime(x, '%Y'), 3)"),
    ("rs_year1", "x", "right(strftime(x, '%Y'), 1)"),
    ("rs_month_upper", "x", "rpad(upper(strftime(x, '%B')), 9, ' ')"),
    ("rs_month_name", "x", "rpad(strftime(x, '%B'), 9, ' ')"),
    ("rs_month_lower", "x", "rpad(lower(strftime(x, '%B')), 9, ' ')"),
    ("rs_mon_upper", "x", "upper(strftime(x, '%b'))"),
    ("rs_mon_lower", "x", "lower(strftime(x, '%b'))"),
    ("rs_day_upper", "x", "rpad(upper(strftime(x, '%A')), 9, ' ')"),
    ("rs_day_name", "x", "rpad(strftime(x, '%A'), 9, ' ')"),
    ("rs_day_lower", "x", "rpad(lower(strftime(x, '%A')), 9, ' ')"),
    ("rs_dy_upper", "x", "upper(strftime(x, '%a'))"),
    ("rs_dy_lower", "x", "lower(strftime(x, '%a'))"),
    ("rs_day_number", "x", "CAST(date_part('dow', x) + 1 AS VARCHAR)"),
    ("rs_millis", "x", "lpad(CAST((date_part('microsecond', x) // 1000) % 1000 AS VARCHAR), 3, '0')"),
    ("rs_micros", "x", "lpad(CAST(date_part('microsecond', x) % 1000000 AS VARCHAR), 6, '0')"),
    ("rs_week_of_year", "x", "lpad(CAST((date_part('doy', x) - 1) // 7 + 1 AS VARCHAR), 2, '0')"),
    ("rs_quarter", "x", "CAST(date_part('quarter', x) AS VARCHAR)"),
    ("rs_century", "x", "CAST(date_part('century', x) AS VARCHAR)"),
    ("rs_am_lower", "x", "lower(strftime(x, '%p'))"),
]

# (name, [(parameters, body), ...]) for macros whose parameters' count or types choose the body
OVERLOADS: list[tuple[str, list[tuple[str, str]]]] = [
    (
        "rs_lpad",
        [
            ("s, n", "lpad(s, greatest(n, 0), ' ')"),
            ("s, n, p", "CASE WHEN p = '' THEN left(s, greatest(n, 0)) ELSE lpad(s, greatest(n, 0), p) END"),
        ],
    ),
    (
        "rs_rpad",
        [
            ("s, n", "rpad(s, greatest(n, 0), ' ')"),
            ("s, n, p", "CASE WHEN p = '' THEN left(s, greatest(n, 0)) ELSE rpad(s, greatest(n, 0), p) END"),
        ],
    ),
    (
        "rs_substring",
        [
            ("s, p", "substring(s, greatest(p, 1))"),
            (
                "s, p, n",
                f"CASE WHEN n < 0 THEN {_fail('22011', 'negative substring length not allowed')} "
                "ELSE substring(s, greatest(p, 1), greatest(CASE WHEN p < 1 THEN p + n - 1 ELSE n END, 0)) END",
            ),
        ],
    ),
    (
        "rs_regexp_replace",
        [
            ("s, p", "regexp_replace(s, p, '', 'g')"),
            ("s, p, r", "regexp_replace(s, p, rs_references(r), 'g')"),
            ("s, p, r, f", "rs_replace_from(s, p, r, f)"),
            ("s, p, r, f, o", "rs_replace_from(s, rs_pattern(p, o), r, f)"),
        ],
    ),
    (
        "rs_regexp_substr",
        [
            ("s, p", "regexp_extract(s, p)"),
            ("s, p, f", "regexp_extract(rs_from(s, f), p)"),
            ("s, p, f, n", "rs_nth_match(s, p, f, n)"),
            (
                "s, p, f, n, o",
                "CASE WHEN contains(o, 'e') THEN CASE WHEN n >= 1 AND n <= length(s) THEN "
                "coalesce(regexp_extract_all(rs_from(s, f), rs_pattern(p, o), 1)[n], '') END ELSE rs_nth_match(s, rs_pattern(p, o), f, n) END",
            ),
        ],
    ),
    (
        "rs_regexp_count",
        [
            ("s, p", "length(regexp_extract_all(s, p))"),
            ("s, p, f", "length(regexp_extract_all(rs_from(s, f), p))"),
            ("s, p, f, o", "length(regexp_extract_all(rs_from(s, f), rs_pattern(p, o)))"),
        ],
    ),
    (
        "rs_regexp_instr",
        [
            ("s, p", "rs_match_place(s, p, 1, 1, 0)"),
            ("s, p, f", "rs_match_place(s, p, f, 1, 0)"),
            ("s, p, f, n", "rs_match_place(s, p, f, n, 0)"),
            ("s, p, f, n, e", "rs_match_place(s, p, f, n, e)"),
            ("s, p, f, n, e, o", "rs_match_place(s, rs_pattern(p, o), f, n, e)"),
        ],
    ),
    (
        "rs_json_array_length",
        [("s", "rs_array_length(s, false)"), ("s, lenient", "rs_array_length(s, lenient)")],
    ),
    (
        "rs_json_element",
        [("s, n", "rs_array_element(s, n, false)"), ("s, n, lenient", "rs_array_element(s, n, lenient)")],
    ),
    ("rs_round", [("x DOUBLE", "round(x)"), ("x DECIMAL", "round(x, 0)"), ("x BIGINT", "x"), ("x, n", "round(x, n)")]),
    ("rs_trunc", [("x", "trunc(x)"), ("x, n", "trunc(x, n)")]),
    ("rs_ceil", [("x", "ceil(x)")]),
    ("rs_floor", [("x", "floor(x)")]),
    (
        "rs_convert_timezone",
        [
            ("z, x", "timezone(rs_zone(z), timezone('UTC', x))"),
            ("a, b, x", "timezone(rs_zone(b), timezone(rs_zone(a), x))"),
        ],
    ),
]

FIRST: list[tuple[str, str, str]] = [
    # regular expressions: 'i' in the options is a flag in the pattern
    ("rs_pattern", "p, o", "CASE WHEN contains(o, 'i') THEN '(?i)' || p ELSE p END"),
    ("rs_references", "r", "regexp_replace(r, '\\$([0-9])', '\\\\\\1', 'g')"),
    ("rs_from", "s, f", "substring(s, CAST(greatest(f, 1) AS BIGINT))"),
    (
        "rs_replace_from",
        "s, p, r, f",
        "CASE WHEN f <= 1 THEN regexp_replace(s, p, rs_references(r), 'g') WHEN f > length(s) THEN s ELSE "
        "left(s, CAST(f - 1 AS BIGINT)) || regexp_replace(rs_from(s, f), p, rs_references(r), 'g') END",
    ),
    (
        "rs_nth_match",
        "s, p, f, n",
        "CASE WHEN n >= 1 AND n <= length(s) THEN coalesce(regexp_extract_all(rs_from(s, f), p)[n], '') END",
    ),
    # Where the n-th match begins, or with e <> 0 what follows it: the lengths of what is between matches, and of matches.
    (
        "rs_match_place",
        "s, p, f, n, e",
        "CASE WHEN s IS NULL OR p IS NULL THEN NULL WHEN n < 1 OR n > len(regexp_extract_all(rs_from(s, f), p)) THEN 0 ELSE "
        "greatest(f, 1) + length(array_to_string(regexp_split_to_array(rs_from(s, f), p)[1:n], '')) + "
        "length(array_to_string(regexp_extract_all(rs_from(s, f), p)[1:n - 1], '')) + "
        "CASE WHEN e = 0 THEN 0 ELSE length(regexp_extract_all(rs_from(s, f), p)[n]) END END",
    ),
    (
        "rs_array_length",
        "s, lenient",
        "CASE WHEN s IS NULL THEN NULL WHEN coalesce(TRY_CAST(json_type(CASE WHEN json_valid(s) THEN s END) AS VARCHAR), '') <> 'ARRAY' "
        f"THEN CASE WHEN lenient THEN NULL ELSE {_engine_fail('JSON parsing error', 8001, 'invalid json array object {s}')} END "
        "ELSE json_array_length(s) END",
    ),
    (
        "rs_array_element",
        "s, n, lenient",
        "CASE WHEN s IS NULL OR n IS NULL THEN NULL WHEN NOT json_valid(s) OR json_type(s) <> 'ARRAY' THEN CASE WHEN lenient THEN NULL ELSE "
        f"{_engine_fail('JSON parsing error', 8001, 'invalid json array object {s}')} END "
        "WHEN n < 0 THEN '' ELSE coalesce(json_extract_string(s, '/' || CAST(n AS VARCHAR)), '') END",
    ),
    ("rs_zone", "z", "z"),
    ("rs_pointer", "k", "'/' || replace(replace(k, '~', '~0'), '/', '~1')"),
    (
        "rs_json_text",
        "s, p, lenient",
        f"CASE WHEN s IS NULL OR p IS NULL THEN NULL WHEN NOT json_valid(s) THEN CASE WHEN lenient THEN NULL ELSE "
        f"{_engine_fail('JSON parsing error', 8001, 'invalid json object {s}')} END ELSE coalesce(json_extract_string(s, p), '') END",
    ),
]


_RAISES = re.compile(r"error\(concat\((?:[^()']|'(?:[^']|'')*'|\((?:[^()']|'(?:[^']|'')*')*\))*\)\)")


def _silent() -> list[tuple[str, str, str]]:
    """For TRY_CAST: the casts from text and to lengths, giving NULL where they would raise."""
    return [
        (name.replace("rs_", "rs_try_", 1), parameters, _RAISES.sub("NULL", body))
        for name, parameters, body in MACROS
        if name.startswith(("rs_text_to_", "rs_assign_"))
    ]


def script() -> str:
    """All definitions."""
    parts = [
        f"CREATE OR REPLACE MACRO {name}({parameters}) AS {body};"
        for name, parameters, body in [*FIRST, *SUPER_MACROS, *_in_order(), *_silent()]
    ]
    for name, bodies in OVERLOADS:
        parts.append(
            f"CREATE OR REPLACE MACRO {name}"
            + ", ".join(f"({parameters}) AS {body}" for parameters, body in bodies)
            + ";"
        )
    return "\n".join(parts)


def _in_order() -> list[tuple[str, str, str]]:
    """A macro after those that it calls."""
    first = {"rs_unscaled", "rs_scaled"}
    return [row for row in MACROS if row[0] in first] + [row for row in MACROS if row[0] not in first]


def install(engine: DuckEngine) -> None:
    """Define the macros; they belong to the program and are made anew at each start."""
    engine.install(f"BEGIN; {script()} COMMIT")  # as one transaction: else each is written to disk by itself
