/** A scope as it is read: ready, not yet there (then it is asked for again), or not to be had, with why. */
import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { Scope, ScopeName } from "../../../lambda/cases/case-schema.ts";
import { fetchScope } from "./api.ts";
import { useReply } from "./hooks.ts";
import { line } from "./words.ts";

/** What can be shown of a scope. */
export type Shown<S extends ScopeName> =
  | Extract<Scope<S>, { state: "ready" }>
  | { readonly state: "loading" }
  | { readonly state: "pending" | "unavailable" | "failed"; readonly why: string };

/** After so many milliseconds a pending scope is asked for again, at first. */
const AGAIN_MS = 1500;
const MAX_AGAIN_MS = 15_000;

/** Reads a scope; again whenever `version` changes. */
export function useScope<S extends ScopeName>(id: string, scope: S, version: string): Shown<S> {
  const [tries, setTries] = useState(0);
  const reply = useReply(`${id} ${scope}`, `${version} ${tries}`, () => fetchScope(id, scope));
  const isPending = reply.state === "here" && reply.value.state === "pending";
  useEffect(() => {
    if (!isPending) return undefined;
    const timer = setTimeout(() => setTries(tries + 1), Math.min(AGAIN_MS * 1.5 ** tries, MAX_AGAIN_MS));
    return () => clearTimeout(timer);
  }, [isPending, tries]);
  if (reply.state === "loading") return reply;
  if (reply.state === "failed") return { state: "failed", why: reply.message };
  return reply.value;
}

/** A scope's view, or in its place what is the matter; below it what is missing in it. */
export function ScopeFrame<S extends ScopeName>({
  scope,
  children,
}: {
  readonly scope: Shown<S>;
  readonly children: (ready: Extract<Scope<S>, { state: "ready" }>) => ComponentChildren;
}) {
  if (scope.state === "loading") return <p class="empty">Loading …</p>;
  if (scope.state === "pending")
    return (
      <p class="note" role="status">
        Not there yet: {line(scope.why)} It appears here by itself.
      </p>
    );
  if (scope.state !== "ready")
    return (
      <p class="problem" role="alert">
        This could not be had: {line(scope.why)}
      </p>
    );
  return (
    <>
      {children(scope)}
      {scope.notes.length > 0 && (
        <ul class="notes" aria-label="What is missing">
          {scope.notes.map((note) => (
            <li key={note}>{line(note)}</li>
          ))}
        </ul>
      )}
    </>
  );
}

export type ScopeProps = { readonly id: string; readonly version: string };
