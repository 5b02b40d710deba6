# table
"""The pg_* relations: PostgreSQL 8.0's catalog with Redshift's extra columns, read from the catalog's tables.

Source: reference on the system catalog; PostgreSQL 8.0's documentation of its system catalogs for columns and oids.
"""

from __future__ import annotations

from slipher.warehouse.system.spec import Definition, catalog

PG: tuple[Definition, ...] = (
    catalog(
        1259,
        "pg_class",
        """
        relname name = r.name
        relnamespace oid = r.namespace
        reltype oid = 0
        relowner int4 = r.owner
        relam oid = CASE r.relkind WHEN 'i' THEN 403 ELSE 0 END
        relfilenode oid = r.oid
        reltablespace oid = 0
        relpages int4 = coalesce(s.blocks, 0)
        reltuples float4 = coalesce(s.row_count, 0.001)
        reltoastrelid oid = 0
        reltoastidxid oid = 0
        relhasindex bool = r.relkind = 'r' AND coalesce(k.unique_keys, 0) > 0
        relisshared bool = false
        relkind char = r.relkind
        relnatts int2 = r.natts
        relexternid oid = 0
        relisreplicated bool = false
        relispinned bool = false
        reldiststyle int2 = r.reldiststyle
        relprojbaseid oid = 0
        relchecks int2 = 0
        reltriggers int2 = 0
        relukeys int2 = k.unique_keys
        relfkeys int2 = k.foreign_keys
        relrefs int2 = k.referenced
        relhasoids bool = false
        relhaspkey bool = coalesce(k.primary_keys, 0) > 0
        relhasrules bool = r.relkind = 'v'
        relhassubclass bool = false
        relacl _aclitem = a.text
        -oid oid = r.oid
        -tableoid oid = 1259
        -relpersistence char = CASE WHEN r.temporary THEN 't' ELSE 'p' END
        -relhastriggers bool = coalesce(k.foreign_keys, 0) + coalesce(k.referenced, 0) > 0
        -reloftype oid = 0
        -reloptions _text = NULL
        -relreplident char = 'd'
        -relispartition bool = false
        -relrowsecurity bool = false
        """,
        'FROM sys."$classes" r LEFT JOIN sys."$sizes" s ON s.oid = r.oid LEFT JOIN sys."$keys" k ON k.oid = r.oid '
        "LEFT JOIN sys.\"$acls\" a ON a.object_kind = 'relation' AND a.oid = r.oid",
    ),
    catalog(
        2859,
        "pg_class_info",
        """
        reloid oid = c.oid
        relname name = c.relname
        relnamespace oid = c.relnamespace
        reltype oid = c.reltype
        relowner int4 = c.relowner
        relam oid = c.relam
        relfilenode oid = c.relfilenode
        reltablespace oid = c.reltablespace
        relpages int4 = c.relpages
        reltuples float4 = c.reltuples
        reltoastrelid oid = c.reltoastrelid
        reltoastidxid oid = c.reltoastidxid
        relhasindex bool = c.relhasindex
        relisshared bool = c.relisshared
        relkind char = c.relkind
        relnatts int2 = c.relnatts
        relexternid oid = c.relexternid
        relisreplicated bool = c.relisreplicated
        relispinned bool = c.relispinned
        reldiststyle int2 = c.reldiststyle
        relprojbaseid oid = c.relprojbaseid
        relchecks int2 = c.relchecks
        reltriggers int2 = c.reltriggers
        relukeys int2 = c.relukeys
        relfkeys int2 = c.relfkeys
        relrefs int2 = c.relrefs
        relhasoids bool = c.relhasoids
        relhaspkey bool = c.relhaspkey
        relhasrules bool = c.relhasrules
        relhassubclass bool = c.relhassubclass
        relacl _aclitem = c.relacl
        releffectivediststyle int4 = CASE c.reldiststyle WHEN 9 THEN 10 ELSE c.reldiststyle END
        relcreationtime timestamp = r.created
        """,
        'FROM sys.pg_class c JOIN sys."$relations" r ON r.oid = c.oid',
    ),
    catalog(
        1249,
        "pg_attribute",
        """
        attrelid oid = c.relation
        attname name = c.name
        atttypid oid = c.type_oid
        attstattarget int4 = -1
        attlen int2 = c.type_length
        attnum int2 = c.number
        attndims int4 = 0
        attcacheoff int4 = -1
        atttypmod int4 = c.typmod
        attbyval bool = c.type_length BETWEEN 1 AND 8
        attstorage char = CASE WHEN c.type_length > 0 THEN 'p' ELSE 'x' END
        attalign char = 'i'
        attnotnull bool = c.not_null
        atthasdef bool = c.default_text IS NOT NULL
        attisdropped bool = false
        attislocal bool = true
        attinhcount int4 = 0
        attisdistkey bool = c.distkey
        attispreloaded bool = false
        attsortkeyord int4 = c.sortkey
        attencodingtype int2 = c.encoding_number
        attencrypttype int2 = 0
        -tableoid oid = 1249
        -attidentity char = ''
        -attgenerated char = ''
        -attcollation oid = 0
        -attacl _aclitem = NULL
        """,
        'FROM sys."$attributes" c',
    ),
    catalog(
        2615,
        "pg_namespace",
        """
        nspname name = n.name
        nspowner int4 = n.owner
        nspacl _aclitem = a.text
        -oid oid = n.oid
        -tableoid oid = 2615
        """,
        'FROM sys."$namespaces" n LEFT JOIN sys."$acls" a ON a.object_kind = \'namespace\' AND a.oid = n.oid',
    ),
    catalog(
        1262,
        "pg_database",
        """
        datname name = d.name
        datdba int4 = d.owner
        encoding int4 = 6
        datistemplate bool = false
        datallowconn bool = true
        datlastsysoid oid = 16383
        datvacuumxid xid = 0
        datfrozenxid xid = 0
        dattablespace oid = 1663
        datconfig _text = NULL
        datacl _aclitem = a.text
        -oid oid = d.oid
        -tableoid oid = 1262
        -datcollate name = 'en_US.utf8'
        -datctype name = 'en_US.utf8'
        -datconnlimit int4 = coalesce(d.connection_limit, -1)
        """,
        "FROM catalog.databases d LEFT JOIN sys.\"$acls\" a ON a.object_kind = 'database' AND a.oid = d.oid",
    ),
    catalog(
        2862,
        "pg_database_info",
        """
        datname name = d.name
        datid oid = d.oid
        datdba int4 = d.owner
        encoding int4 = 6
        datistemplate bool = false
        datallowconn bool = true
        datacl _aclitem = a.text
        datconnlimit text = coalesce(CAST(d.connection_limit AS VARCHAR), 'UNLIMITED')
        """,
        "FROM catalog.databases d LEFT JOIN sys.\"$acls\" a ON a.object_kind = 'database' AND a.oid = d.oid",
    ),
    catalog(
        1247,
        "pg_type",
        """
        typname name = t.name
        typnamespace oid = 11
        typowner int4 = 1
        typlen int2 = t.size
        typbyval bool = t.size BETWEEN 1 AND 8
        typtype char = CASE t.name WHEN 'unknown' THEN 'p' ELSE 'b' END
        typisdefined bool = true
        typdelim char = ','
        typrelid oid = 0
        typelem oid = t.element
        typinput name = CASE WHEN t.name LIKE '\\_%' ESCAPE '\\' THEN 'array_in' ELSE t.name || 'in' END
        typoutput name = CASE WHEN t.name LIKE '\\_%' ESCAPE '\\' THEN 'array_out' ELSE t.name || 'out' END
        typreceive name = '-'
        typsend name = '-'
        typanalyze name = '-'
        typalign char = 'i'
        typstorage char = CASE WHEN t.size > 0 THEN 'p' ELSE 'x' END
        typnotnull bool = false
        typbasetype oid = 0
        typtypmod int4 = -1
        typndims int4 = 0
        typdefaultbin text = NULL
        typdefault text = NULL
        -oid oid = t.oid
        -tableoid oid = 1247
        -typcategory char = t.category
        -typarray oid = coalesce((SELECT sys_t.oid FROM sys."$types" sys_t WHERE sys_t.name = '_' || t.name), 0)
        -typcollation oid = 0
        """,
        'FROM sys."$types" t',
    ),
    catalog(
        2604,
        "pg_attrdef",
        """
        adrelid oid = c.relation
        adnum int2 = c.number
        adbin text = c.default_text
        adsrc text = c.default_text
        -oid oid = CAST(c.relation AS UBIGINT) * 1600 % 2147483648 + c.number
        -tableoid oid = 2604
        """,
        'FROM sys."$columns" c WHERE c.default_text IS NOT NULL',
    ),
    catalog(
        2606,
        "pg_constraint",
        """
        conname name = k.name
        connamespace oid = r.namespace
        contype char = k.kind
        condeferrable bool = false
        condeferred bool = false
        conrelid oid = k.relation
        contypid oid = 0
        confrelid oid = coalesce(k."references", 0)
        confupdtype char = CASE k.kind WHEN 'f' THEN 'a' ELSE '' END
        confdeltype char = CASE k.kind WHEN 'f' THEN 'a' ELSE '' END
        confmatchtype char = CASE k.kind WHEN 'f' THEN 'u' ELSE '' END
        conkey _int2 = sys."$array"(k.columns)
        confkey _int2 = CASE k.kind WHEN 'f' THEN sys."$array"(k.referenced_columns) END
        conbin text = NULL
        consrc text = NULL
        -oid oid = k.oid
        -tableoid oid = 2606
        -conindid oid = 0
        -convalidated bool = true
        -conparentid oid = 0
        """,
        'FROM catalog.constraints k JOIN sys."$relations" r ON r.oid = k.relation',
    ),
    catalog(
        2609,
        "pg_description",
        """
        objoid oid = d.oid
        classoid oid = sys."$class_of"(d.kind)
        objsubid int4 = d.number
        description text = d.text
        """,
        'FROM catalog.descriptions d WHERE sys."$is_here"(d.kind, d.oid)',
    ),
    catalog(
        2608,
        "pg_depend",
        """
        classid oid = CASE WHEN d.rule THEN 2618 ELSE 2606 END
        objid oid = d.object
        objsubid int4 = 0
        refclassid oid = 1259
        refobjid oid = d.referenced
        refobjsubid int4 = d.number
        deptype char = d.kind
        """,
        'FROM sys."$depends" d',
    ),
    catalog(
        2618,
        "pg_rewrite",
        """
        rulename name = '_RETURN'
        ev_class oid = r.oid
        ev_attr int2 = -1
        ev_type char = '1'
        is_instead bool = true
        ev_qual text = '<>'
        ev_action text = '<>'
        -oid oid = sys."$rule"(r.oid)
        -tableoid oid = 2618
        """,
        "FROM sys.\"$relations\" r WHERE r.relkind = 'v' AND r.oid >= 16384",
    ),
    catalog(
        2610,
        "pg_index",
        """
        indexrelid oid = i.oid
        indrelid oid = i.relation
        indkey int2vector = array_to_string(i.columns, ' ')
        indclass oidvector = array_to_string(list_transform(i.columns, lambda x: 0), ' ')
        indnatts int2 = len(i.columns)
        indisunique bool = true
        indisprimary bool = i.kind = 'p'
        indisclustered bool = false
        indexprs text = NULL
        indpred text = NULL
        -indisvalid bool = true
        -indisreplident bool = false
        -indcollation text = NULL
        -indoption int2vector = array_to_string(list_transform(i.columns, lambda x: 0), ' ')
        """,
        'FROM sys."$indexes" i',
    ),
    catalog(
        2841,
        "pg_indexes",
        """
        schemaname name = i.schema
        tablename name = i.table_name
        indexname name = i.name
        tablespace name = NULL
        indexdef text = t.text
        """,
        'FROM sys."$indexes" i JOIN sys."$index_texts" t ON t.oid = i.oid',
    ),
    catalog(
        2601,
        "pg_am",
        """
        amname name = m.name
        amowner int4 = 1
        -oid oid = m.oid
        -tableoid oid = 2601
        """,
        "FROM (VALUES (403, 'btree'), (405, 'hash')) m(oid, name)",
    ),
    catalog(
        1213,
        "pg_tablespace",
        """
        spcname name = t.name
        spcowner int4 = 1
        spclocation text = ''
        spcacl _aclitem = NULL
        -oid oid = t.oid
        -tableoid oid = 1213
        """,
        "FROM (VALUES (1663, 'pg_default'), (1664, 'pg_global')) t(oid, name)",
    ),
    catalog(
        2612,
        "pg_language",
        """
        lanname name = l.name
        lanispl bool = false
        lanpltrusted bool = false
        lanplcallfoid oid = 0
        lanvalidator oid = 0
        lanacl _aclitem = NULL
        -oid oid = l.oid
        -tableoid oid = 2612
        -lanowner int4 = 1
        """,
        "FROM (VALUES (12, 'internal'), (14, 'sql')) l(oid, name)",
    ),
    catalog(
        2832,
        "pg_user",
        """
        usename name = u.name
        usesysid int4 = u.oid
        usecreatedb bool = u.createdb
        usesuper bool = u.superuser
        usecatupd bool = u.superuser
        passwd text = '********'
        valuntil timestamptz = u.valid_until
        useconfig _text = CASE WHEN len(u.settings) > 0 THEN sys."$array"(u.settings) END
        """,
        "FROM catalog.users u",
    ),
    catalog(
        2833,
        "pg_user_info",
        """
        usename name = u.name
        usesysid int4 = u.oid
        usecreatedb bool = u.createdb
        usesuper bool = u.superuser
        usecatupd bool = u.superuser
        passwd text = '********'
        valuntil timestamptz = u.valid_until
        useconfig _text = CASE WHEN len(u.settings) > 0 THEN sys."$array"(u.settings) END
        useconnlimit text = coalesce(CAST(u.connection_limit AS VARCHAR), 'UNLIMITED')
        """,
        "FROM catalog.users u",
        superuser=True,
    ),
    catalog(
        1260,
        "pg_shadow",
        """
        usename name = u.name
        usesysid int4 = u.oid
        usecreatedb bool = u.createdb
        usesuper bool = u.superuser
        usecatupd bool = u.superuser
        passwd text = '********'
        valuntil timestamptz = u.valid_until
        useconfig _text = CASE WHEN len(u.settings) > 0 THEN sys."$array"(u.settings) END
        """,
        "FROM catalog.users u",
        superuser=True,
    ),
    catalog(
        2834,
        "pg_roles",
        """
        rolname name = p.name
        rolsuper bool = p.superuser
        rolinherit bool = true
        rolcreaterole bool = p.superuser
        rolcreatedb bool = p.createdb
        rolcatupdate bool = p.superuser
        rolcanlogin bool = p.login
        rolconnlimit int4 = coalesce(p.connection_limit, -1)
        rolpassword text = '********'
        rolvaliduntil timestamptz = p.valid_until
        rolconfig _text = NULL
        oid oid = p.oid
        -rolreplication bool = false
        -rolbypassrls bool = p.superuser
        """,
        'FROM sys."$principals" p',
    ),
    catalog(
        1261,
        "pg_group",
        """
        groname name = g.name
        grosysid int4 = g.oid
        grolist _int4 = CASE WHEN len(g.members) > 0 THEN sys."$array"(g.members) END
        """,
        "FROM catalog.groups g",
    ),
    catalog(
        2835,
        "pg_auth_members",
        """
        roleid oid = m.role
        member oid = m.member
        grantor oid = 1
        admin_option bool = false
        """,
        "FROM (SELECT g.oid AS role, unnest(g.members) AS member FROM catalog.groups g) m",
    ),
    catalog(
        2836,
        "pg_views",
        """
        schemaname name = r.schema
        viewname name = r.name
        viewowner name = sys.fn_pg_get_userbyid(r.owner)
        definition text = sys."$definition"(r.oid)
        """,
        "FROM sys.\"$relations\" r WHERE r.relkind = 'v'",
    ),
    catalog(
        2837,
        "pg_tables",
        """
        schemaname name = r.schema
        tablename name = r.name
        tableowner name = sys.fn_pg_get_userbyid(r.owner)
        tablespace name = NULL
        hasindexes bool = false
        hasrules bool = false
        hastriggers bool = false
        """,
        "FROM sys.\"$relations\" r WHERE r.relkind = 'r'",
    ),
    catalog(
        2838,
        "pg_table_def",
        """
        schemaname name = r.schema
        tablename name = r.name
        column name = c.name
        type text = sys.fn_format_type(c.type_oid, c.typmod)
        encoding bpchar(32) = c.encode
        distkey bool = c.distkey
        sortkey int4 = c.sortkey
        notnull bool = c.not_null
        """,
        'FROM sys."$columns" c JOIN sys."$relations" r ON r.oid = c.relation '
        "WHERE r.relkind = 'r' AND (r.namespace = 11 OR list_contains(sys.\"$path\"(), r.schema)) "
        'AND (NOT r.temporary OR sys."$own_temporary"(r.schema))',
    ),
    catalog(
        2619,
        "pg_statistic_indicator",
        """
        stairelid oid = s.oid
        stairows float8 = s.row_count
        staiins float8 = 0
        staidels float8 = 0
        """,
        'FROM sys."$sizes" s JOIN sys."$relations" r ON r.oid = s.oid',
    ),
    catalog(
        1255,
        "pg_proc",
        """
        proname name = f.name
        pronamespace oid = 11
        proowner int4 = 1
        prolang oid = 12
        proisagg bool = false
        prosecdef bool = false
        proisstrict bool = false
        proretset bool = false
        provolatile char = 'i'
        pronargs int2 = f.nargs
        prorettype oid = f.result
        proargtypes oidvector = f.arguments
        proargnames _text = NULL
        prosrc text = f.name
        probin text = NULL
        proacl _aclitem = NULL
        -oid oid = f.oid
        -tableoid oid = 1255
        -proiswindow bool = false
        -prokind char = 'f'
        """,
        'FROM sys."$functions" f',
    ),
    catalog(
        2840,
        "pg_proc_info",
        """
        prooid oid = p.oid
        proname name = p.proname
        pronamespace oid = p.pronamespace
        proowner int4 = p.proowner
        prolang oid = p.prolang
        prokind char = p.prokind
        proisagg bool = p.proisagg
        prosecdef bool = p.prosecdef
        proisstrict bool = p.proisstrict
        proretset bool = p.proretset
        provolatile char = p.provolatile
        pronargs int2 = p.pronargs
        prorettype oid = p.prorettype
        proargtypes oidvector = p.proargtypes
        proallargtypes _text = NULL
        proargmodes _text = NULL
        proargnames _text = p.proargnames
        prosrc text = p.prosrc
        probin text = p.probin
        proacl _aclitem = p.proacl
        """,
        "FROM sys.pg_proc p",
    ),
)
