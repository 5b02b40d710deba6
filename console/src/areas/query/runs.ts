/** Statements that the editor runs: they go on, and their results stay, while another tab or screen is shown. */
import type { DescribeStatementCommandOutput } from "@aws-sdk/client-redshift-data";
import { useSyncExternalStore } from "react";
import { current } from "../../session/store";
import { execute, StatementError, type Target } from "../../shared/dataApi";
import type { Statement } from "./statements";

export type RunState = "waiting" | "running" | "finished" | "failed" | "cancelled";

export interface Run {
  key: string;
  tab: string;
  target: Target;
  sql: string;
  /** Where the statement stood in the editor's text when it was run. */
  from: number;
  state: RunState;
  started: number;
  ended?: number;
  id?: string;
  described?: DescribeStatementCommandOutput;
  error?: unknown;
}

const KEEP_SECONDS = 1800;

let owner = "";
let runs: Run[] = [];
let count = 0;
const listeners = new Set<() => void>();
const aborts = new Map<string, AbortController>();
const sessions = new Map<string, { target: string; id: string }>();

function change(next: Run[]): void {
  runs = next;
  for (const listener of listeners) listener();
}

function update(key: string, part: Partial<Run>): void {
  change(runs.map((one) => (one.key === key ? { ...one, ...part } : one)));
}

/** What ran is the identity's that ran it: nothing of it stays for the next. */
function mine(): void {
  const now = current().session?.arn ?? "";
  if (owner === now) return;
  owner = now;
  sessions.clear();
  change([]);
}

export function useRuns(tab: string): Run[] {
  const all = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => runs,
  );
  return owner === (current().session?.arn ?? "") ? all.filter((one) => one.tab === tab) : [];
}

function isGone(error: unknown): boolean {
  const { name = "", message = "" } = error as Error;
  return /ResourceNotFound|Validation/.test(name) && /session/i.test(message) && !/busy/i.test(message);
}

async function runOne(run: Run, signal: AbortSignal, kept: boolean): Promise<DescribeStatementCommandOutput> {
  const where = JSON.stringify(run.target);
  const known = sessions.get(run.tab);
  const id = kept && known?.target === where ? known.id : undefined;
  const onState = (seen: { id: string; described?: DescribeStatementCommandOutput }) => {
    const session = seen.described?.SessionId;
    if (kept && session) sessions.set(run.tab, { target: where, id: session });
    update(run.key, seen);
  };
  try {
    return await execute(run.target, run.sql, { signal, onState, session: kept ? { id, keepSeconds: KEEP_SECONDS } : undefined });
  } catch (error) {
    if (!id || !isGone(error)) throw error;
    // the session was not used for long: a new one
    sessions.delete(run.tab);
    return execute(run.target, run.sql, { signal, onState, session: { keepSeconds: KEEP_SECONDS } });
  }
}

/** Run statements one after the other, up to the first that fails; the tab's earlier results go. True: all went well. */
export async function runAll(tab: string, target: Target, statements: Statement[], kept: boolean): Promise<boolean> {
  mine();
  aborts.get(tab)?.abort();
  const abort = new AbortController();
  aborts.set(tab, abort);
  const made = statements.map<Run>(({ text, from }) => ({
    key: `run-${++count}`,
    tab,
    target,
    sql: text,
    from,
    state: "waiting",
    started: Date.now(),
  }));
  change([...runs.filter((one) => one.tab !== tab), ...made]);
  for (const run of made) {
    update(run.key, { state: "running", started: Date.now() });
    try {
      const described = await runOne(run, abort.signal, kept);
      update(run.key, { state: "finished", ended: Date.now(), id: described.Id, described });
    } catch (error) {
      const cancelled = abort.signal.aborted || (error instanceof StatementError && error.aborted);
      update(run.key, { state: cancelled ? "cancelled" : "failed", ended: Date.now(), error });
      const left = new Set(made.filter((one) => one !== run).map((one) => one.key));
      change(runs.filter((one) => !(left.has(one.key) && one.state === "waiting")));
      return false;
    }
  }
  return true;
}

export function cancelRuns(tab: string): void {
  aborts.get(tab)?.abort();
}

/** The tab was closed: what runs there is cancelled. */
export function forget(tab: string): void {
  cancelRuns(tab);
  aborts.delete(tab);
  sessions.delete(tab);
  change(runs.filter((one) => one.tab !== tab));
}
