# table
"""What SHOW DATABASES, SCHEMAS, TABLES, COLUMNS and CONSTRAINTS list (source: reference on the system catalog, section 5).

A listing's query takes $1 database, $2 schema, $3 table, $4 pattern or NULL. Types are those of the svv_* views for the
same facts.
"""

from __future__ import annotations

from dataclasses import dataclass

from slipher.types.sqltype import INT4, SqlType, varchar

NAME = varchar(128)
TEXT = varchar(256)
LONG = varchar(4000)
MOMENT = SqlType("timestamp")
_SHOWN = (
    'NOT (r.temporary AND NOT sys."$own_temporary"(r.schema)) AND sys."$accessible"(r.oid, r.owner) '
    "AND r.database_name = $1 AND r.schema = $2"
)
_TABLE = f"{_SHOWN} AND r.name = $3"
_ACL = "LEFT JOIN sys.\"$acls\" a ON a.object_kind = '{}' AND a.oid = {}.oid"


@dataclass(frozen=True, slots=True)
class Listing:
    """Columns in order, and the engine's query; `named` is what LIKE compares."""

    columns: tuple[tuple[str, SqlType, str], ...]
    source: str
    named: str
    order: str

    def query(self) -> str:
        """The engine's text; parameters that it does not need are read all the same, so that all four can be given."""
        items = ", ".join(
            f'CAST({text} AS {ENGINE[kind.name]}) AS "o{i}"' for i, (_, kind, text) in enumerate(self.columns, 1)
        )
        given = "coalesce(CAST($1 AS VARCHAR), CAST($2 AS VARCHAR), CAST($3 AS VARCHAR), '') IS NOT NULL"
        like = f"(CAST($4 AS VARCHAR) IS NULL OR {self.named} LIKE CAST($4 AS VARCHAR) ESCAPE '\\')"
        return f"SELECT {items} {self.source} AND {given} AND {like} ORDER BY {self.order}"


ENGINE = {"int4": "INTEGER", "varchar": "VARCHAR", "timestamp": "TIMESTAMP"}

LISTINGS: dict[str, Listing] = {
    "databases": Listing(
        (
            ("database_name", NAME, "d.name"),
            ("database_owner", INT4, "d.owner"),
            ("database_type", varchar(32), "'local'"),
            ("database_acl", NAME, "substr(a.text, 1, 128)"),
            ("parameters", NAME, "NULL"),
            ("database_isolation_level", NAME, "d.isolation"),
        ),
        "FROM catalog.databases d " + _ACL.format("database", "d") + " WHERE true",
        "d.name",
        "d.name",
    ),
    "schemas": Listing(
        (
            ("database_name", NAME, "d.name"),
            ("schema_name", NAME, "n.name"),
            ("schema_owner", INT4, "n.owner"),
            ("schema_type", NAME, "'local'"),
            ("schema_acl", NAME, "substr(a.text, 1, 128)"),
            ("source_database", NAME, "NULL"),
            ("schema_option", TEXT, "NULL"),
        ),
        'FROM sys."$every_namespace" n JOIN catalog.databases d ON d.oid = n.database '
        + _ACL.format("namespace", "n")
        + ' WHERE d.name = $1 AND sys."$schema_accessible"(n.oid, n.owner) '
        'AND NOT (n.temporary AND NOT sys."$own_temporary"(n.name))',
        "n.name",
        "n.name",
    ),
    "tables": Listing(
        (
            ("database_name", NAME, "r.database_name"),
            ("schema_name", NAME, "r.schema"),
            ("table_name", NAME, "r.name"),
            ("table_type", NAME, "CASE WHEN r.relkind = 'v' THEN 'VIEW' ELSE 'TABLE' END"),
            ("table_acl", NAME, "substr(a.text, 1, 128)"),
            ("remarks", TEXT, "substr(t.text, 1, 256)"),
            ("owner", NAME, "sys.fn_pg_get_userbyid(r.owner)"),
            ("last_altered_time", MOMENT, "NULL"),
            ("last_modified_time", MOMENT, "NULL"),
            ("dist_style", NAME, "i.diststyle"),
            (
                "table_subtype",
                NAME,
                "CASE WHEN v.late_binding AND r.relkind = 'v' THEN 'LATE BINDING VIEW' WHEN r.relkind = 'v' THEN 'REGULAR VIEW' "
                "ELSE 'REGULAR TABLE' END",
            ),
        ),
        'FROM sys."$every_relation" r '
        + _ACL.format("relation", "r")
        + " LEFT JOIN catalog.descriptions t ON t.kind = 'relation' AND t.oid = r.oid AND t.number = 0 "
        f'LEFT JOIN sys."$table_info" i ON i.oid = r.oid LEFT JOIN catalog.relations v ON v.oid = r.oid WHERE {_SHOWN}',
        "r.name",
        "r.name",
    ),
    "columns": Listing(
        (
            ("database_name", NAME, "r.database_name"),
            ("schema_name", NAME, "r.schema"),
            ("table_name", NAME, "r.name"),
            ("column_name", NAME, "c.name"),
            ("ordinal_position", INT4, "c.number"),
            ("column_default", LONG, "substr(c.default_text, 1, 4000)"),
            ("is_nullable", varchar(3), "CASE WHEN c.not_null THEN 'NO' ELSE 'YES' END"),
            ("data_type", NAME, "c.type_sql"),
            ("character_maximum_length", INT4, "c.char_length"),
            ("numeric_precision", INT4, "c.numeric_precision"),
            ("numeric_scale", INT4, "c.numeric_scale"),
            ("remarks", TEXT, "substr(t.text, 1, 256)"),
            ("sort_key_type", NAME, "CASE WHEN c.sortkey <> 0 THEN upper(v.sort_kind) END"),
            ("sort_key", INT4, "abs(c.sortkey)"),
            ("dist_key", INT4, "CASE WHEN c.distkey THEN 1 ELSE 0 END"),
            ("encoding", NAME, "c.encode"),
            ("collation", NAME, "CASE WHEN c.char_length IS NOT NULL THEN 'default' END"),
        ),
        'FROM sys."$columns" c JOIN sys."$every_relation" r ON r.oid = c.relation '
        "LEFT JOIN catalog.descriptions t ON t.kind = 'relation' AND t.oid = r.oid AND t.number = c.number "
        f"LEFT JOIN catalog.relations v ON v.oid = r.oid WHERE {_TABLE}",
        "c.name",
        "c.number",
    ),
    "primary keys": Listing(
        (
            ("database_name", NAME, "r.database_name"),
            ("schema_name", NAME, "r.schema"),
            ("table_name", NAME, "r.name"),
            ("pk_name", NAME, "k.name"),
            ("column_name", NAME, "k.column_name"),
            ("key_seq", INT4, "k.place"),
        ),
        f'FROM sys."$key_columns" k JOIN sys."$every_relation" r ON r.oid = k.relation WHERE k.kind = \'p\' AND {_TABLE}',
        "k.column_name",
        "k.place",
    ),
}


def _foreign(there: str) -> Listing:
    """Foreign keys of a table, or those of others that name it: `there` is the alias of the table that was asked for."""
    return Listing(
        (
            ("pk_database_name", NAME, "p.database_name"),
            ("pk_schema_name", NAME, "p.schema"),
            ("pk_table_name", NAME, "p.name"),
            ("pk_column_name", NAME, "pc.name"),
            ("fk_database_name", NAME, "f.database_name"),
            ("fk_schema_name", NAME, "f.schema"),
            ("fk_table_name", NAME, "f.name"),
            ("fk_column_name", NAME, "fc.name"),
            ("key_seq", INT4, "k.place"),
            ("fk_name", NAME, "k.name"),
            (
                "pk_name",
                NAME,
                "(SELECT min(u.name) FROM catalog.constraints u WHERE u.relation = k.other AND u.kind IN ('p', 'u') "
                "AND u.columns = k.referenced)",
            ),
            ("update_rule", INT4, "3"),  # no action, and not deferrable, in the numbers of JDBC's metadata
            ("delete_rule", INT4, "3"),
            ("deferrability", INT4, "7"),
        ),
        'FROM (SELECT c.relation, c."references" AS other, c.name, c.referenced_columns AS referenced, unnest(c.columns) AS own, '
        "unnest(c.referenced_columns) AS theirs, generate_subscripts(c.columns, 1) AS place "
        "FROM catalog.constraints c WHERE c.kind = 'f') k "
        'JOIN sys."$every_relation" f ON f.oid = k.relation JOIN sys."$every_relation" p ON p.oid = k.other '
        "JOIN catalog.columns fc ON fc.relation = k.relation AND fc.number = k.own "
        "JOIN catalog.columns pc ON pc.relation = k.other AND pc.number = k.theirs WHERE "
        + _TABLE.replace("r.", f"{there}."),
        "k.name",
        "f.schema, f.name, k.name, k.place",
    )


LISTINGS["foreign keys"] = _foreign("f")
LISTINGS["exported keys"] = _foreign("p")
