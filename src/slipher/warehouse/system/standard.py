# table
"""information_schema, as PostgreSQL 8.0 has it (source: PostgreSQL's documentation, The Information Schema)."""

from __future__ import annotations

from slipher.warehouse.system.spec import Definition, catalog

_NOT_OTHERS = 'NOT (r.temporary AND NOT sys."$own_temporary"(r.schema))'
_SHOWN = f'{_NOT_OTHERS} AND sys."$accessible"(r.oid, r.owner)'
_OWNED = f'{_NOT_OTHERS} AND (sys."$superuser"() OR r.owner = sys."$user"())'


def _standard(oid: int, name: str, text: str, tail: str) -> Definition:
    return catalog(oid, name, text, tail, schema="information_schema", relkind="v")


STANDARD: tuple[Definition, ...] = (
    _standard(
        11201,
        "tables",
        """
        table_catalog varchar = sys."$database"()
        table_schema varchar = r.schema
        table_name varchar = r.name
        table_type varchar = CASE WHEN r.relkind = 'v' THEN 'VIEW' WHEN r.temporary THEN 'LOCAL TEMPORARY' ELSE 'BASE TABLE' END
        self_referencing_column_name varchar = NULL
        reference_generation varchar = NULL
        user_defined_type_catalog varchar = NULL
        user_defined_type_schema varchar = NULL
        user_defined_name varchar = NULL
        """,
        f'FROM sys."$relations" r WHERE {_SHOWN}',
    ),
    _standard(
        11202,
        "columns",
        """
        table_catalog varchar = sys."$database"()
        table_schema varchar = r.schema
        table_name varchar = r.name
        column_name varchar = c.name
        ordinal_position int4 = c.number
        column_default varchar = c.default_text
        is_nullable varchar = CASE WHEN c.not_null THEN 'NO' ELSE 'YES' END
        data_type varchar = c.type_sql
        character_maximum_length int4 = c.char_length
        character_octet_length int4 = c.char_length
        numeric_precision int4 = c.numeric_precision
        numeric_precision_radix int4 = c.numeric_radix
        numeric_scale int4 = c.numeric_scale
        datetime_precision int4 = c.datetime_precision
        interval_type varchar = NULL
        interval_precision varchar = NULL
        character_set_catalog varchar = NULL
        character_set_schema varchar = NULL
        character_set_name varchar = NULL
        collation_catalog varchar = NULL
        collation_schema varchar = NULL
        collation_name varchar = NULL
        domain_catalog varchar = NULL
        domain_schema varchar = NULL
        domain_name varchar = NULL
        udt_catalog varchar = sys."$database"()
        udt_schema varchar = 'pg_catalog'
        udt_name varchar = c.type
        scope_catalog varchar = NULL
        scope_schema varchar = NULL
        scope_name varchar = NULL
        maximum_cardinality int4 = NULL
        dtd_identifier varchar = CAST(c.number AS VARCHAR)
        is_self_referencing varchar = 'NO'
        """,
        f'FROM sys."$columns" c JOIN sys."$relations" r ON r.oid = c.relation WHERE {_SHOWN}',
    ),
    _standard(
        11203,
        "schemata",
        """
        catalog_name varchar = sys."$database"()
        schema_name varchar = n.name
        schema_owner varchar = sys.fn_pg_get_userbyid(n.owner)
        default_character_set_catalog varchar = NULL
        default_character_set_schema varchar = NULL
        default_character_set_name varchar = NULL
        sql_path varchar = NULL
        """,
        'FROM sys."$namespaces" n WHERE sys."$schema_accessible"(n.oid, n.owner) '
        'AND NOT (n.temporary AND NOT sys."$own_temporary"(n.name))',
    ),
    _standard(
        11204,
        "views",
        """
        table_catalog varchar = sys."$database"()
        table_schema varchar = r.schema
        table_name varchar = r.name
        view_definition varchar = CASE WHEN sys."$superuser"() OR r.owner = sys."$user"() THEN sys."$definition"(r.oid) END
        check_option varchar = 'NONE'
        is_updatable varchar = 'NO'
        is_insertable_into varchar = 'NO'
        """,
        f"FROM sys.\"$relations\" r WHERE r.relkind = 'v' AND {_SHOWN}",
    ),
    _standard(
        11205,
        "table_constraints",
        """
        constraint_catalog varchar = sys."$database"()
        constraint_schema varchar = r.schema
        constraint_name varchar = k.name
        table_catalog varchar = sys."$database"()
        table_schema varchar = r.schema
        table_name varchar = r.name
        constraint_type varchar = CASE k.kind WHEN 'p' THEN 'PRIMARY KEY' WHEN 'u' THEN 'UNIQUE' ELSE 'FOREIGN KEY' END
        is_deferrable varchar = 'NO'
        initially_deferred varchar = 'NO'
        """,
        f'FROM catalog.constraints k JOIN sys."$relations" r ON r.oid = k.relation WHERE {_OWNED}',
    ),
    _standard(
        11206,
        "key_column_usage",
        """
        constraint_catalog varchar = sys."$database"()
        constraint_schema varchar = r.schema
        constraint_name varchar = k.name
        table_catalog varchar = sys."$database"()
        table_schema varchar = r.schema
        table_name varchar = r.name
        column_name varchar = k.column_name
        ordinal_position int4 = k.place
        """,
        f'FROM sys."$key_columns" k JOIN sys."$relations" r ON r.oid = k.relation WHERE {_OWNED}',
    ),
    _standard(
        11207,
        "referential_constraints",
        """
        constraint_catalog varchar = sys."$database"()
        constraint_schema varchar = r.schema
        constraint_name varchar = k.name
        unique_constraint_catalog varchar = sys."$database"()
        unique_constraint_schema varchar = t.schema
        unique_constraint_name varchar = u.name
        match_option varchar = 'NONE'
        update_rule varchar = 'NO ACTION'
        delete_rule varchar = 'NO ACTION'
        """,
        'FROM catalog.constraints k JOIN sys."$relations" r ON r.oid = k.relation '
        'JOIN sys."$relations" t ON t.oid = k."references" LEFT JOIN catalog.constraints u '
        "ON u.relation = k.\"references\" AND u.kind IN ('p', 'u') AND u.columns = k.referenced_columns "
        f"WHERE k.kind = 'f' AND {_OWNED}",
    ),
    _standard(
        11208,
        "table_privileges",
        """
        grantor varchar = sys.fn_pg_get_userbyid(p.grantor)
        grantee varchar = CASE p.kind WHEN 'public' THEN 'PUBLIC' ELSE p.grantee_name END
        table_catalog varchar = sys."$database"()
        table_schema varchar = p.schema
        table_name varchar = p.name
        privilege_type varchar = p.privilege
        is_grantable varchar = CASE WHEN p.grantable THEN 'YES' ELSE 'NO' END
        with_hierarchy varchar = 'NO'
        """,
        'FROM sys."$privileges" p WHERE p.object_kind = \'relation\' AND sys."$privilege_shown"(p.oid, p.owner)',
    ),
    _standard(
        11209,
        "information_schema_catalog_name",
        """
        catalog_name varchar = sys."$database"()
        """,
        "FROM (VALUES (1)) one(place)",
    ),
    _standard(
        11210,
        "enabled_roles",
        """
        role_name varchar = p.name
        """,
        'FROM sys."$principals" p WHERE p.oid = sys."$user"() AND p.login OR sys."$grantee_is_me"(\'group\', p.oid)',
    ),
)
