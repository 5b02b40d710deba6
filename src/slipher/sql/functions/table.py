# table
"""Redshift's scalar functions (source: reference on SQL semantics, functions by group)."""

from __future__ import annotations

from collections.abc import Sequence

from slipher.sql.functions.model import Function
from slipher.types.sqltype import SqlType, numeric, varchar

try:
    from slipher.sql.functions.catalog import CATALOG_FUNCTIONS
except ImportError:  # pragma: no cover
    CATALOG_FUNCTIONS = []


def keep(kinds: Sequence[SqlType]) -> SqlType:
    """varchar as wide as the first argument."""
    return varchar(kinds[0].length or 65535) if kinds[0].name in ("varchar", "bpchar") else SqlType("varchar")


def wide(kinds: Sequence[SqlType]) -> SqlType:
    """varchar of the greatest length."""
    return varchar(65535)


def width(length: int) -> object:
    """varchar(length)."""
    return lambda kinds: varchar(length)


def rounded(kinds: Sequence[SqlType]) -> SqlType:
    """The same type; integers stay integers."""
    return kinds[0] if kinds[0].name != "unknown" else SqlType("float8")


def sign(kinds: Sequence[SqlType]) -> SqlType:
    """An argument's type, float8 for open ones."""
    return rounded(kinds)


def common(kinds: Sequence[SqlType]) -> SqlType:
    """The type that the arguments were brought to."""
    return kinds[0]


def remainder(kinds: Sequence[SqlType]) -> SqlType:
    """MOD: integer if either is, else as %."""
    names = [kind.name for kind in kinds]
    order = ["int2", "int4", "int8"]
    if all(name in order for name in names):
        return SqlType(max(names, key=order.index))
    if any(name.startswith("float") for name in names):
        return SqlType("float8")
    scales = [kind.scale or 0 for kind in kinds if kind.name == "numeric"]
    return numeric(38, max(scales, default=0))


_ROWS: list[tuple[object, ...]] = [
    # strings
    ("lower", "text", keep, "lower"),
    ("upper", "text", keep, "upper"),
    ("len", "text", "int4", "rs_length"),
    ("length", "text", "int4", "rs_length"),
    ("char_length", "text", "int4", "rs_length"),
    ("character_length", "text", "int4", "rs_length"),
    ("textlen", "text", "int4", "rs_length"),
    ("octet_length", "text", "int4", "rs_octet_length"),
    ("ascii", "text", "int4", "rs_ascii"),
    ("chr", "int4", width(1), "rs_chr"),
    ("initcap", "text", keep, "rs_initcap"),
    ("left", "text int4", keep, "rs_left"),
    ("right", "text int4", keep, "rs_right"),
    ("lpad", "text int4", wide, "rs_lpad"),
    ("lpad", "text int4 text", wide, "rs_lpad"),
    ("rpad", "text int4", wide, "rs_rpad"),
    ("rpad", "text int4 text", wide, "rs_rpad"),
    ("ltrim", "text", keep, "rs_ltrim"),
    ("ltrim", "text text", keep, "ltrim"),
    ("rtrim", "text", keep, "rs_rtrim"),
    ("rtrim", "text text", keep, "rtrim"),
    ("btrim", "text", keep, "rs_btrim"),
    ("btrim", "text text", keep, "trim"),
    ("trim", "text", keep, "rs_btrim", "title=btrim"),
    ("trim", "text text", keep, "trim", "title=btrim"),
    ("concat", "text text", wide, "rs_concat"),
    ("replace", "text text text", wide, "replace"),
    ("translate", "text text text", keep, "translate"),
    ("repeat", "text int4", wide, "rs_repeat"),
    ("replicate", "text int4", wide, "rs_repeat", "title=repeat"),
    ("reverse", "text", keep, "reverse"),
    ("split_part", "text text int4", keep, "rs_split_part"),
    ("strpos", "text text", "int4", "rs_strpos"),
    ("charindex", "text text", "int4", "rs_charindex"),
    ("position", "text text", "int4", "rs_charindex"),
    ("substring", "text int4", keep, "rs_substring"),
    ("substring", "text int4 int4", keep, "rs_substring"),
    ("substr", "text int4", keep, "rs_substring"),
    ("substr", "text int4 int4", keep, "rs_substring"),
    ("md5", "text", width(32), "md5"),
    ("sha1", "text", width(40), "sha1"),
    ("sha", "text", width(40), "sha1"),
    ("func_sha1", "text", width(40), "sha1"),
    ("sha2", "text int4", width(128), "rs_sha2"),
    ("crc32", "text", width(8), "py_crc32"),
    ("soundex", "text", width(4), "py_soundex"),
    ("difference", "text text", "int4", "py_difference"),
    ("octetindex", "text text", "int4", "rs_octetindex"),
    *[
        ("fnv_hash", f"{kind}{seed}", "int8", f"py_fnv_{kind}{'_seed' if seed else ''}")
        for kind in ("text", "int2", "int4", "int8")
        for seed in ("", " int8")
    ],
    ("murmur3_32_hash", "text", "int4", "py_murmur3_text"),
    ("murmur3_32_hash", "int8", "int4", "py_murmur3_int"),
    ("strtol", "text int4", "int8", "rs_strtol"),
    ("quote_ident", "text", wide, "rs_quote_ident"),
    ("quote_literal", "text", wide, "rs_quote_literal"),
    ("regexp_replace", "text text", wide, "rs_regexp_replace"),
    ("regexp_replace", "text text text", wide, "rs_regexp_replace"),
    ("regexp_replace", "text text text int4", wide, "rs_regexp_replace"),
    ("regexp_replace", "text text text int4 text", wide, "rs_regexp_replace"),
    ("regexp_substr", "text text", keep, "rs_regexp_substr"),
    ("regexp_substr", "text text int4", keep, "rs_regexp_substr"),
    ("regexp_substr", "text text int4 int4", keep, "rs_regexp_substr"),
    ("regexp_substr", "text text int4 int4 text", keep, "rs_regexp_substr"),
    ("regexp_count", "text text", "int4", "rs_regexp_count"),
    ("regexp_count", "text text int4", "int4", "rs_regexp_count"),
    ("regexp_count", "text text int4 text", "int4", "rs_regexp_count"),
    ("regexp_instr", "text text", "int4", "rs_regexp_instr"),
    ("regexp_instr", "text text int4", "int4", "rs_regexp_instr"),
    ("regexp_instr", "text text int4 int4", "int4", "rs_regexp_instr"),
    ("regexp_instr", "text text int4 int4 int4", "int4", "rs_regexp_instr"),
    ("regexp_instr", "text text int4 int4 int4 text", "int4", "rs_regexp_instr"),
    ("bpcharcmp", "text text", "int4", "rs_bpcharcmp"),
    ("bttext_pattern_cmp", "text text", "int4", "rs_cmp"),
    ("to_hex", "int8", wide, "rs_to_hex"),
    ("is_valid_json", "text", "bool", "rs_is_valid_json"),
    ("is_valid_json_array", "text", "bool", "rs_is_valid_json_array"),
    ("json_array_length", "text", "int4", "rs_json_array_length"),
    ("json_parse", "text", "super", "rs_json_parse"),
    ("can_json_parse", "text", "bool", "rs_super_valid"),
    ("json_serialize", "super", wide, "rs_keep"),
    ("json_size", "super", "int4", "strlen"),
    ("json_typeof", "super", wide, "rs_json_typeof"),
    ("is_object", "super", "bool", "rs_is_object"),
    ("is_array", "super", "bool", "rs_is_array"),
    ("to_varbyte", "text text", "varbyte", "rs_to_varbyte"),
    ("from_varbyte", "varbyte text", wide, "rs_from_varbyte"),
    ("from_hex", "text", "varbyte", "rs_from_hex"),
    ("to_hex", "varbyte", wide, "rs_varbyte_hex"),
    ("octet_length", "varbyte", "int4", "octet_length"),
    ("len", "varbyte", "int4", "octet_length"),
    ("length", "varbyte", "int4", "octet_length"),
    ("json_array_length", "text bool", "int4", "rs_json_array_length"),
    ("json_extract_array_element_text", "text int4 bool", wide, "rs_json_element"),
    ("json_extract_array_element_text", "text int4", wide, "rs_json_element"),
    # numbers
    ("abs", "number", "arg0", "abs"),
    ("sign", "number", sign, "rs_sign"),
    ("ceil", "number", rounded, "rs_ceil"),
    ("ceiling", "number", rounded, "rs_ceil", "title=ceil"),
    ("floor", "number", rounded, "rs_floor"),
    ("round", "number", rounded, "rs_round"),
    ("round", "number int4", rounded, "rs_round"),
    ("trunc", "number", rounded, "rs_trunc"),
    ("trunc", "number int4", rounded, "rs_trunc"),
    ("trunc", "timestamp", "date", "rs_date_of"),
    ("mod", "number number", remainder, "rs_mod"),
    ("sqrt", "float8", "float8", "rs_sqrt"),
    ("cbrt", "float8", "float8", "cbrt"),
    ("exp", "float8", "float8", "exp"),
    ("dexp", "float8", "float8", "exp"),
    ("ln", "float8", "float8", "rs_ln"),
    ("dlog1", "float8", "float8", "rs_ln"),
    ("log", "float8", "float8", "rs_log10"),
    ("dlog10", "float8", "float8", "rs_log10"),
    ("power", "float8 float8", "float8", "rs_power"),
    ("pow", "float8 float8", "float8", "rs_power", "title=power"),
    ("sin", "float8", "float8", "sin"),
    ("cos", "float8", "float8", "cos"),
    ("tan", "float8", "float8", "tan"),
    ("cot", "float8", "float8", "cot"),
    ("asin", "float8", "float8", "rs_asin"),
    ("acos", "float8", "float8", "rs_acos"),
    ("atan", "float8", "float8", "atan"),
    ("atan2", "float8 float8", "float8", "atan2"),
    ("degrees", "float8", "float8", "degrees"),
    ("radians", "float8", "float8", "radians"),
    ("pi", "", "float8", "pi"),
    ("random", "", "float8", "random", "volatile"),
    # conditional
    ("greatest", "common...", "common", "greatest"),
    ("least", "common...", "common", "least"),
    # dates
    ("add_months", "timestamp int4", "timestamp", "rs_add_months_end"),
    ("last_day", "timestamp", "date", "rs_last_day"),
    ("next_day", "timestamp text", "date", "rs_next_day"),
    ("months_between", "timestamp timestamp", "float8", "rs_months_between"),
    ("date_part_year", "date", "int4", "rs_year"),
    ("date_cmp", "date date", "int4", "rs_cmp"),
    ("timestamp_cmp", "timestamp timestamp", "int4", "rs_cmp"),
    ("timestamp_cmp_date", "timestamp date", "int4", "rs_cmp"),
    ("timestamptz_cmp", "timestamptz timestamptz", "int4", "rs_cmp"),
    ("date_cmp_timestamp", "date timestamp", "int4", "rs_cmp"),
    ("date_cmp_timestamptz", "date timestamptz", "int4", "rs_cmp"),
    ("timestamp_cmp_timestamptz", "timestamp timestamptz", "int4", "rs_cmp"),
    ("timestamptz_cmp_date", "timestamptz date", "int4", "rs_cmp"),
    ("timestamptz_cmp_timestamp", "timestamptz timestamp", "int4", "rs_cmp"),
    ("interval_cmp", "interval interval", "int4", "rs_cmp"),
    ("age", "timestamp timestamp", "interval", "age", "leader"),
    ("age", "timestamp", "interval", "rs_age", "leader"),
    ("isfinite", "timestamp", "bool", "isfinite", "leader"),
    ("convert_timezone", "text timestamp", "timestamp", "rs_convert_timezone"),
    ("convert_timezone", "text text timestamp", "timestamp", "rs_convert_timezone"),
    ("timezone", "text timestamp", "timestamptz", "rs_at_zone"),
    ("timezone", "text timestamptz", "timestamp", "rs_in_zone"),
]


def _row(values: tuple[object, ...]) -> Function:
    name, arguments, result, engine, *flags = values
    title = next((str(flag)[6:] for flag in flags if str(flag).startswith("title=")), None)
    return Function(
        str(name),
        tuple(str(arguments).split()),
        result,  # type: ignore[arg-type]
        str(engine),
        leader="leader" in flags,
        volatile="volatile" in flags,
        title=title,
    )


FUNCTIONS: tuple[Function, ...] = tuple(_row(values) for values in _ROWS) + tuple(
    Function(name, tuple(arguments), result, engine, leader=True)
    for name, arguments, result, engine in CATALOG_FUNCTIONS
)

BY_NAME: dict[str, list[Function]] = {}
for _function in FUNCTIONS:
    BY_NAME.setdefault(_function.name, []).append(_function)

# Functions without a row that the leader alone has: on tables they are refused by name.
LEADER_ONLY: frozenset[str] = frozenset({"now", "current_schema", "current_schemas", "version", "session_user", "age"})

# Functions that Redshift has and Slipher has not yet: refused by name, not as unknown.
UNSUPPORTED: frozenset[str] = frozenset(
    """
    hll hll_create_sketch hll_cardinality hll_combine hll_combine_sketches
    array array_concat array_flatten get_array_length split_to_array subarray object
    json_serialize_to_varbyte getbit
    farmfingerprint64 checksum collate text_to_int_alt text_to_numeric_alt
    st_point st_x st_y st_distance st_contains st_within st_geomfromtext st_astext
    change_query_priority change_session_priority change_user_priority reboot_cluster
    current_aws_account current_namespace default_iam_role slice_num role_is_member_of user_is_member_of
    pg_get_cols pg_get_late_binding_view_cols pg_get_grantee_by_iam_role pg_get_iam_role_by_user
    """.split()
)
