import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { Problem } from "./api";
import { connection } from "./live";
import type { Page, WhereErrors } from "./model";
import { useValue } from "./value";

export interface Loaded<T> {
  value: T | null;
  problem: Problem | null;
  isLoading: boolean;
  reload: () => void;
}

export function problemOf(e: unknown): Problem {
  return e instanceof Problem ? e : new Problem(0, "This page has a fault", String(e));
}

/** Loads, and again when `keys` change. What was there before stays until the new one is there, unless it belongs to other keys. */
export function useLoad<T>(load: (signal: AbortSignal) => Promise<T>, keys: readonly string[]): Loaded<T> {
  const [state, set] = useState<{ of: string; value: T | null; problem: Problem | null; isLoading: boolean }>({ of: "", value: null, problem: null, isLoading: true });
  const [turn, setTurn] = useState(0);
  const of = JSON.stringify(keys);
  useEffect(() => {
    const stop = new AbortController();
    set((s) => ({ of, value: s.of === of ? s.value : null, problem: null, isLoading: true }));
    load(stop.signal).then(
      (value) => stop.signal.aborted || set({ of, value, problem: null, isLoading: false }),
      (e: unknown) => stop.signal.aborted || set((s) => ({ of, value: s.value, problem: problemOf(e), isLoading: false })),
    );
    return () => stop.abort();
  }, [of, turn]);
  const reload = useCallback(() => setTurn((t) => t + 1), []);
  useAgain(state.problem, reload);
  const isStale = state.of !== of;
  return { value: isStale ? null : state.value, problem: isStale ? null : state.problem, isLoading: isStale || state.isLoading, reload };
}

// What failed because nothing answered is asked for again once something answers.
function useAgain(problem: Problem | null, reload: () => void): void {
  const isLive = useValue(connection) === "live";
  useEffect(() => {
    if (isLive && problem?.status === 0) reload();
  }, [isLive]);
}

export interface Pages<T> {
  items: T[];
  scanned: number;
  next: string | undefined;
  whereErrors: WhereErrors | undefined;
  problem: Problem | null;
  isLoading: boolean;
  isFirst: boolean;
  more: () => void;
  reload: () => void;
}

const enough = 50;
const mostRequests = 8;

/**
 * Loads a list page by page. One answer may have few items or none though there are more, because a request looks at so many only:
 * so it asks on until it has some, or has asked often.
 */
export function usePages<T>(load: (after: string | undefined, signal: AbortSignal) => Promise<Page<T>>, keys: readonly string[]): Pages<T> {
  const empty = { items: [] as T[], scanned: 0, next: undefined as string | undefined, whereErrors: undefined as WhereErrors | undefined };
  const [state, set] = useState({ ...empty, of: "", problem: null as Problem | null, isLoading: true, isFirst: true });
  const [turn, setTurn] = useState(0);
  const stop = useRef(new AbortController());
  const of = JSON.stringify(keys);

  const run = async (from: typeof empty): Promise<void> => {
    stop.current.abort();
    const { signal } = (stop.current = new AbortController());
    let all = from;
    try {
      for (let asked = 0; asked < mostRequests && all.items.length - from.items.length < enough; asked++) {
        const page = await load(all.next, signal);
        all = { items: [...all.items, ...page.items], scanned: all.scanned + page.scanned, next: page.next, whereErrors: page.whereErrors ?? all.whereErrors };
        if (!all.next) break;
      }
      if (!signal.aborted) set({ ...all, of, problem: null, isLoading: false, isFirst: false });
    } catch (e) {
      if (!signal.aborted) set({ ...all, of, problem: problemOf(e), isLoading: false, isFirst: all.items.length === 0 });
    }
  };
  useEffect(() => {
    set((s) => ({ ...(s.of === of ? s : empty), of, problem: null, isLoading: true, isFirst: s.of !== of || s.isFirst }));
    void run(empty);
    return () => stop.current.abort();
  }, [of, turn]);

  const reload = useCallback(() => setTurn((t) => t + 1), []);
  useAgain(state.problem, reload);
  const isStale = state.of !== of;
  const more = (): void => {
    set((s) => ({ ...s, isLoading: true, problem: null }));
    void run(state);
  };
  return { ...(isStale ? { ...state, ...empty, problem: null, isLoading: true, isFirst: true } : state), more, reload };
}
