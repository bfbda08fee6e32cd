/** What components share: the address, the list, replies of calls, the time, the width of an element. */
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import type { CaseList, Known } from "./case-list.ts";
import { type Route, readRoute, writeRoute } from "./filters.ts";

/** The route of the address, and how to go elsewhere; `replace` leaves no step back. */
export function useRoute(): readonly [Route, (change: Partial<Route>, replace?: boolean) => void] {
  const [route, setRoute] = useState(() => readRoute(location.hash));
  useEffect(() => {
    const read = (): void => setRoute(readRoute(location.hash));
    addEventListener("hashchange", read);
    return () => removeEventListener("hashchange", read);
  }, []);
  const go = useCallback((change: Partial<Route>, replace = false) => {
    const next = { ...readRoute(location.hash), ...change };
    const hash = writeRoute(next);
    if (replace) history.replaceState(null, "", hash);
    else if (hash !== location.hash) history.pushState(null, "", hash);
    setRoute(next);
  }, []);
  return [route, go];
}

/** The list as it is now. */
export function useKnown(cases: CaseList): Known {
  const [known, setKnown] = useState(cases.get());
  useEffect(() => {
    setKnown(cases.get());
    return cases.subscribe(() => setKnown(cases.get()));
  }, [cases]);
  return known;
}

/** A reply that is on its way, has come, or will not come. */
export type Loading<T> =
  | { readonly state: "loading" }
  | { readonly state: "here"; readonly value: T }
  | { readonly state: "failed"; readonly message: string };

/**
 * The reply of a call. What is shown stays while the same is asked again, because `version` has changed.
 * @param key what is asked: another one shows nothing of the last
 */
export function useReply<T>(key: string, version: string, ask: () => Promise<T>): Loading<T> {
  const [reply, setReply] = useState<{ readonly key: string; readonly loading: Loading<T> }>();
  const latest = useRef(ask);
  latest.current = ask;
  useEffect(() => {
    let isWanted = true;
    const show = (loading: Loading<T>): void => {
      if (isWanted) setReply({ key, loading });
    };
    latest.current().then(
      (value) => show({ state: "here", value }),
      (error: unknown) =>
        show({ state: "failed", message: error instanceof Error ? error.message : String(error) }),
    );
    return () => {
      isWanted = false;
    };
  }, [key, version]);
  return reply !== undefined && reply.key === key ? reply.loading : { state: "loading" };
}

/** The time in milliseconds since 1970, renewed now and then. */
export function useNow(every = 15_000): number {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), every);
    return () => clearInterval(timer);
  }, [every]);
  return now;
}

/** The size of an element, in pixels, whenever it changes. */
export function useSize(): readonly [
  (element: HTMLElement | null) => void,
  { width: number; height: number },
] {
  const [size, setSize] = useState({ width: 0, height: 0 });
  const observer = useRef<ResizeObserver>(undefined);
  const watch = useCallback((element: HTMLElement | null) => {
    observer.current?.disconnect();
    if (element === null) return;
    // Preact compares by identity: an equal size must be the same object, or it renders for nothing.
    const read = (): void =>
      setSize((last) =>
        last.width === element.clientWidth && last.height === element.clientHeight
          ? last
          : { width: element.clientWidth, height: element.clientHeight },
      );
    read();
    observer.current = new ResizeObserver(read);
    observer.current.observe(element);
  }, []);
  return [watch, size];
}
