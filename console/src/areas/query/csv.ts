/** A result as CSV (RFC 4180): NULL is an empty field, an empty text is "". */
import type { Value } from "../../shared/dataApi";

export function csvField(value: Value): string {
  if (value === null) return "";
  const text = String(value);
  return text === "" || /[",\r\n]/.test(text) || text !== text.trim() ? `"${text.replaceAll('"', '""')}"` : text;
}

export function csvLine(values: readonly Value[]): string {
  // a line of one NULL would be a blank line, which readers skip
  return `${values.length === 1 && values[0] === null ? '""' : values.map(csvField).join(",")}\r\n`;
}
