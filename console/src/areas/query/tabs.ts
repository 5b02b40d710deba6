/** The editor's tabs: their SQL and names, kept in this browser tab's session. */

export interface EditorTab {
  id: string;
  title: string;
  sql: string;
}

export interface Tabs {
  tabs: EditorTab[];
  active: string;
}

const KEY = "slipher.query.tabs";
const LARGEST = 1_000_000; // characters that are kept: sessionStorage has a few megabytes for all

function fresh(tabs: readonly EditorTab[], sql = "", title?: string): EditorTab {
  const numbers = tabs.map((one) => Number(/^Query (\d+)$/.exec(one.title)?.[1] ?? 0));
  return { id: crypto.randomUUID(), title: title ?? `Query ${Math.max(0, ...numbers) + 1}`, sql };
}

export function stored(): Tabs {
  try {
    const kept = JSON.parse(sessionStorage.getItem(KEY) ?? "null") as Tabs | null;
    if (kept?.tabs.length) return kept;
  } catch {
    // what cannot be read is as if it were not there
  }
  const first = fresh([]);
  return { tabs: [first], active: first.id };
}

export function store(state: Tabs): void {
  const small = state.tabs.map((one) => ({ ...one, sql: one.sql.length > LARGEST ? "" : one.sql }));
  try {
    sessionStorage.setItem(KEY, JSON.stringify({ ...state, tabs: small }));
  } catch {
    // full: the texts stay in memory
  }
}

/** One more tab, which becomes the active one; an empty active tab is taken instead. */
export function opened(state: Tabs, sql = "", title?: string): Tabs {
  const active = state.tabs.find((one) => one.id === state.active);
  if (sql && active && !active.sql.trim()) return edited(state, active.id, { sql, ...(title ? { title } : {}) });
  const tab = fresh(state.tabs, sql, title);
  return { tabs: [...state.tabs, tab], active: tab.id };
}

export function closed(state: Tabs, id: string): Tabs {
  const place = state.tabs.findIndex((one) => one.id === id);
  const left = state.tabs.filter((one) => one.id !== id);
  if (left.length === 0) return opened({ tabs: [], active: "" });
  const active = state.active === id ? left[Math.min(place, left.length - 1)]!.id : state.active;
  return { tabs: left, active };
}

export function edited(state: Tabs, id: string, part: Partial<EditorTab>): Tabs {
  return { ...state, tabs: state.tabs.map((one) => (one.id === id ? { ...one, ...part } : one)) };
}

/** From another screen: open this text in the editor. The editor takes it up when it is shown. */
export function openInEditor(sql: string, title?: string): void {
  store(opened(stored(), sql, title));
}
