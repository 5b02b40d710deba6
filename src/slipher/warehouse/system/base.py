# table
"""What the system relations are made of in the engine: facts of the session, and views over the catalog's tables.

Names that begin with $ are internal. The session's facts are variables of the engine session, set by whoever runs the
statement: user_oid, user_name, superuser, database_oid, database, search_path (the setting, $user replaced),
temp_namespace (the session's temporary schema, whether it exists or not). A variable that is not set reads as nobody,
who sees no more than PUBLIC.

Aliases inside macros begin with sys_, so that an argument's column can never be mistaken for one of the macro's own.
"""

from __future__ import annotations

FACTS = """
CREATE MACRO sys."$user"() AS coalesce(CAST(getvariable('user_oid') AS BIGINT), -1);
CREATE MACRO sys."$superuser"() AS coalesce(CAST(getvariable('superuser') AS BOOLEAN), false);
CREATE MACRO sys."$database"() AS CAST(getvariable('database') AS VARCHAR);
CREATE MACRO sys."$database_oid"() AS coalesce(CAST(getvariable('database_oid') AS BIGINT), -1);
CREATE MACRO sys."$temporary"() AS coalesce(CAST(getvariable('temp_namespace') AS VARCHAR), '');
CREATE MACRO sys."$given_path"() AS coalesce(CAST(getvariable('search_path') AS VARCHAR[]), CAST([] AS VARCHAR[]));
CREATE MACRO sys."$path"() AS list_concat(
  CASE WHEN list_contains(sys."$given_path"(), sys."$temporary"()) THEN [] ELSE [sys."$temporary"()] END,
  CASE WHEN list_contains(sys."$given_path"(), 'pg_catalog') THEN [] ELSE ['pg_catalog'] END, sys."$given_path"());
CREATE MACRO sys."$own_temporary"(s) AS s = sys."$temporary"();
CREATE MACRO sys."$quote"(x) AS CASE WHEN regexp_full_match(x, '[a-z_][a-z0-9_$]*') THEN x
  ELSE '"' || replace(x, '"', '""') || '"' END;
CREATE MACRO sys."$element"(x) AS CASE WHEN regexp_matches(x, '[,{}"\\s\\\\]') OR x = '' OR lower(x) = 'null'
  THEN '"' || replace(replace(x, '\\', '\\\\'), '"', '\\"') || '"' ELSE x END;
CREATE MACRO sys."$array"(l) AS list_extract(list_transform([l], lambda y: CASE WHEN y IS NOT NULL
  THEN '{' || coalesce(array_to_string(list_transform(y, lambda x: sys."$element"(CAST(x AS VARCHAR))), ','), '') || '}' END), 1);
CREATE MACRO sys."$elements"(t) AS list_extract(list_transform([t], lambda y: list_transform(
  CASE WHEN NOT starts_with(y, '{') THEN regexp_extract_all(y, '\\S+')
  ELSE regexp_extract_all(y[2:-2], '"(?:[^"\\\\]|\\\\.)*"|[^,]+') END,
  lambda x: CASE WHEN starts_with(x, '"') THEN regexp_replace(x[2:-2], '\\\\(.)', '\\1', 'g') ELSE x END)), 1);
CREATE MACRO sys."$key"(t) AS array_to_string(list_transform(
  regexp_extract_all(t, '"(?:[^"]|"")*"|[^."]+')[-2:],
  lambda x: CASE WHEN starts_with(x, '"') THEN replace(x[2:-2], '""', '"') ELSE lower(trim(x)) END), chr(1));
CREATE MACRO sys."$class_of"(k) AS CASE k WHEN 'relation' THEN 1259 WHEN 'namespace' THEN 2615 WHEN 'database' THEN 1262
  ELSE 2606 END;
CREATE MACRO sys."$rule"(o) AS CAST(o AS BIGINT) + 2147483648;
"""

VIEWS = """
CREATE VIEW sys."$namespaces" AS SELECT n.* FROM catalog.namespaces n
  WHERE n.database = 0 OR n.database = sys."$database_oid"();

CREATE VIEW sys."$every_namespace" AS
  SELECT n.* REPLACE (CASE n.database WHEN 0 THEN sys."$database_oid"() ELSE n.database END AS database)
  FROM catalog.namespaces n;

CREATE VIEW sys."$every_relation" AS
  SELECT r.oid, d.oid AS database, d.name AS database_name, r.namespace, n.name AS schema, r.name,
    CASE r.kind WHEN 'view' THEN 'v' ELSE 'r' END AS relkind, r.owner, r.temporary,
    CASE r.diststyle WHEN 'KEY' THEN 1 WHEN 'ALL' THEN 8 WHEN 'AUTO' THEN 9 ELSE 0 END AS reldiststyle, r.created,
    coalesce(c.natts, 0) AS natts
  FROM catalog.relations r JOIN catalog.namespaces n ON n.oid = r.namespace JOIN catalog.databases d ON d.oid = n.database
    LEFT JOIN (SELECT relation, count(*) AS natts FROM catalog.columns GROUP BY relation) c ON c.relation = r.oid
  UNION ALL
  SELECT s.oid, sys."$database_oid"(), sys."$database"(), s.namespace, s.schema, s.name, s.relkind, 1, false, 0, NULL, s.natts
  FROM sys."$system" s;

CREATE VIEW sys."$relations" AS SELECT * FROM sys."$every_relation" r WHERE r.database = sys."$database_oid"();

CREATE VIEW sys."$indexes" AS
  SELECT sys."$rule"(k.oid) AS oid, k.name, k.relation, k.kind, k.columns, r.database, r.database_name, r.namespace, r.schema,
    r.name AS table_name, r.owner, r.temporary
  FROM catalog.constraints k JOIN sys."$relations" r ON r.oid = k.relation WHERE k.kind IN ('p', 'u');

CREATE VIEW sys."$classes" AS
  SELECT * FROM sys."$relations"
  UNION ALL
  SELECT i.oid, i.database, i.database_name, i.namespace, i.schema, i.name, 'i', i.owner, i.temporary, 0, NULL, len(i.columns)
  FROM sys."$indexes" i;

CREATE VIEW sys."$columns" AS
  SELECT c.*, t.oid AS type_oid, t.size AS type_length, t.sql_name AS type_sql,
    CASE WHEN t.name IN ('varchar', 'bpchar', 'varbyte') AND c.typmod >= 4 THEN c.typmod - 4 END AS char_length,
    CASE t.name WHEN 'int2' THEN 16 WHEN 'int4' THEN 32 WHEN 'int8' THEN 64 WHEN 'float4' THEN 24 WHEN 'float8' THEN 53
      WHEN 'numeric' THEN CASE WHEN c.typmod >= 4 THEN (c.typmod - 4) // 65536 END END AS numeric_precision,
    CASE WHEN t.name IN ('int2', 'int4', 'int8', 'float4', 'float8') THEN 2 WHEN t.name = 'numeric' THEN 10 END
      AS numeric_radix,
    CASE WHEN t.name IN ('int2', 'int4', 'int8') THEN 0
      WHEN t.name = 'numeric' AND c.typmod >= 4 THEN (c.typmod - 4) % 65536 END AS numeric_scale,
    CASE WHEN t.name IN ('time', 'timetz', 'timestamp', 'timestamptz') THEN 6 END AS datetime_precision,
    coalesce(e.number, 0) AS encoding_number
  FROM (
    SELECT c.relation, c.number, c.name, c.type, c.typmod, c.not_null, c.distkey, c.sortkey, c.encode,
      CASE WHEN c.identity_seed IS NOT NULL THEN
        CASE WHEN c.by_default THEN 'default_identity' ELSE '"identity"' END || '(' || c.relation || ', ' || (c.number - 1)
          || ', ''' || c.identity_seed || ',' || c.identity_step || '''::text)'
        ELSE c."default" END AS default_text
    FROM catalog.columns c
    UNION ALL
    SELECT s.relation, s.number, s.name, s.type, s.typmod, false, false, 0, 'none', NULL FROM sys."$system_columns" s
  ) c JOIN sys."$types" t ON t.name = c.type LEFT JOIN sys."$encodings" e ON e.name = c.encode;

CREATE VIEW sys."$attributes" AS
  SELECT * FROM sys."$columns"
  UNION ALL
  SELECT c.* REPLACE (i.oid AS relation, i.place AS number, false AS not_null, NULL AS default_text, false AS distkey,
    0 AS sortkey)
  FROM (SELECT oid, relation, unnest(columns) AS number, generate_subscripts(columns, 1) AS place FROM sys."$indexes") i
    JOIN sys."$columns" c ON c.relation = i.relation AND c.number = i.number;

CREATE VIEW sys."$sizes" AS
  SELECT r.oid, z.estimated_size AS row_count, w.columns, w.width,
    CASE WHEN z.estimated_size = 0 THEN 0 ELSE greatest((w.columns + 3) * (SELECT slices FROM sys."$cluster"),
      CAST(ceil(z.estimated_size * w.width / 1048576.0) AS BIGINT)) END AS blocks
  FROM catalog.relations r
    JOIN duckdb_tables() z ON z.table_name = 't' || r.oid
      AND (CASE WHEN r.temporary THEN z.database_name = 'temp' ELSE z.schema_name = 'data' END)
    JOIN (SELECT c.relation, count(*) AS columns,
        sum(CASE WHEN t.size > 0 THEN t.size WHEN t.name = 'numeric' THEN 8 ELSE least(c.typmod - 4, 64) // 2 + 4 END) AS width
      FROM catalog.columns c JOIN sys."$types" t ON t.name = c.type GROUP BY c.relation) w ON w.relation = r.oid
  WHERE r.kind = 'table';

CREATE VIEW sys."$table_info" AS
  SELECT r.oid,
    CASE WHEN r.encode_auto THEN 'Y, AUTO(ENCODE)' WHEN c.encoded THEN 'Y' ELSE 'N' END AS encoded,
    CASE r.diststyle WHEN 'KEY' THEN 'KEY(' || c.distkey || ')' WHEN 'AUTO' THEN 'AUTO(ALL)' ELSE r.diststyle END AS diststyle,
    CASE r.sort_kind WHEN 'interleaved' THEN 'INTERLEAVED' WHEN 'auto' THEN 'AUTO(SORTKEY)' ELSE c.sortkey1 END AS sortkey1,
    c.max_varchar, c.sortkey1_enc, c.sortkey_num
  FROM catalog.relations r JOIN (
    SELECT c.relation, bool_or(c.encode <> 'none') AS encoded, any_value(c.name) FILTER (WHERE c.distkey) AS distkey,
      any_value(c.name) FILTER (WHERE abs(c.sortkey) = 1) AS sortkey1,
      any_value(c.encode) FILTER (WHERE abs(c.sortkey) = 1) AS sortkey1_enc,
      count(*) FILTER (WHERE c.sortkey <> 0) AS sortkey_num,
      coalesce(max(c.typmod - 4) FILTER (WHERE c.type = 'varchar'), 0) AS max_varchar
    FROM catalog.columns c GROUP BY c.relation) c ON c.relation = r.oid
  WHERE r.kind = 'table';

CREATE VIEW sys."$principals" AS
  SELECT u.oid, u.name, u.superuser, u.createdb, true AS login, u.connection_limit, u.valid_until, 'user' AS kind
  FROM catalog.users u
  UNION ALL SELECT g.oid, g.name, false, false, false, NULL, NULL, 'group' FROM catalog.groups g;

CREATE VIEW sys."$acl_items" AS
  SELECT a.*, coalesce(p.name, CAST(a.grantee AS VARCHAR)) AS grantee_name,
    coalesce(g.name, CAST(a.grantor AS VARCHAR)) AS grantor_name
  FROM catalog.acl a LEFT JOIN sys."$principals" p ON p.oid = a.grantee AND p.kind = a.kind
    LEFT JOIN catalog.users g ON g.oid = a.grantor;

CREATE VIEW sys."$acls" AS
  SELECT a.object_kind, a.oid, sys."$array"(list(
    CASE a.kind WHEN 'public' THEN '' WHEN 'group' THEN 'group ' || sys."$quote"(a.grantee_name)
      ELSE sys."$quote"(a.grantee_name) END || '=' ||
    array_to_string(list_transform(string_split(a.privileges, ''),
      lambda x: CASE WHEN x <> '' AND contains(a.options, x) THEN x || '*' ELSE x END), '')
    || '/' || sys."$quote"(a.grantor_name) ORDER BY a.position)) AS text
  FROM sys."$acl_items" a GROUP BY a.object_kind, a.oid;

CREATE VIEW sys."$grants" AS
  SELECT u.oid AS grantee, a.object_kind, a.oid, a.privileges, a.options FROM catalog.acl a JOIN catalog.users u
    ON a.kind = 'public' OR (a.kind = 'user' AND a.grantee = u.oid)
  UNION ALL
  SELECT g.member, a.object_kind, a.oid, a.privileges, a.options
  FROM catalog.acl a JOIN (SELECT oid, unnest(members) AS member FROM catalog.groups) g ON a.kind = 'group' AND a.grantee = g.oid;

CREATE MACRO sys."$grantee_is_me"(k, g) AS k = 'public' OR (k = 'user' AND g = sys."$user"()) OR (k = 'group' AND g IN (
  SELECT sys_g.oid FROM catalog.groups sys_g WHERE list_contains(sys_g.members, sys."$user"())));
CREATE MACRO sys."$accessible"(o, w) AS sys."$superuser"() OR w = sys."$user"() OR o < 16384 OR o IN (
  SELECT sys_g.oid FROM sys."$grants" sys_g WHERE sys_g.grantee = sys."$user"() AND sys_g.object_kind = 'relation'
    AND sys_g.privileges <> '');
CREATE MACRO sys."$schema_accessible"(o, w) AS sys."$superuser"() OR w = sys."$user"() OR o IN (
  SELECT sys_g.oid FROM sys."$grants" sys_g WHERE sys_g.grantee = sys."$user"() AND sys_g.object_kind = 'namespace'
    AND sys_g.privileges <> '');
CREATE MACRO sys."$privilege_shown"(o, w) AS sys."$accessible"(o, w);
CREATE MACRO sys."$is_here"(k, o) AS CASE k WHEN 'relation' THEN o IN (SELECT sys_r.oid FROM sys."$relations" sys_r)
  WHEN 'namespace' THEN o IN (SELECT sys_n.oid FROM sys."$namespaces" sys_n) ELSE true END;

CREATE VIEW sys."$privileges" AS
  SELECT x.object_kind, x.oid, x.schema, x.name, x.owner, x.kind, x.grantee,
    CASE x.kind WHEN 'public' THEN 'public' ELSE x.grantee_name END AS grantee_name, x.grantor,
    CASE x.letter WHEN 'r' THEN 'SELECT' WHEN 'a' THEN 'INSERT' WHEN 'w' THEN 'UPDATE' WHEN 'd' THEN 'DELETE'
      WHEN 'x' THEN 'REFERENCES' WHEN 'R' THEN 'RULE' WHEN 't' THEN 'TRIGGER' WHEN 'D' THEN 'DROP' WHEN 'A' THEN 'ALTER'
      WHEN 'P' THEN 'TRUNCATE' WHEN 'C' THEN 'CREATE' WHEN 'U' THEN 'USAGE' WHEN 'T' THEN 'TEMP' END AS privilege,
    contains(x.options, x.letter) AS grantable
  FROM (SELECT a.*, unnest(string_split(a.privileges, '')) AS letter, o.schema, o.name, o.owner
    FROM sys."$acl_items" a JOIN (
      SELECT 'relation' AS object_kind, r.oid, r.schema, r.name, r.owner FROM sys."$relations" r
      UNION ALL SELECT 'namespace', n.oid, NULL, n.name, n.owner FROM sys."$namespaces" n
      UNION ALL SELECT 'database', d.oid, NULL, d.name, d.owner FROM catalog.databases d
    ) o ON o.object_kind = a.object_kind AND o.oid = a.oid) x
  WHERE x.letter <> '';

CREATE VIEW sys."$keys" AS
  SELECT coalesce(own.oid, other.oid) AS oid, coalesce(own.primary_keys, 0) AS primary_keys,
    coalesce(own.unique_keys, 0) AS unique_keys, coalesce(own.foreign_keys, 0) AS foreign_keys,
    coalesce(other.referenced, 0) AS referenced
  FROM (SELECT k.relation AS oid, count(*) FILTER (WHERE k.kind = 'p') AS primary_keys,
      count(*) FILTER (WHERE k.kind IN ('p', 'u')) AS unique_keys, count(*) FILTER (WHERE k.kind = 'f') AS foreign_keys
    FROM catalog.constraints k GROUP BY k.relation) own
  FULL JOIN (SELECT k."references" AS oid, count(*) AS referenced FROM catalog.constraints k WHERE k.kind = 'f'
    GROUP BY k."references") other ON other.oid = own.oid;

CREATE VIEW sys."$key_columns" AS
  SELECT k.oid, k.relation, k.name, k.kind, k.place, c.name AS column_name
  FROM (SELECT oid, relation, name, kind, unnest(columns) AS number, generate_subscripts(columns, 1) AS place
    FROM catalog.constraints) k
  JOIN catalog.columns c ON c.relation = k.relation AND c.number = k.number;

CREATE VIEW sys."$constraint_texts" AS
  SELECT k.oid, CASE k.kind WHEN 'p' THEN 'PRIMARY KEY (' || own.names || ')' WHEN 'u' THEN 'UNIQUE (' || own.names || ')'
    ELSE 'FOREIGN KEY (' || own.names || ') REFERENCES ' || sys."$quote"(n.name) || '.' || sys."$quote"(r.name)
      || '(' || other.names || ')' END AS text
  FROM catalog.constraints k
    JOIN (SELECT c.oid, string_agg(sys."$quote"(c.column_name), ', ' ORDER BY c.place) AS names
      FROM sys."$key_columns" c GROUP BY c.oid) own ON own.oid = k.oid
    LEFT JOIN catalog.relations r ON r.oid = k."references" LEFT JOIN catalog.namespaces n ON n.oid = r.namespace
    LEFT JOIN (SELECT f.oid, string_agg(sys."$quote"(c.name), ', ' ORDER BY f.place) AS names
      FROM (SELECT oid, "references" AS relation, unnest(referenced_columns) AS number,
          generate_subscripts(referenced_columns, 1) AS place FROM catalog.constraints WHERE kind = 'f') f
      JOIN catalog.columns c ON c.relation = f.relation AND c.number = f.number GROUP BY f.oid) other ON other.oid = k.oid;

CREATE VIEW sys."$depends" AS
  SELECT true AS rule, sys."$rule"(d.view) AS object, d.relation AS referenced, d.number, 'n' AS kind FROM catalog.dependencies d
    JOIN sys."$relations" r ON r.oid = d.view
  UNION ALL
  SELECT true, sys."$rule"(r.oid), r.oid, 0, 'i' FROM sys."$relations" r WHERE r.relkind = 'v' AND r.oid >= 16384
  UNION ALL
  SELECT false, k.oid, k.relation, 0, 'a' FROM catalog.constraints k JOIN sys."$relations" r ON r.oid = k.relation
  UNION ALL
  SELECT false, k.oid, k."references", 0, 'n' FROM catalog.constraints k JOIN sys."$relations" r ON r.oid = k.relation
    WHERE k.kind = 'f';

CREATE VIEW sys."$visible" AS
  SELECT x.oid, x.name FROM (
    SELECT r.oid, r.name, row_number() OVER (PARTITION BY r.name ORDER BY list_position(sys."$path"(), r.schema)) AS place
    FROM sys."$classes" r WHERE list_contains(sys."$path"(), r.schema)) x
  WHERE x.place = 1;

CREATE VIEW sys."$names" AS
  SELECT r.schema || chr(1) || r.name AS key, r.oid FROM sys."$relations" r
  UNION ALL SELECT v.name, v.oid FROM sys."$visible" v;

CREATE VIEW sys."$index_texts" AS
  SELECT i.oid, 'CREATE UNIQUE INDEX ' || sys."$quote"(i.name) || ' ON ' || sys."$quote"(i.schema) || '.'
    || sys."$quote"(i.table_name) || ' USING btree (' || c.names || ')' AS text
  FROM sys."$indexes" i JOIN (SELECT k.oid, string_agg(sys."$quote"(k.column_name), ', ' ORDER BY k.place) AS names
    FROM sys."$key_columns" k GROUP BY k.oid) c ON sys."$rule"(c.oid) = i.oid;

CREATE MACRO sys."$definition"(o) AS (
  SELECT CASE WHEN sys_v.late_binding THEN 'create view ' || sys."$quote"(sys_n.name) || '.' || sys."$quote"(sys_v.name)
      || ' as ' || rtrim(sys_v.definition, '; ' || chr(10)) || ' with no schema binding;'
    ELSE rtrim(coalesce(sys_v.definition, sys_v.view), '; ' || chr(10)) || ';' END
  FROM catalog.relations sys_v JOIN catalog.namespaces sys_n ON sys_n.oid = sys_v.namespace
  WHERE sys_v.oid = o AND sys_v.kind = 'view');
"""
