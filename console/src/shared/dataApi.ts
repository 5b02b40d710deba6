/** Statements through the Data API: run, wait, read the result by pages. */
import {
  CancelStatementCommand,
  DescribeStatementCommand,
  ExecuteStatementCommand,
  GetStatementResultCommand,
  RedshiftDataClient,
  type ColumnMetadata,
  type DescribeStatementCommandOutput,
  type Field,
  type SqlParameter,
} from "@aws-sdk/client-redshift-data";
import { useCallback, useRef, useState } from "react";
import { client } from "./clients";

/** Where and as whom. Without dbUser and secretArn: as the IAM identity's own database user. */
export interface Target {
  clusterIdentifier?: string;
  workgroupName?: string;
  database: string;
  dbUser?: string;
  secretArn?: string;
}

/** A statement that the cluster refused or that failed; `message` is the cluster's. */
export class StatementError extends Error {
  override name = "";
  constructor(
    message: string,
    readonly id: string,
    readonly aborted: boolean,
  ) {
    super(message);
  }
}

/** A target as the Data API's operations take it. */
export function whereOf(target: Target) {
  return {
    ClusterIdentifier: target.clusterIdentifier,
    WorkgroupName: target.workgroupName,
    Database: target.database,
    DbUser: target.dbUser || undefined,
    SecretArn: target.secretArn || undefined,
  };
}

export type Value = string | number | boolean | null;

export interface ResultPage {
  columns: ColumnMetadata[];
  rows: Value[][];
  next?: string | undefined;
  total?: number;
}

export interface RunOptions {
  signal?: AbortSignal;
  parameters?: SqlParameter[];
  /** A session of the Data API, which keeps temporary tables and transactions between statements: one that is there, or a new one. */
  session?: { id?: string; keepSeconds: number };
  /** Called as soon as the statement has an id, and at each look at its state. */
  onState?: (state: { id: string; described?: DescribeStatementCommandOutput }) => void;
}

export function fieldValue(field: Field): Value {
  if (field.isNull) return null;
  return field.stringValue ?? field.longValue ?? field.doubleValue ?? field.booleanValue ?? (field.blobValue ? hex(field.blobValue) : null);
}

function hex(blob: Uint8Array): string {
  return [...blob].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Run one statement and wait for its end; its description. An aborted signal cancels it on the cluster, too. */
export async function execute(target: Target, sql: string, options: RunOptions = {}): Promise<DescribeStatementCommandOutput> {
  const data = client(RedshiftDataClient);
  const { signal, parameters, onState, session } = options;
  const begun = await data.send(
    new ExecuteStatementCommand({
      Sql: sql,
      Parameters: parameters?.length ? parameters : undefined,
      // a session knows where it is
      ...(session?.id ? { SessionId: session.id } : whereOf(target)),
      ...(session ? { SessionKeepAliveSeconds: session.keepSeconds } : {}),
    }),
    { abortSignal: signal },
  );
  const id = begun.Id!;
  onState?.({ id });
  for (let pause = 25; ; pause = Math.min(pause * 1.6, 1000)) {
    if (signal?.aborted) {
      await cancel(id);
      await ended(id);
      throw new StatementError("The statement was cancelled.", id, true);
    }
    await new Promise((resolve) => setTimeout(resolve, pause));
    const described = await data.send(new DescribeStatementCommand({ Id: id }));
    onState?.({ id, described });
    if (described.Status === "FINISHED") return described;
    if (described.Status === "FAILED" || described.Status === "ABORTED") {
      throw new StatementError(described.Error || `The statement ended as ${described.Status}.`, id, described.Status === "ABORTED");
    }
  }
}

const CANCEL_SECONDS = 5;

/** Wait until a cancelled statement has let go of its session, for as long as one may wait for it. */
async function ended(id: string): Promise<void> {
  const until = Date.now() + CANCEL_SECONDS * 1000;
  while (Date.now() < until) {
    const { Status } = await client(RedshiftDataClient).send(new DescribeStatementCommand({ Id: id }));
    if (Status === "ABORTED" || Status === "FAILED" || Status === "FINISHED") return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** Cancel a statement; one that has ended meanwhile is no error. */
export async function cancel(id: string): Promise<void> {
  try {
    await client(RedshiftDataClient).send(new CancelStatementCommand({ Id: id }));
  } catch (error) {
    if ((error as Error).name !== "ValidationException") throw error;
  }
}

/** A page of a finished statement's result. */
export async function resultPage(id: string, token?: string, signal?: AbortSignal): Promise<ResultPage> {
  const got = await client(RedshiftDataClient).send(new GetStatementResultCommand({ Id: id, NextToken: token }), { abortSignal: signal });
  return {
    columns: got.ColumnMetadata ?? [],
    rows: (got.Records ?? []).map((record) => record.map(fieldValue)),
    next: got.NextToken,
    total: got.TotalNumRows,
  };
}

/** The rows of a query as objects by column name: for small results, such as of system relations. */
export async function query<T = Record<string, Value>>(target: Target, sql: string, options: RunOptions & { limit?: number } = {}): Promise<T[]> {
  const described = await execute(target, sql, options);
  if (!described.HasResultSet) return [];
  const found: T[] = [];
  let token: string | undefined;
  do {
    const page = await resultPage(described.Id!, token, options.signal);
    for (const row of page.rows) {
      found.push(Object.fromEntries(page.columns.map((column, index) => [column.name ?? "", row[index] ?? null])) as T);
    }
    token = page.next;
  } while (token && found.length < (options.limit ?? 10_000));
  return found;
}

export interface Running {
  running: boolean;
  id?: string;
  described?: DescribeStatementCommandOutput;
  error?: unknown;
}

/** A statement in a component: run, state, cancel. The state outlives the run, for showing what came. */
export function useStatement() {
  const [state, setState] = useState<Running>({ running: false });
  const abort = useRef<AbortController | null>(null);
  const run = useCallback(async (target: Target, sql: string, parameters?: SqlParameter[]) => {
    abort.current?.abort();
    const mine = new AbortController();
    abort.current = mine;
    setState({ running: true });
    try {
      const described = await execute(target, sql, {
        signal: mine.signal,
        parameters,
        onState: (seen) => {
          if (abort.current === mine) setState({ running: true, ...seen });
        },
      });
      if (abort.current === mine) setState({ running: false, id: described.Id, described });
      return described;
    } catch (error) {
      if (abort.current === mine) setState((old) => ({ ...old, running: false, error }));
      return null;
    }
  }, []);
  const stop = useCallback(() => abort.current?.abort(), []);
  return { ...state, run, stop };
}
