# table
"""The catalog's functions as macros of the engine, sys.fn_*; sql/functions/catalog.py tells the binder of them.

Errors leave as SLIPHER|sqlstate|text, which the engine's session turns into Redshift's.
"""

from __future__ import annotations

MACROS = """
CREATE MACRO sys.fn_format_type(t, m) AS CASE
  WHEN t IS NULL THEN NULL
  WHEN m >= 4 AND CAST(t AS BIGINT) IN (1042, 1043, 6551)
    THEN sys."$type_names"()[CAST(t AS BIGINT)] || '(' || (m - 4) || ')'
  WHEN m >= 4 AND CAST(t AS BIGINT) = 1700 THEN 'numeric(' || ((m - 4) // 65536) || ',' || ((m - 4) % 65536) || ')'
  WHEN CAST(t AS BIGINT) = 0 THEN '-'
  ELSE coalesce(sys."$type_names"()[CAST(t AS BIGINT)], '???') END;

CREATE MACRO sys.fn_pg_get_userbyid(u) AS CASE WHEN u IS NULL THEN NULL ELSE coalesce(
  (SELECT sys_p.name FROM catalog.users sys_p WHERE sys_p.oid = u), 'unknown (UID=' || u || ')') END;
CREATE MACRO sys.fn_pg_table_is_visible(o) AS CASE WHEN o IS NULL THEN NULL
  ELSE o IN (SELECT sys_v.oid FROM sys."$visible" sys_v) END;
CREATE MACRO sys.fn_always_visible(o) AS CASE WHEN o IS NULL THEN NULL ELSE true END;
CREATE MACRO sys.fn_pg_is_other_temp_schema(o) AS o IN (SELECT sys_n.oid FROM catalog.namespaces sys_n
  WHERE sys_n.temporary AND NOT sys."$own_temporary"(sys_n.name));
CREATE MACRO sys.fn_pg_my_temp_schema() AS CAST(coalesce((SELECT max(sys_n.oid) FROM sys."$namespaces" sys_n
  WHERE sys_n.temporary AND sys."$own_temporary"(sys_n.name)), 0) AS UINTEGER);

CREATE MACRO sys.fn_regclass(t) AS CASE WHEN t IS NULL THEN NULL WHEN t = '-' THEN CAST(0 AS UINTEGER)
  WHEN regexp_full_match(t, '[0-9]+') THEN TRY_CAST(t AS UINTEGER)
  ELSE CAST(coalesce(
    (SELECT max(sys_k.oid) FROM sys."$names" sys_k WHERE sys_k.key = sys."$key"(t)),
    (SELECT max(sys_k.oid) FROM sys."$names" sys_k WHERE sys_k.key = lower(sys."$key"(t))),
    error('SLIPHER|42P01|relation "' || replace(t, '"', '') || '" does not exist')) AS UINTEGER) END;
CREATE MACRO sys.fn_regclass_text(o) AS CASE WHEN o IS NULL THEN NULL WHEN CAST(o AS BIGINT) = 0 THEN '-' ELSE coalesce(
  (SELECT CASE WHEN sys_r.oid IN (SELECT sys_v.oid FROM sys."$visible" sys_v) THEN '' ELSE sys."$quote"(sys_r.schema) || '.' END
    || sys."$quote"(sys_r.name) FROM sys."$relations" sys_r WHERE sys_r.oid = o), CAST(o AS VARCHAR)) END;
CREATE MACRO sys.fn_regtype(t) AS CASE WHEN t IS NULL THEN NULL WHEN t = '-' THEN CAST(0 AS UINTEGER)
  WHEN regexp_full_match(t, '[0-9]+') THEN TRY_CAST(t AS UINTEGER)
  ELSE CAST(coalesce(sys."$type_oids"()[regexp_replace(lower(trim(t)), '^pg_catalog\\.', '')],
    error('SLIPHER|42704|type "' || t || '" does not exist')) AS UINTEGER) END;
CREATE MACRO sys.fn_regproc(t) AS CASE WHEN t IS NULL THEN NULL WHEN t = '-' THEN CAST(0 AS UINTEGER)
  WHEN regexp_full_match(t, '[0-9]+') THEN TRY_CAST(t AS UINTEGER)
  ELSE CAST(coalesce((SELECT min(sys_f.oid) FROM sys."$functions" sys_f
      WHERE sys_f.name = regexp_replace(lower(trim(t)), '^pg_catalog\\.', '')),
    error('SLIPHER|42883|function "' || t || '" does not exist')) AS UINTEGER) END;
CREATE MACRO sys.fn_regproc_text(o) AS CASE WHEN o IS NULL THEN NULL WHEN CAST(o AS BIGINT) = 0 THEN '-' ELSE coalesce(
  (SELECT min(sys_f.name) FROM sys."$functions" sys_f WHERE sys_f.oid = o), CAST(o AS VARCHAR)) END;
CREATE MACRO sys.fn_regtype_text(o) AS CASE WHEN o IS NULL THEN NULL WHEN CAST(o AS BIGINT) = 0 THEN '-'
  ELSE coalesce(sys."$type_names"()[CAST(o AS BIGINT)], CAST(o AS VARCHAR)) END;

CREATE MACRO sys.fn_pg_get_expr_2(e, r) AS CAST(e AS VARCHAR);
CREATE MACRO sys.fn_pg_get_expr_3(e, r, p) AS CAST(e AS VARCHAR);
CREATE MACRO sys.fn_pg_get_viewdef(o) AS coalesce(sys."$definition"(o), 'Not a view');
CREATE MACRO sys.fn_pg_get_viewdef_pretty(o, p) AS sys.fn_pg_get_viewdef(o);
CREATE MACRO sys.fn_pg_get_viewdef_name(t) AS sys.fn_pg_get_viewdef(sys.fn_regclass(t));
CREATE MACRO sys.fn_pg_get_viewdef_name_pretty(t, p) AS sys.fn_pg_get_viewdef(sys.fn_regclass(t));
CREATE MACRO sys.fn_pg_get_constraintdef(o) AS (SELECT sys_k.text FROM sys."$constraint_texts" sys_k WHERE sys_k.oid = o);
CREATE MACRO sys.fn_pg_get_constraintdef_pretty(o, p) AS sys.fn_pg_get_constraintdef(o);
CREATE MACRO sys.fn_pg_get_indexdef(o) AS (SELECT sys_i.text FROM sys."$index_texts" sys_i WHERE sys_i.oid = o);
CREATE MACRO sys.fn_pg_get_indexdef_3(o, n, p) AS CASE WHEN n = 0 THEN sys.fn_pg_get_indexdef(o) ELSE
  (SELECT any_value(sys_c.name) FROM sys."$attributes" sys_c WHERE sys_c.relation = o AND sys_c.number = n) END;
CREATE MACRO sys.fn_current_schemas(i) AS CASE WHEN i IS NULL THEN NULL ELSE
  (SELECT sys."$array"(list_filter(CASE WHEN i THEN sys."$path"() ELSE sys."$given_path"() END,
    lambda x: list_contains(sys_q.names, x))) FROM (SELECT list(sys_n.name) AS names FROM sys."$namespaces" sys_n) sys_q) END;
CREATE MACRO sys.fn_array_length(a, d) AS CASE WHEN d = 1 AND len(sys."$elements"(a)) > 0 THEN len(sys."$elements"(a)) END;
CREATE MACRO sys.fn_array_upper(a, d) AS CASE WHEN d = 1 AND len(sys."$elements"(a)) > 0
  THEN len(sys."$elements"(a)) - CASE WHEN starts_with(a, '{') THEN 0 ELSE 1 END END;
CREATE MACRO sys.fn_array_lower(a, d) AS CASE WHEN d = 1 AND len(sys."$elements"(a)) > 0
  THEN CASE WHEN starts_with(a, '{') THEN 1 ELSE 0 END END;
CREATE MACRO sys.fn_encoding() AS 'UNICODE';
CREATE MACRO sys.fn_pg_char_to_encoding(n) AS CASE lower(n) WHEN 'unicode' THEN 6 WHEN 'utf8' THEN 6 WHEN 'sql_ascii' THEN 0
  ELSE -1 END;
CREATE MACRO sys.fn_pg_cancel_backend(p) AS
  CAST(slipher_signal('cancel', CAST(p AS INTEGER), sys."$user"(), sys."$superuser"()) AS INTEGER);
CREATE MACRO sys.fn_pg_terminate_backend(p) AS
  CAST(slipher_signal('terminate', CAST(p AS INTEGER), sys."$user"(), sys."$superuser"()) AS INTEGER);
CREATE MACRO sys.fn_none_1(a) AS CAST(NULL AS VARCHAR);
CREATE MACRO sys.fn_none_2(a, b) AS CAST(NULL AS VARCHAR);
CREATE MACRO sys.fn_none_3(a, b, c) AS CAST(NULL AS VARCHAR);
CREATE MACRO sys.fn_pg_tablespace_location(o) AS CASE WHEN o IS NULL THEN NULL ELSE '' END;

CREATE MACRO sys.fn_obj_description(o, c) AS (SELECT any_value(sys_d.text) FROM catalog.descriptions sys_d
  WHERE sys_d.oid = o AND sys_d.number = 0 AND sys_d.kind = CASE c WHEN 'pg_class' THEN 'relation'
    WHEN 'pg_namespace' THEN 'namespace' WHEN 'pg_constraint' THEN 'constraint' WHEN 'pg_database' THEN 'database' END);
CREATE MACRO sys.fn_obj_description_1(o) AS (SELECT any_value(sys_d.text) FROM catalog.descriptions sys_d
  WHERE sys_d.oid = o AND sys_d.number = 0);
CREATE MACRO sys.fn_col_description(o, n) AS (SELECT any_value(sys_d.text) FROM catalog.descriptions sys_d
  WHERE sys_d.oid = o AND sys_d.number = n AND sys_d.kind = 'relation' AND n <> 0);
CREATE MACRO sys.fn_pg_encoding_to_char(n) AS CASE n WHEN 6 THEN 'UNICODE' WHEN 0 THEN 'SQL_ASCII' ELSE '' END;
CREATE MACRO sys.fn_format_encoding(n) AS coalesce(sys."$encoding_names"()[CAST(n AS INTEGER)], 'none');

CREATE MACRO sys.fn_pg_relation_size(o) AS coalesce((SELECT sys_s.blocks * 1048576 FROM sys."$sizes" sys_s
  WHERE sys_s.oid = o), 0);
CREATE MACRO sys.fn_pg_relation_size_name(t) AS sys.fn_pg_relation_size(sys.fn_regclass(t));
CREATE MACRO sys.fn_pg_database_size(d) AS CASE WHEN d IS NULL THEN NULL ELSE coalesce((SELECT sum(sys_s.blocks) * 1048576
  FROM sys."$sizes" sys_s JOIN sys."$every_relation" sys_r ON sys_r.oid = sys_s.oid WHERE sys_r.database_name = d), 0) END;
CREATE MACRO sys.fn_pg_size_pretty(n) AS CASE WHEN n IS NULL THEN NULL WHEN n < 10240 THEN n || ' bytes'
  WHEN n < 10485760 THEN CAST(round(n / 1024.0) AS BIGINT) || ' kB'
  WHEN n < 10737418240 THEN CAST(round(n / 1048576.0) AS BIGINT) || ' MB'
  WHEN n < 10995116277760 THEN CAST(round(n / 1073741824.0) AS BIGINT) || ' GB'
  ELSE CAST(round(n / 1099511627776.0) AS BIGINT) || ' TB' END;

CREATE MACRO sys."$letters"(k, p) AS array_to_string(list_transform(
  string_split(regexp_replace(lower(p), '\\s+with\\s+grant\\s+option', '', 'g'), ','),
  lambda x: coalesce(sys."$privilege_letters"()[k || ' ' || trim(x)],
    error('SLIPHER|22023|unrecognized privilege type: "' || p || '"'))), '');
CREATE MACRO sys."$can"(u, k, o, w, p) AS u = w
  OR EXISTS (SELECT 1 FROM catalog.users sys_u WHERE sys_u.oid = u AND sys_u.superuser)
  OR EXISTS (SELECT 1 FROM sys."$grants" sys_g WHERE sys_g.grantee = u AND sys_g.object_kind = k AND sys_g.oid = o
    AND regexp_matches(CASE WHEN contains(lower(p), 'grant option') THEN sys_g.options ELSE sys_g.privileges END,
      '[' || sys."$letters"(k, p) || ']'));
CREATE MACRO sys."$user_of"(n) AS CASE WHEN n IS NULL THEN NULL ELSE coalesce(
  (SELECT sys_u.oid FROM catalog.users sys_u WHERE sys_u.name = n),
  error('SLIPHER|42704|user "' || n || '" does not exist')) END;

CREATE MACRO sys."$table_privilege"(u, o, p) AS CASE WHEN u IS NULL OR o IS NULL OR p IS NULL THEN NULL
  WHEN o < 16384 AND sys."$letters"('relation', p) = 'r' AND NOT contains(lower(p), 'grant')
    THEN o IN (SELECT sys_s.oid FROM sys."$system" sys_s WHERE NOT sys_s.superuser) OR sys."$can"(u, 'relation', o, 1, p)
  ELSE sys."$can"(u, 'relation', o, (SELECT sys_r.owner FROM sys."$relations" sys_r WHERE sys_r.oid = o), p) END;
CREATE MACRO sys.fn_has_table_privilege_2(t, p) AS sys."$table_privilege"(sys."$user"(), sys.fn_regclass(t), p);
CREATE MACRO sys.fn_has_table_privilege_2_oid(o, p) AS sys."$table_privilege"(sys."$user"(), o, p);
CREATE MACRO sys.fn_has_table_privilege_3(n, t, p) AS sys."$table_privilege"(sys."$user_of"(n), sys.fn_regclass(t), p);
CREATE MACRO sys.fn_has_table_privilege_3_oid(n, o, p) AS sys."$table_privilege"(sys."$user_of"(n), o, p);
CREATE MACRO sys.fn_has_table_privilege_3_ids(u, o, p) AS sys."$table_privilege"(u, o, p);
CREATE MACRO sys.fn_has_table_privilege_3_id(u, t, p) AS sys."$table_privilege"(u, sys.fn_regclass(t), p);

CREATE MACRO sys."$schema_of"(s) AS CASE WHEN s IS NULL THEN NULL ELSE coalesce(
  (SELECT max(sys_n.oid) FROM sys."$namespaces" sys_n WHERE sys_n.name = s),
  error('SLIPHER|3F000|schema "' || s || '" does not exist')) END;
CREATE MACRO sys."$schema_privilege"(u, o, p) AS CASE WHEN u IS NULL OR o IS NULL OR p IS NULL THEN NULL
  ELSE sys."$can"(u, 'namespace', o, (SELECT sys_n.owner FROM catalog.namespaces sys_n WHERE sys_n.oid = o), p) END;
CREATE MACRO sys.fn_has_schema_privilege_2(s, p) AS sys."$schema_privilege"(sys."$user"(), sys."$schema_of"(s), p);
CREATE MACRO sys.fn_has_schema_privilege_2_oid(o, p) AS sys."$schema_privilege"(sys."$user"(), o, p);
CREATE MACRO sys.fn_has_schema_privilege_3(n, s, p) AS sys."$schema_privilege"(sys."$user_of"(n), sys."$schema_of"(s), p);
CREATE MACRO sys.fn_has_schema_privilege_3_oid(n, o, p) AS sys."$schema_privilege"(sys."$user_of"(n), o, p);
CREATE MACRO sys.fn_has_schema_privilege_3_ids(u, o, p) AS sys."$schema_privilege"(u, o, p);
CREATE MACRO sys.fn_has_schema_privilege_3_id(u, s, p) AS sys."$schema_privilege"(u, sys."$schema_of"(s), p);

CREATE MACRO sys."$database_of"(d) AS CASE WHEN d IS NULL THEN NULL ELSE coalesce(
  (SELECT sys_d.oid FROM catalog.databases sys_d WHERE sys_d.name = d),
  error('SLIPHER|3D000|database "' || d || '" does not exist')) END;
CREATE MACRO sys."$database_privilege"(u, o, p) AS CASE WHEN u IS NULL OR o IS NULL OR p IS NULL THEN NULL
  WHEN lower(trim(p)) = 'connect' THEN true
  ELSE sys."$can"(u, 'database', o, (SELECT sys_d.owner FROM catalog.databases sys_d WHERE sys_d.oid = o), p) END;
CREATE MACRO sys.fn_has_database_privilege_2(d, p) AS sys."$database_privilege"(sys."$user"(), sys."$database_of"(d), p);
CREATE MACRO sys.fn_has_database_privilege_2_oid(o, p) AS sys."$database_privilege"(sys."$user"(), o, p);
CREATE MACRO sys.fn_has_database_privilege_3(n, d, p) AS sys."$database_privilege"(sys."$user_of"(n), sys."$database_of"(d), p);
CREATE MACRO sys.fn_has_database_privilege_3_ids(u, o, p) AS sys."$database_privilege"(u, o, p);
"""
