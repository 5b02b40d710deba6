/** Loading in components: what is shown when, and what is dropped. */
import { act, cleanup, renderHook, waitFor } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";
import { useAction, useAws, usePages, type Page } from "./useAws";

afterEach(() => {
  cleanup();
  vi.useRealTimers();
});

test("loading, then data; refreshing keeps the data meanwhile", async () => {
  let count = 0;
  const { result } = renderHook(() => useAws(async () => ++count, []));
  expect(result.current).toMatchObject({ data: undefined, loading: true });
  await waitFor(() => expect(result.current).toMatchObject({ data: 1, loading: false }));
  act(() => result.current.refresh());
  expect(result.current).toMatchObject({ data: 1, loading: true });
  await waitFor(() => expect(result.current.data).toBe(2));
});

test("an answer that comes late, for what is no longer asked, is dropped", async () => {
  const answers = new Map<string, (value: string) => void>();
  const load = (name: string) => () => new Promise<string>((resolve) => answers.set(name, resolve));
  const { result, rerender } = renderHook(({ name }) => useAws(load(name), [name]), { initialProps: { name: "a" } });
  rerender({ name: "b" });
  await act(async () => answers.get("b")!("B"));
  await act(async () => answers.get("a")!("A"));
  expect(result.current.data).toBe("B");
});

test("an error is kept beside the data that was there", async () => {
  let fail = false;
  const load = async () => {
    if (fail) throw new Error("no");
    return "yes";
  };
  const { result } = renderHook(() => useAws(load, []));
  await waitFor(() => expect(result.current.data).toBe("yes"));
  fail = true;
  act(() => result.current.refresh());
  await waitFor(() => expect(result.current.error).toEqual(new Error("no")));
  expect(result.current.data).toBe("yes");
});

test("polling goes on as long as it is told to, and after an error", async () => {
  vi.useFakeTimers();
  let count = 0;
  const load = async () => {
    count += 1;
    if (count === 2) throw new Error("restarting");
    return count;
  };
  const { result } = renderHook(() => useAws(load, [], { poll: (seen) => (seen < 4 ? 1000 : undefined) }));
  await act(() => vi.advanceTimersByTimeAsync(1000));
  expect(result.current.error).toEqual(new Error("restarting"));
  await act(() => vi.advanceTimersByTimeAsync(5000));
  expect(result.current).toMatchObject({ data: 3, error: undefined });
  await act(() => vi.advanceTimersByTimeAsync(60_000));
  expect(count).toBe(4);
});

test("pages come one after the other up to the limit, and on when asked", async () => {
  const page = async (token: string | undefined): Promise<Page<number>> => {
    const at = Number(token ?? 0);
    return { items: [at, at + 1], next: at < 6 ? String(at + 2) : undefined };
  };
  const { result } = renderHook(() => usePages(page, [], { limit: 4 }));
  await waitFor(() => expect(result.current.loading).toBe(false));
  expect(result.current).toMatchObject({ items: [0, 1, 2, 3], complete: false });
  act(() => result.current.more());
  await waitFor(() => expect(result.current.complete).toBe(true));
  expect(result.current.items).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
});

test("a deed says whether it was done, and why not", async () => {
  const { result } = renderHook(() => useAction(async (good: boolean) => Promise.reject(good ? new Error("x") : new Error("y"))));
  await act(async () => expect(await result.current.run(true)).toBe(false));
  expect(result.current.error).toEqual(new Error("x"));
});
