/** Data of the APIs in a component: loading, errors, refreshing, polling, pages. */
import { useCallback, useEffect, useRef, useState } from "react";

export interface Loaded<T> {
  data: T | undefined;
  error: unknown;
  loading: boolean;
  refresh: () => void;
}

export interface LoadOptions<T> {
  /** Milliseconds until the next look; undefined: none. */
  poll?: (data: T) => number | undefined;
  /** False: do not load yet. */
  when?: boolean;
}

const AFTER_ERROR = 5000;

/** Load at mounting and when `deps` change; what an older load brings is dropped. Data stays while it is refreshed. */
export function useAws<T>(
  load: (signal: AbortSignal) => Promise<T>,
  deps: readonly unknown[],
  { poll, when = true }: LoadOptions<T> = {},
): Loaded<T> {
  const [state, setState] = useState<{ data?: T; error?: unknown; loading: boolean }>({ loading: when });
  const [turn, setTurn] = useState(0);
  const latest = useRef({ load, poll });
  latest.current = { load, poll };
  const key = useChanges(deps);

  useEffect(() => setState((old) => ({ ...old, data: undefined, error: undefined })), [key]);
  useEffect(() => {
    if (!when) return setState((old) => ({ ...old, loading: false }));
    const abort = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    let seen = false;
    const run = async (): Promise<void> => {
      try {
        const data = await latest.current.load(abort.signal);
        if (abort.signal.aborted) return;
        seen = true;
        setState({ data, error: undefined, loading: false });
        const wait = latest.current.poll?.(data);
        if (wait !== undefined) timer = setTimeout(() => void run(), wait);
      } catch (error) {
        if (abort.signal.aborted) return;
        setState((old) => ({ ...old, error, loading: false }));
        // what is watched is watched on: a gateway that restarts comes back
        if (latest.current.poll && seen) timer = setTimeout(() => void run(), AFTER_ERROR);
      }
    };
    setState((old) => ({ ...old, loading: true }));
    void run();
    return () => {
      abort.abort();
      clearTimeout(timer);
    };
  }, [key, turn, when]);

  const refresh = useCallback(() => setTurn((old) => old + 1), []);
  return { data: state.data, error: state.error, loading: state.loading, refresh };
}

export interface Page<T> {
  items: T[];
  next?: string | undefined;
}

export interface Pages<T> {
  items: T[];
  error: unknown;
  loading: boolean;
  /** All pages are there. */
  complete: boolean;
  /** Load on beyond `limit`. */
  more: () => void;
  refresh: () => void;
}

/**
 * A list that comes by pages: shown as they come, up to `limit` items, and further when `more` is called.
 * `usePages(async (token, signal) => { const got = await client(IAMClient).send(...); return { items, next } }, [])`
 */
export function usePages<T>(
  page: (token: string | undefined, signal: AbortSignal) => Promise<Page<T>>,
  deps: readonly unknown[],
  { limit = 2000, when = true }: { limit?: number; when?: boolean } = {},
): Pages<T> {
  const start = { items: [] as T[], error: undefined as unknown, loading: when, complete: false };
  const [state, setState] = useState(start);
  const [turn, setTurn] = useState(0);
  const [wanted, setWanted] = useState(limit);
  const at = useRef<{ key: string; token: string | undefined; items: T[] }>({ key: "", token: undefined, items: [] });
  const latest = useRef(page);
  latest.current = page;
  const key = useChanges(deps);

  useEffect(() => {
    if (!when) return setState((old) => ({ ...old, loading: false }));
    const abort = new AbortController();
    const mine = `${key} ${turn}`;
    const fresh = at.current.key !== mine;
    if (fresh) at.current = { key: mine, token: undefined, items: [] };
    setState((old) => ({ ...old, error: undefined, loading: true }));
    void (async () => {
      try {
        let first = fresh;
        while (first || (at.current.token !== undefined && at.current.items.length < wanted)) {
          first = false;
          const got = await latest.current(at.current.token, abort.signal);
          if (abort.signal.aborted) return;
          at.current = { key: mine, token: got.next || undefined, items: [...at.current.items, ...got.items] };
          const complete = at.current.token === undefined;
          setState({ items: at.current.items, error: undefined, loading: !complete && at.current.items.length < wanted, complete });
        }
        setState((old) => ({ ...old, loading: false }));
      } catch (error) {
        if (!abort.signal.aborted) {
          setState({ items: at.current.items, error, loading: false, complete: true });
          at.current.key = "";
        }
      }
    })();
    return () => abort.abort();
  }, [key, turn, wanted, when]);

  const more = useCallback(() => setWanted((old) => Math.max(old, at.current.items.length) + limit), [limit]);
  const refresh = useCallback(() => setTurn((old) => old + 1), []);
  return { ...state, more, refresh };
}

/** A string that changes when the dependencies do: they are plain values (names, regions, filters). */
function useChanges(deps: readonly unknown[]): string {
  return JSON.stringify(deps);
}

/** An action (create, delete ...) with its progress and its error; `run` resolves to whether it was done. */
export function useAction<A extends unknown[]>(act: (...args: A) => Promise<unknown>) {
  const [state, setState] = useState<{ running: boolean; error?: unknown }>({ running: false });
  const latest = useRef(act);
  latest.current = act;
  const run = useCallback(async (...args: A): Promise<boolean> => {
    setState({ running: true });
    try {
      await latest.current(...args);
      setState({ running: false });
      return true;
    } catch (error) {
      setState({ running: false, error });
      return false;
    }
  }, []);
  const clear = useCallback(() => setState({ running: false }), []);
  return { ...state, run, clear };
}
