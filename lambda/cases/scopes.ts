/**
 * The one way to read a scope of a case, for both APIs, the page and the command line. Two scopes are computed once, in
 * the background, and stored; four grow as long as people and destinations are at work, so they are put together when
 * they are asked for. A scope that is not there says whether it is worth to ask again, and else why not.
 *
 *     const readScope = makeScopeReader({ cases, now: Date.now });
 *     await readScope(id, "investigation", deadline)
 *     // { scope: "investigation", state: "pending", why: "It was stored 4 seconds ago, and … Ask again in 10 seconds." }
 */
import { z } from "zod";
import type { Alert } from "../alerts/alert-schema.ts";
import { showText } from "../alerts/show-text.ts";
import { type Case, type Scope, type ScopeName, scopeValueSchemas, type ScopeValue } from "./case-schema.ts";
import type { CaseStore } from "./case-store.ts";
import { type Computed, detailsOf } from "./details.ts";
import { computeEvents } from "./events.ts";
import { computeIntegrations } from "./integrations.ts";
import { type Asking, computeRelated } from "./related.ts";
import { computeTimeline } from "./timeline.ts";
import { visibleEvidence } from "./visible-evidence.ts";

/** What reading scopes needs. */
export type ScopePorts = {
  readonly cases: CaseStore;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** The kinds of the destinations that the configuration knows. */
  readonly destinationTypes?: Readonly<Record<string, string>>;
  /** Where the rule set is at hand: explains an alert whose details were never stored. */
  readonly explain?: (alert: Alert) => Computed<ScopeValue<"details">>;
};

/**
 * Reads a scope; undefined when there is no such case, or none in the accounts that the asker may see.
 * @param deadline milliseconds since 1970; rejects when the table fails
 * @param accountIds the accounts whose alerts may be seen; all of them when absent
 */
export type ReadScope = (
  id: string,
  scope: ScopeName,
  deadline: number,
  accountIds?: readonly string[],
) => Promise<Scope | undefined>;

type Stored = Extract<ScopeName, "details" | "investigation">;

/** The background is there within seconds; after so long, something is wrong. */
const PENDING_MS = 15 * 60_000;
const ASK_AGAIN_SECONDS = 10;
const MAX_PLACE = 100;

/** Makes the reader of scopes. */
export function makeScopeReader(ports: ScopePorts): ReadScope {
  const { cases, now } = ports;

  function ready<S extends ScopeName>(scope: S, { value, notes }: Computed<ScopeValue<S>>): Scope<S> {
    return { scope, state: "ready", computedAt: new Date(now()).toISOString(), value, notes };
  }

  async function readStored<S extends Stored>(scope: S, found: Case, deadline: number): Promise<Scope<S>> {
    const stored = await cases.readScope(found.row.id, scope, deadline);
    return stored === undefined ? missing(scope, found, now()) : checked(scope, stored);
  }

  /** With the alert as it is now, whole; and where nothing was stored, what can be told without the background. */
  async function readDetails(found: Case, deadline: number): Promise<Scope<"details">> {
    const { alert } = found;
    const known = await readStored("details", found, deadline);
    if (known.state === "ready") return { ...known, value: { ...known.value, alert } };
    if (known.state === "pending") return known;
    if (ports.explain !== undefined) return ready("details", ports.explain(alert));
    const { value, notes } = detailsOf(alert);
    const why = `The rule's conditions and the EventBridge rules are missing. ${known.why}`;
    return ready("details", { value: { ...value, alert }, notes: [why, ...notes] });
  }

  async function readInvestigation(
    found: Case,
    { deadline, accountIds }: Asking,
  ): Promise<Scope<"investigation">> {
    const known = await readStored("investigation", found, deadline);
    if (known.state !== "ready" || accountIds === undefined) return known;
    return visibleEvidence(cases, known, { deadline, accountIds });
  }

  const readers: { readonly [S in ScopeName]: (found: Case, asking: Asking) => Promise<Scope<S>> } = {
    details: (found, { deadline }) => readDetails(found, deadline),
    investigation: readInvestigation,
    events: async ({ row }, asking) => ready("events", await computeEvents(cases, row, asking)),
    "related-alerts": async ({ row }, asking) =>
      ready("related-alerts", await computeRelated(cases, row, asking)),
    integrations: async (found) => ready("integrations", computeIntegrations(found, ports.destinationTypes)),
    timeline: async (found, asking) => ready("timeline", await computeTimeline(cases, found, asking)),
  };

  return async (id, scope, deadline, accountIds) => {
    const found = await cases.read(id, deadline);
    if (found === undefined || !maySee(found, accountIds)) return undefined;
    return readers[scope](found, { deadline, accountIds });
  };
}

function maySee({ row }: Case, accountIds: readonly string[] | undefined): boolean {
  if (accountIds === undefined) return true;
  return row.accountId !== undefined && accountIds.includes(row.accountId);
}

/** Nothing is stored: the background has not been there yet, or it never will. */
function missing<S extends Stored>(scope: S, { row }: Case, now: number): Scope<S> {
  const { createdAt, disposition } = row;
  if (disposition !== "delivered") {
    const why = `Nobody was told of this alert (it is ${disposition}), and the background looks at none that nobody is told of.`;
    return { scope, state: "unavailable", why };
  }
  const age = now - Date.parse(createdAt);
  if (age < PENDING_MS) {
    const seconds = Math.max(0, Math.round(age / 1000));
    const why = `The alert was stored at ${createdAt}, ${seconds === 1 ? "1 second" : `${seconds} seconds`} ago, and the background has not been there yet. Ask again in ${ASK_AGAIN_SECONDS} seconds.`;
    return { scope, state: "pending", why };
  }
  const why = `The alert was stored at ${createdAt}, and this scope never was: the alert is older than case files are, or the background failed. The detector's log and alarms tell.`;
  return { scope, state: "unavailable", why };
}

const STORED = {
  details: storedSchema("details"),
  investigation: storedSchema("investigation"),
} as const satisfies Record<Stored, z.ZodType>;

function storedSchema(scope: Stored) {
  const name = { scope: z.literal(scope) };
  return z.discriminatedUnion("state", [
    z.strictObject({
      ...name,
      state: z.literal("ready"),
      computedAt: z.string(),
      value: scopeValueSchemas[scope],
      notes: z.array(z.string()),
    }),
    z.strictObject({ ...name, state: z.enum(["pending", "unavailable"]), why: z.string() }),
  ]);
}

/** What was stored, when it is what this version stores; itself, because reading it through the schema costs keys such as `__proto__`. */
function checked<S extends Stored>(scope: S, value: unknown): Scope<S> {
  const result = STORED[scope].safeParse(value);
  if (result.success) return value as Scope<S>;
  const place = result.error.issues[0]?.path.join(".") || "the whole";
  return {
    scope,
    state: "unavailable",
    why: `What is stored of this scope is not what this version of CloudTrail Engine reads (${showText(place, MAX_PLACE)}): another version stored it.`,
  };
}
