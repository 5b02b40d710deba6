# table
"""Relations of PostgreSQL's and Redshift's catalogs that never have rows here, because what they list does not exist.

They are there so that clients' questions (psql's backslash commands, drivers' metadata, dbt) get the true answer: none.
"""

from __future__ import annotations

from slipher.warehouse.system.spec import Definition, catalog

_ROWS: tuple[tuple[int, str, str], ...] = (
    (2611, "pg_inherits", "inhrelid oid, inhparent oid, inhseqno int4"),
    (
        2620,
        "pg_trigger",
        "tgrelid oid, tgname name, tgfoid oid, tgtype int2, tgenabled char, tgisconstraint bool, tgconstrname name, "
        "tgconstrrelid oid, tgdeferrable bool, tginitdeferred bool, tgnargs int2, tgattr int2vector, tgargs text, "
        "-oid oid, -tableoid oid, -tgisinternal bool",
    ),
    (
        2616,
        "pg_opclass",
        "opcamid oid, opcname name, opcnamespace oid, opcowner int4, opcintype oid, opcdefault bool, opckeytype oid, "
        "-oid oid, -tableoid oid, -opcmethod oid",
    ),
    (
        2617,
        "pg_operator",
        "oprname name, oprnamespace oid, oprowner int4, oprkind char, oprcanhash bool, oprleft oid, oprright oid, "
        "oprresult oid, oprcom oid, oprnegate oid, oprcode oid, -oid oid, -tableoid oid",
    ),
    (2753, "pg_opfamily", "opfmethod oid, opfname name, opfnamespace oid, opfowner int4, -oid oid, -tableoid oid"),
    (2605, "pg_cast", "castsource oid, casttarget oid, castfunc oid, castcontext char, -oid oid, -castmethod char"),
    (
        2607,
        "pg_conversion",
        "conname name, connamespace oid, conowner int4, conforencoding int4, contoencoding int4, "
        "-oid oid, -condefault bool",
    ),
    (2600, "pg_aggregate", "aggfnoid oid, aggtransfn name, aggfinalfn name, aggtranstype oid, agginitval text"),
    (2842, "pg_rules", "schemaname name, tablename name, rulename name, definition text"),
    (
        2843,
        "pg_stats",
        "schemaname name, tablename name, attname name, null_frac float4, avg_width int4, n_distinct float4, "
        "most_common_vals text, most_common_freqs text, histogram_bounds text, correlation float4",
    ),
    (2844, "pg_external_schema", "esoid oid, eskind int2, esdbname text, esoptions text"),
    (2845, "pg_library", "name name, language_oid oid, file_store_id int4, owner int4"),
    (
        2846,
        "pg_default_acl",
        "defacluser oid, defaclnamespace oid, defaclobjtype char, defaclacl _aclitem, -oid oid, -defaclrole oid",
    ),
    (
        3456,
        "pg_collation",
        "collname name, collnamespace oid, collowner int4, collprovider char, collcollate name, collctype name, -oid oid, "
        "-tableoid oid, -collencoding int4",
    ),
    (
        3079,
        "pg_extension",
        "extname name, extowner oid, extnamespace oid, extrelocatable bool, extversion text, -oid oid",
    ),
    (2964, "pg_db_role_setting", "setdatabase oid, setrole oid, setconfig _text"),
    (
        2847,
        "pg_policy",
        "polname name, polrelid oid, polcmd char, polpermissive bool, polroles text, polqual text, polwithcheck text, "
        "-oid oid",
    ),
    (
        3381,
        "pg_statistic_ext",
        "stxrelid oid, stxname name, stxnamespace oid, stxowner int4, stxkeys int2vector, -oid oid",
    ),
    (6104, "pg_publication", "pubname name, pubowner int4, puballtables bool, -oid oid"),
    (6106, "pg_publication_rel", "prpubid oid, prrelid oid, -oid oid"),
    (2848, "pg_matviews", "schemaname name, matviewname name, matviewowner name, definition text"),
    (3501, "pg_enum", "enumtypid oid, enumlabel name, enumsortorder float4, -oid oid"),
    (3541, "pg_range", "rngtypid oid, rngsubtype oid"),
    (2396, "pg_shdescription", "objoid oid, classoid oid, description text"),
    (3118, "pg_foreign_table", "ftrelid oid, ftserver oid, ftoptions _text"),
    (1417, "pg_foreign_server", "srvname name, srvowner int4, srvfdw oid, srvoptions _text, -oid oid"),
    (
        11001,
        "svv_external_schemas",
        "esoid oid, eskind int2, schemaname name, esowner int4, databasename text, esoptions text",
    ),
    (
        11002,
        "svv_external_tables",
        "redshift_database_name text, schemaname text, tablename text, tabletype text, location text, input_format text, "
        "output_format text, serialization_lib text, serde_parameters text, compressed int4, parameters text",
    ),
    (
        11003,
        "svv_external_columns",
        "redshift_database_name text, schemaname text, tablename text, columnname text, external_type text, columnnum int4, "
        "part_key int4, is_nullable text",
    ),
    (
        11004,
        "svv_external_databases",
        "eskind int4, esoptions varchar(256), databasename varchar(128), location varchar(256)",
    ),
    (
        11005,
        "svv_mv_info",
        "database_name bpchar(128), schema_name bpchar(128), user_name bpchar(128), name bpchar(128), is_stale bpchar(1), "
        "state int4, autorewrite bpchar(1), autorefresh bpchar(1)",
    ),
    (
        11006,
        "stv_mv_info",
        "db_name bpchar(128), schema bpchar(128), name bpchar(128), updated_upto_xid int8, is_stale bpchar(1), "
        "owner_user_name bpchar(128), state int4, autorewrite bpchar(1), autorefresh bpchar(1)",
    ),
    (
        11007,
        "svv_redshift_functions",
        "database_name varchar(128), schema_name varchar(128), function_name varchar(128), function_type varchar(128), "
        "argument_type varchar(512), result_type varchar(128)",
    ),
    (11008, "svv_roles", "role_id int4, role_name text, role_owner text, external_id text"),
    (11009, "svv_role_grants", "role_id int4, role_name text, granted_role_id int4, granted_role_name text"),
    (11010, "svv_user_grants", "user_id int4, user_name text, role_id int4, role_name text, admin_option bool"),
    (
        11011,
        "svv_datashares",
        "share_name varchar(16), share_id int4, share_owner int4, source_database varchar(16), consumer_database varchar(128), "
        "share_type varchar(8), createdate timestamp, is_publicaccessible bool, share_acl varchar(256), "
        "producer_account varchar(12), producer_namespace varchar(36), managed_by varchar(64)",
    ),
)

EMPTY: tuple[Definition, ...] = tuple(
    catalog(oid, name, "\n".join(column.strip() for column in columns.split(", "))) for oid, name, columns in _ROWS
)
