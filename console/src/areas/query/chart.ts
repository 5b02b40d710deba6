/** A result as series of a chart: which columns are numbers, what stands along the x axis. */
import type { ColumnMetadata } from "@aws-sdk/client-redshift-data";
import type { Value } from "../../shared/dataApi";

export type Shape = "bar" | "line" | "area" | "pie";
export type XKind = "number" | "time" | "text";

const NUMERIC = /^(?:int|float|numeric)/;
const TIME = /^(?:date|timestamp)/;
/** Rows that a chart shows; more cannot be told apart. */
export const MOST = 1000;

export function isNumeric(column: ColumnMetadata): boolean {
  return NUMERIC.test(column.typeName ?? "");
}

export function kindOf(column: ColumnMetadata): XKind {
  if (isNumeric(column)) return "number";
  return TIME.test(column.typeName ?? "") ? "time" : "text";
}

/** What a chart of these columns shows at first: the first column that is no number, or the first, against the other numbers. */
export function suggested(columns: readonly ColumnMetadata[]): { x: number; ys: number[]; shape: Shape } | undefined {
  const numbers = columns.flatMap((column, index) => (isNumeric(column) ? [index] : []));
  if (numbers.length === 0) return undefined;
  const named = columns.findIndex((column) => !isNumeric(column));
  const x = named >= 0 ? named : 0;
  const ys = numbers.filter((index) => index !== x).slice(0, 3);
  return { x, ys: ys.length ? ys : [numbers[0]!], shape: kindOf(columns[x]!) === "text" ? "bar" : "line" };
}

export type Point = { x: number | string | Date; y: number };

function xOf(value: Value, kind: XKind): number | string | Date | undefined {
  if (kind === "text") return value === null ? "NULL" : String(value);
  if (value === null) return undefined;
  if (kind === "number") return Number(value);
  const at = new Date(String(value).replace(" ", "T"));
  return Number.isNaN(at.getTime()) ? undefined : at;
}

/** A column against another; points without a value are left out, those of a number or time axis are in order. */
export function points(rows: readonly Value[][], x: number, y: number, kind: XKind): Point[] {
  const found = rows.flatMap<Point>((row) => {
    const at = xOf(row[x] ?? null, kind);
    const value = row[y] === null || row[y] === undefined ? Number.NaN : Number(row[y]);
    return at === undefined || Number.isNaN(value) ? [] : [{ x: at, y: value }];
  });
  return kind === "text" ? found : found.sort((a, b) => Number(a.x) - Number(b.x));
}
