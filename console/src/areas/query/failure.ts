/** The error of a statement as the Data API gives it: one text of message, detail, hint and position, taken apart. */

export interface Failure {
  severity: string;
  message: string;
  /** The cluster's own code, e.g. 8001; of errors that the engine raises. */
  code?: string;
  detail?: string;
  hint?: string;
  /** The engine's block in the detail, by its keys: context, query, location, process. */
  engine: [string, string][];
  /** In the statement, counted from 0. */
  position?: number;
}

const PART = /\n\s{0,4}(Detail|Hint|Position):[ \t]?/;
const RULE = /^-{10,}$/;
const ENTRY = /^(error|code|context|query|location|process):\s*(.*)$/;

export function parseFailure(text: string): Failure {
  const [head = "", ...rest] = text.trim().split(PART);
  const severity = /^(ERROR|FATAL|PANIC):\s*/.exec(head);
  const found: Failure = { severity: severity?.[1] ?? "ERROR", message: head.slice(severity?.[0].length ?? 0).trim(), engine: [] };
  for (let index = 0; index + 1 < rest.length; index += 2) {
    const value = (rest[index + 1] ?? "").trim();
    if (rest[index] === "Hint") found.hint = value;
    else if (rest[index] === "Position") {
      if (/^\d+$/.test(value)) found.position = Number(value) - 1;
    } else readDetail(found, value);
  }
  return found;
}

function readDetail(found: Failure, text: string): void {
  const lines = text.split("\n").map((line) => line.trim());
  if (!lines.some((line) => RULE.test(line))) {
    found.detail = text || undefined;
    return;
  }
  const own: string[] = [];
  let last: [string, string] | undefined;
  for (const line of lines) {
    if (line === "" || RULE.test(line)) continue;
    const entry = ENTRY.exec(line);
    if (entry) {
      last = [entry[1]!, entry[2]!.trim()];
      found.engine.push(last);
    } else if (last) last[1] = `${last[1]}\n${line}`.trim();
    else own.push(line);
  }
  found.code = found.engine.find(([key]) => key === "code")?.[1] || undefined;
  // the message again, and the code that stands elsewhere: nothing new
  found.engine = found.engine.filter(([key, value]) => value !== "" && value !== ":0" && key !== "code" && !(key === "error" && value === found.message));
  found.detail = own.join("\n") || undefined;
}

const PLACE = /at line (\d+), column (\d+)/;
const NAMED = /(?:relation|column|table|schema|function|type|database|at or near|nonexistent table) "?([\w.$]+)/;

/** What part of the statement an error is about: the token at its position, else where the name that it tells stands. */
export function marked(sql: string, failure: Failure): { from: number; to: number } | undefined {
  let from = failure.position;
  const place = PLACE.exec(failure.message);
  if (from === undefined && place) {
    const lines = sql.split("\n").slice(0, Number(place[1]) - 1);
    from = lines.reduce((sum, line) => sum + line.length + 1, 0) + Number(place[2]) - 1;
  }
  if (from === undefined) {
    const name = NAMED.exec(failure.message)?.[1];
    if (!name) return undefined;
    const found = new RegExp(`(?<![\\w$])${name.replace(/[.$]/g, "\\$&")}(?![\\w$])`, "i").exec(sql);
    if (!found) return undefined;
    return { from: found.index, to: found.index + name.length };
  }
  if (from > sql.length) return undefined;
  if (from === sql.length) return { from: Math.max(0, from - 1), to: from };
  const token = /^(?:"[^"]*"|'(?:[^']|'')*'|[\w$]+|.)/s.exec(sql.slice(from))?.[0] ?? "";
  return { from, to: Math.min(sql.length, from + Math.max(1, token.length)) };
}
