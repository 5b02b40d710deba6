/** SQL text as statements: where each begins and ends, and which one the cursor is in. */

export interface Statement {
  text: string;
  /** Where its first character is in the whole text; `to` is after its last, before the semicolon. */
  from: number;
  to: number;
}

const DOLLAR = /\$(?:[A-Za-z_][A-Za-z_0-9]*)?\$/y;

/** After the quoted text, comment or dollar quote that begins at `at`; `at` itself where none begins. */
function skip(sql: string, at: number): number {
  const one = sql[at];
  const two = sql.slice(at, at + 2);
  if (one === "'" || one === '"') {
    let end = at + 1;
    while (end < sql.length) {
      // a backslash takes the next character in literals (as PostgreSQL 8.0 has it), not in names
      if (one === "'" && sql[end] === "\\") end += 2;
      else if (sql[end] !== one) end += 1;
      else if (sql[end + 1] === one) end += 2;
      else return end + 1;
    }
    return sql.length;
  }
  if (two === "--") {
    const end = sql.indexOf("\n", at);
    return end < 0 ? sql.length : end;
  }
  if (two === "/*") {
    let depth = 0;
    for (let end = at; end < sql.length; ) {
      const here = sql.slice(end, end + 2);
      if (here === "/*") depth += 1;
      if (here === "*/") depth -= 1;
      end += here === "/*" || here === "*/" ? 2 : 1;
      if (depth === 0) return end;
    }
    return sql.length;
  }
  if (one === "$") {
    DOLLAR.lastIndex = at;
    const tag = DOLLAR.exec(sql)?.[0];
    if (tag) {
      const end = sql.indexOf(tag, at + tag.length);
      return end < 0 ? sql.length : end + tag.length;
    }
  }
  return at;
}

function isComment(sql: string, at: number): boolean {
  const two = sql.slice(at, at + 2);
  return two === "--" || two === "/*";
}

/** The statements of a text; what is only comments or space is none. */
export function split(sql: string): Statement[] {
  const found: Statement[] = [];
  let start = -1;
  let meant = false;
  const close = (end: number) => {
    if (start >= 0 && meant) {
      const text = sql.slice(start, end).trimEnd();
      found.push({ text, from: start, to: start + text.length });
    }
    start = -1;
    meant = false;
  };
  let at = 0;
  while (at < sql.length) {
    if (sql[at] === ";") {
      close(at);
      at += 1;
      continue;
    }
    const space = /\s/.test(sql[at]!);
    if (start < 0 && !space) start = at;
    const after = skip(sql, at);
    if (!space && !(after > at && isComment(sql, at))) meant = true;
    at = after > at ? after : at + 1;
  }
  close(sql.length);
  return found;
}

/** The statement at a place: the one it is in; between two, the one before on the same line, else the one after, else the last. */
export function statementAt(sql: string, place: number): Statement | undefined {
  const all = split(sql);
  const inside = all.find((one) => one.from <= place && place <= one.to);
  if (inside) return inside;
  const before = all.filter((one) => one.to < place).at(-1);
  const after = all.find((one) => one.from > place);
  if (before && (!after || !sql.slice(before.to, place).includes("\n"))) return before;
  return after ?? before;
}

const CHANGES = /^\s*(?:create|drop|alter|rename|truncate)\b/i;

/** Whether a statement may change what the catalog shows. */
export function changesCatalog(sql: string): boolean {
  return CHANGES.test(sql.replace(/^(?:\s+|--[^\n]*\n|\/\*[\s\S]*?\*\/)*/, ""));
}

const SECRET = /\b(secret_access_key|session_token|token|access_key_id|master_symmetric_key|password)(\s+(?:as\s+)?)'(?:[^'\\]|\\.|'')*'/gi;
const INSIDE = /(aws_secret_access_key|aws_access_key_id|master_symmetric_key|token)=[^;']*/gi;

/** A statement's text for showing: keys and passwords are replaced by ***. */
export function redacted(sql: string): string {
  return sql.replace(SECRET, "$1$2'***'").replace(INSIDE, "$1=***");
}
