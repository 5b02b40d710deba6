# table
"""The svv_* relations that describe the catalog (source: reference on the system catalog, section 2).

svv_all_* and svv_redshift_* show every database and what the user has access to; the older svv_tables, svv_columns the
session's database.
"""

from __future__ import annotations

from slipher.warehouse.system.spec import Definition, catalog

_ACCESSIBLE = 'sys."$accessible"(r.oid, r.owner)'
_SHOWN = f'NOT (r.temporary AND NOT sys."$own_temporary"(r.schema)) AND {_ACCESSIBLE}'
_LENGTH = "c.char_length"
_PRIVILEGES = """
        privilege_type text = p.privilege
        identity_id int4 = p.grantee
        identity_name text = p.grantee_name
        identity_type text = p.kind
        admin_option bool = p.grantable
"""

SVV: tuple[Definition, ...] = (
    catalog(
        11101,
        "svv_tables",
        """
        table_catalog text = sys."$database"()
        table_schema text = r.schema
        table_name text = r.name
        table_type text = CASE WHEN r.relkind = 'v' THEN 'VIEW' ELSE 'BASE TABLE' END
        remarks text = d.text
        """,
        "FROM sys.\"$relations\" r LEFT JOIN catalog.descriptions d ON d.kind = 'relation' AND d.oid = r.oid "
        'AND d.number = 0 WHERE NOT (r.temporary AND NOT sys."$own_temporary"(r.schema))',
    ),
    catalog(
        11102,
        "svv_columns",
        f"""
        table_catalog text = sys."$database"()
        table_schema text = r.schema
        table_name text = r.name
        column_name text = c.name
        ordinal_position int4 = c.number
        column_default text = c.default_text
        is_nullable text = CASE WHEN c.not_null THEN 'NO' ELSE 'YES' END
        data_type text = c.type_sql
        character_maximum_length int4 = {_LENGTH}
        numeric_precision int4 = c.numeric_precision
        numeric_precision_radix int4 = c.numeric_radix
        numeric_scale int4 = c.numeric_scale
        datetime_precision int4 = c.datetime_precision
        interval_type text = NULL
        interval_precision text = NULL
        character_set_catalog text = NULL
        character_set_schema text = NULL
        character_set_name text = NULL
        collation_catalog text = NULL
        collation_schema text = NULL
        collation_name text = NULL
        domain_name text = NULL
        remarks text = d.text
        """,
        'FROM sys."$columns" c JOIN sys."$relations" r ON r.oid = c.relation '
        "LEFT JOIN catalog.descriptions d ON d.kind = 'relation' AND d.oid = c.relation AND d.number = c.number "
        'WHERE NOT (r.temporary AND NOT sys."$own_temporary"(r.schema))',
    ),
    catalog(
        11103,
        "svv_table_info",
        """
        database text = sys."$database"()
        schema text = r.schema
        table_id oid = r.oid
        table text = r.name
        encoded text = i.encoded
        diststyle text = i.diststyle
        sortkey1 text = i.sortkey1
        max_varchar int4 = i.max_varchar
        sortkey1_enc bpchar(32) = i.sortkey1_enc
        sortkey_num int4 = i.sortkey_num
        size int8 = s.blocks
        pct_used numeric(10,4) = 0
        empty int8 = 0
        unsorted numeric(5,2) = CASE WHEN i.sortkey_num > 0 THEN 0 END
        stats_off numeric(5,2) = 0
        tbl_rows numeric(38,0) = s.row_count
        skew_sortkey1 numeric(19,2) = CASE WHEN i.sortkey_num > 0 THEN 1 END
        skew_rows numeric(19,2) = CASE WHEN i.diststyle LIKE '%KEY%' THEN 1 END
        estimated_visible_rows numeric(38,0) = s.row_count
        risk_event text = NULL
        vacuum_sort_benefit numeric(12,2) = CASE WHEN i.sortkey_num > 0 THEN 0 END
        create_time timestamp = r.created
        """,
        'FROM sys."$relations" r JOIN sys."$table_info" i ON i.oid = r.oid JOIN sys."$sizes" s ON s.oid = r.oid '
        'WHERE s.row_count > 0 AND NOT (r.temporary AND NOT sys."$own_temporary"(r.schema))',
        superuser=True,
    ),
    catalog(
        11104,
        "svv_all_schemas",
        """
        database_name varchar(128) = d.name
        schema_name varchar(128) = n.name
        schema_owner int4 = n.owner
        schema_type varchar(128) = 'local'
        schema_acl varchar(128) = substr(a.text, 1, 128)
        source_database varchar(128) = NULL
        schema_option varchar(256) = NULL
        """,
        'FROM sys."$every_namespace" n JOIN catalog.databases d ON d.oid = n.database '
        "LEFT JOIN sys.\"$acls\" a ON a.object_kind = 'namespace' AND a.oid = n.oid "
        'WHERE sys."$schema_accessible"(n.oid, n.owner) AND NOT (n.temporary AND NOT sys."$own_temporary"(n.name))',
    ),
    catalog(
        11105,
        "svv_all_tables",
        """
        database_name varchar(128) = r.database_name
        schema_name varchar(128) = r.schema
        table_name varchar(128) = r.name
        table_type varchar(128) = CASE WHEN r.relkind = 'v' THEN 'VIEW' ELSE 'TABLE' END
        table_acl varchar(128) = substr(a.text, 1, 128)
        remarks varchar(256) = substr(d.text, 1, 256)
        """,
        'FROM sys."$every_relation" r LEFT JOIN sys."$acls" a ON a.object_kind = \'relation\' AND a.oid = r.oid '
        "LEFT JOIN catalog.descriptions d ON d.kind = 'relation' AND d.oid = r.oid AND d.number = 0 "
        f"WHERE {_SHOWN}",
    ),
    catalog(
        11106,
        "svv_all_columns",
        f"""
        database_name varchar(128) = r.database_name
        schema_name varchar(128) = r.schema
        table_name varchar(128) = r.name
        column_name varchar(128) = c.name
        ordinal_position int4 = c.number
        column_default varchar(4000) = substr(c.default_text, 1, 4000)
        is_nullable varchar(3) = CASE WHEN c.not_null THEN 'NO' ELSE 'YES' END
        data_type varchar(128) = c.type_sql
        character_maximum_length int4 = {_LENGTH}
        numeric_precision int4 = c.numeric_precision
        numeric_scale int4 = c.numeric_scale
        remarks varchar(256) = substr(d.text, 1, 256)
        """,
        'FROM sys."$columns" c JOIN sys."$every_relation" r ON r.oid = c.relation '
        "LEFT JOIN catalog.descriptions d ON d.kind = 'relation' AND d.oid = c.relation AND d.number = c.number "
        f"WHERE {_SHOWN}",
    ),
    catalog(
        11107,
        "svv_redshift_databases",
        """
        database_name varchar(128) = d.name
        database_owner int4 = d.owner
        database_type varchar(32) = 'local'
        database_acl varchar(128) = substr(a.text, 1, 128)
        database_options varchar(128) = NULL
        database_isolation_level varchar(128) = d.isolation
        """,
        "FROM catalog.databases d LEFT JOIN sys.\"$acls\" a ON a.object_kind = 'database' AND a.oid = d.oid",
    ),
    catalog(
        11108,
        "svv_redshift_schemas",
        """
        database_name varchar(128) = d.name
        schema_name varchar(128) = n.name
        schema_owner int4 = n.owner
        schema_type varchar(16) = 'local'
        schema_acl varchar(128) = substr(a.text, 1, 128)
        schema_option varchar(128) = NULL
        """,
        'FROM sys."$every_namespace" n JOIN catalog.databases d ON d.oid = n.database '
        "LEFT JOIN sys.\"$acls\" a ON a.object_kind = 'namespace' AND a.oid = n.oid "
        'WHERE sys."$schema_accessible"(n.oid, n.owner) AND NOT (n.temporary AND NOT sys."$own_temporary"(n.name))',
    ),
    catalog(
        11109,
        "svv_redshift_tables",
        """
        database_name varchar(128) = r.database_name
        schema_name varchar(128) = r.schema
        table_name varchar(128) = r.name
        table_type varchar(128) = CASE WHEN r.relkind = 'v' THEN 'VIEW' ELSE 'TABLE' END
        table_acl varchar(128) = substr(a.text, 1, 128)
        remarks varchar(128) = substr(d.text, 1, 128)
        table_owner varchar(128) = sys.fn_pg_get_userbyid(r.owner)
        """,
        'FROM sys."$every_relation" r LEFT JOIN sys."$acls" a ON a.object_kind = \'relation\' AND a.oid = r.oid '
        "LEFT JOIN catalog.descriptions d ON d.kind = 'relation' AND d.oid = r.oid AND d.number = 0 "
        f"WHERE {_SHOWN}",
    ),
    catalog(
        11110,
        "svv_redshift_columns",
        """
        database_name varchar(128) = r.database_name
        schema_name varchar(128) = r.schema
        table_name varchar(128) = r.name
        column_name varchar(128) = c.name
        ordinal_position int4 = c.number
        data_type varchar(32) = sys.fn_format_type(c.type_oid, c.typmod)
        column_default varchar(4000) = substr(c.default_text, 1, 4000)
        is_nullable varchar(3) = CASE WHEN c.not_null THEN 'NO' ELSE 'YES' END
        encoding varchar(128) = c.encode
        distkey bool = c.distkey
        sortkey int4 = c.sortkey
        column_acl varchar(128) = NULL
        remarks varchar(256) = substr(d.text, 1, 256)
        """,
        'FROM sys."$columns" c JOIN sys."$every_relation" r ON r.oid = c.relation '
        "LEFT JOIN catalog.descriptions d ON d.kind = 'relation' AND d.oid = c.relation AND d.number = c.number "
        f"WHERE {_SHOWN}",
    ),
    catalog(
        11111,
        "svv_user_info",
        """
        user_name text = u.name
        user_id int4 = u.oid
        createdb bool = u.createdb
        superuser bool = u.superuser
        catalog_update bool = u.superuser
        connection_limit text = coalesce(CAST(u.connection_limit AS VARCHAR), 'UNLIMITED')
        syslog_access text = CASE WHEN u.superuser OR u.unrestricted THEN 'UNRESTRICTED' ELSE 'RESTRICTED' END
        last_ddl_timestamp timestamp = NULL
        session_timeout int4 = coalesce(u.session_timeout, 0)
        external_user_id text = u.external_id
        """,
        'FROM catalog.users u WHERE sys."$superuser"() OR u.oid = sys."$user"()',
    ),
    catalog(
        11112,
        "svv_relation_privileges",
        """
        namespace_name text = p.schema
        relation_name text = p.name
        """.rstrip()
        + _PRIVILEGES,
        'FROM sys."$privileges" p WHERE p.object_kind = \'relation\' AND sys."$privilege_shown"(p.oid, p.owner)',
    ),
    catalog(
        11113,
        "svv_schema_privileges",
        """
        namespace_name text = p.name
        """.rstrip()
        + _PRIVILEGES
        + "        privilege_scope text = 'SCHEMA'\n",
        'FROM sys."$privileges" p WHERE p.object_kind = \'namespace\' AND (sys."$superuser"() OR p.owner = sys."$user"() '
        'OR sys."$grantee_is_me"(p.kind, p.grantee))',
    ),
    catalog(
        11114,
        "svv_database_privileges",
        """
        database_name text = p.name
        """.rstrip()
        + _PRIVILEGES
        + "        privilege_scope text = 'DATABASE'\n",
        'FROM sys."$privileges" p WHERE p.object_kind = \'database\' AND (sys."$superuser"() OR p.owner = sys."$user"() '
        'OR sys."$grantee_is_me"(p.kind, p.grantee))',
    ),
    catalog(
        11115,
        "sys_copy_job",
        """
        job_id int8 = j.oid
        job_name bpchar(128) = j.name
        iam_role bpchar(128) = j.role
        job_text bpchar(256) = j.text[:256]
        is_auto int4 = j.auto
        on_error_suspend int4 = 0
        """,
        'FROM catalog.copy_jobs j WHERE sys."$superuser"() OR j.owner = sys."$user"()',
    ),
    catalog(
        11116,
        "sys_copy_job_detail",
        """
        user_id int4 = j.owner
        database_name text = d.name
        job_id int4 = j.oid
        job_name text = j.name
        file_location text = f.bucket
        file_name text = f.key
        file_size int8 = f.size
        file_etag text = f.etag
        job_text bpchar(256) = j.text[:256]
        modification_time timestamp = f.modified
        enqueue_time timestamp = f.enqueued
        status bpchar(1) = f.status
        """,
        "FROM catalog.copy_job_files f JOIN catalog.copy_jobs j ON j.oid = f.job JOIN catalog.databases d ON d.oid = j.database "
        'WHERE f.status <> \'B\' AND (sys."$superuser"() OR j.owner = sys."$user"())',
    ),
    catalog(
        11117,
        "svv_schema_quota_state",
        """
        schema_id int4 = n.oid
        schema_name bpchar(128) = n.name
        schema_owner int4 = n.owner
        quota int4 = q.quota
        disk_usage int4 = q.used
        disk_usage_pct float8 = CASE WHEN q.quota > 0 THEN round(100.0 * q.used / q.quota, 2) END
        """,
        "FROM catalog.namespaces n JOIN (SELECT n.oid, CAST(split_part(n.quota, ' ', 1) AS BIGINT) "
        "* CASE upper(split_part(n.quota, ' ', 2)) WHEN 'TB' THEN 1048576 WHEN 'GB' THEN 1024 ELSE 1 END AS quota, "
        '(SELECT CAST(coalesce(sum(s.blocks), 0) AS BIGINT) FROM catalog.relations r JOIN sys."$sizes" s ON s.oid = r.oid '
        "WHERE r.namespace = n.oid AND NOT r.temporary) AS used FROM catalog.namespaces n "
        "WHERE n.quota LIKE '%B') q ON q.oid = n.oid "
        'WHERE n.database = sys."$database_oid"() AND (sys."$superuser"() OR n.owner = sys."$user"())',
    ),
)
