/** What a database has: databases, schemas, tables and columns by the Data API, and their names for completion. */
import {
  DescribeTableCommand,
  ListDatabasesCommand,
  ListSchemasCommand,
  ListTablesCommand,
  RedshiftDataClient,
  type ColumnMetadata,
  type TableMember,
} from "@aws-sdk/client-redshift-data";
import { client } from "../../shared/clients";
import { whereOf, type Target } from "../../shared/dataApi";

export const SYSTEM = /^(?:pg_|information_schema$)/;
const SCHEMAS_WITH_COLUMNS = 20;
const PAGES = 10; // of a thousand names

function asked(target: Target, database: string) {
  return whereOf({ ...target, database });
}

async function all<T>(page: (token: string | undefined) => Promise<{ items: T[]; next?: string }>, pages = PAGES): Promise<T[]> {
  const found: T[] = [];
  let token: string | undefined;
  for (let count = 0; count < pages; count += 1) {
    const got = await page(token);
    found.push(...got.items);
    token = got.next;
    if (!token) break;
  }
  return found;
}

export function databases(target: Target, signal?: AbortSignal): Promise<string[]> {
  return all(async (NextToken) => {
    const got = await client(RedshiftDataClient).send(new ListDatabasesCommand({ ...asked(target, target.database), NextToken }), { abortSignal: signal });
    return { items: got.Databases ?? [], next: got.NextToken };
  });
}

export function schemas(target: Target, database: string, signal?: AbortSignal): Promise<string[]> {
  return all(async (NextToken) => {
    const got = await client(RedshiftDataClient).send(new ListSchemasCommand({ ...asked(target, database), NextToken }), { abortSignal: signal });
    return { items: got.Schemas ?? [], next: got.NextToken };
  });
}

export function tables(target: Target, database: string, schema: string, signal?: AbortSignal): Promise<TableMember[]> {
  return all(async (NextToken) => {
    const SchemaPattern = schema.replace(/[\\%_]/g, "\\$&");
    const got = await client(RedshiftDataClient).send(new ListTablesCommand({ ...asked(target, database), SchemaPattern, NextToken }), { abortSignal: signal });
    return { items: (got.Tables ?? []).filter((one) => one.schema === schema), next: got.NextToken };
  });
}

/** Of a table, or of all tables of a schema. */
export function columns(target: Target, database: string, schema: string, table?: string, signal?: AbortSignal): Promise<ColumnMetadata[]> {
  return all(async (NextToken) => {
    const input = { ...asked(target, database), Schema: schema, Table: table, NextToken };
    const got = await client(RedshiftDataClient).send(new DescribeTableCommand(input), { abortSignal: signal });
    return { items: got.ColumnList ?? [], next: got.NextToken };
  });
}

/** A type as SQL writes it. */
export function typeOf(column: ColumnMetadata): string {
  const names: Record<string, string> = {
    int2: "smallint", int4: "integer", int8: "bigint", float4: "real", float8: "double precision", bpchar: "char", bool: "boolean",
  }; // prettier-ignore
  const name = names[column.typeName ?? ""] ?? column.typeName ?? "";
  if (/char|varbyte/.test(name)) {
    // a table's columns say it as their length, a result's as their precision
    const length = column.length || column.precision || 0;
    return length > 0 && length < 2 ** 24 ? `${name}(${length})` : name;
  }
  if (name === "numeric") return `numeric(${column.precision},${column.scale})`;
  return name;
}

export const WORDS = new Set(
  ("all and any array as asc authorization between binary both by case cast check collate column constraint create cross current_date " +
    "current_time current_timestamp current_user default deferrable deflate defrag delta desc disable distinct do else emptyasnull enable " +
    "encode encrypt end except explicit false for foreign freeze from full grant group having identity ignore ilike in initially inner " +
    "intersect into is isnull join language leading left like limit localtime localtimestamp minus natural new not notnull null nulls off " +
    "offline offset oid old on only open or order outer overlaps parallel partition percent permissions pivot placing primary references " +
    "respect restore right select session_user similar snapshot some sysdate system table tag then timestamp to top trailing true truncatecolumns " +
    "union unique unpivot user using verbose wallet when where with without").split(" "),
);

/** A name as SQL writes it: quoted where it must be. */
export function identifier(name: string): string {
  return /^[a-z_][a-z0-9_$]*$/.test(name) && !WORDS.has(name) ? name : `"${name.replaceAll('"', '""')}"`;
}

export function qualified(schema: string, table: string): string {
  return schema === "public" || schema === "" ? identifier(table) : `${identifier(schema)}.${identifier(table)}`;
}

/** Names for completion: schemas -> tables -> columns. System tables come without their columns. */
export type Names = Record<string, Record<string, string[]>>;

export async function names(target: Target, signal?: AbortSignal): Promise<Names> {
  const found: Names = {};
  const list = await schemas(target, target.database, signal);
  for (const schema of list.slice(0, SCHEMAS_WITH_COLUMNS)) {
    const own: Record<string, string[]> = {};
    for (const table of await tables(target, target.database, schema, signal)) own[table.name ?? ""] = [];
    if (!SYSTEM.test(schema) && Object.keys(own).length > 0) {
      for (const column of await columns(target, target.database, schema, undefined, signal)) {
        (own[column.tableName ?? ""] ??= []).push(column.name ?? "");
      }
    }
    found[schema] = own;
  }
  return found;
}
