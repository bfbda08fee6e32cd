/**
 * What the stand-ins of all destinations have in common: a server that judges what it gets as the real one does, keeps
 * what it took, and fails when it is told to, so that one sees what the engine does then.
 *
 *     const slack = await startStandIn("slack", SLACK, { clock, onTold });
 *     slack.fail({ status: 503 }, clock.now() + 30_000);   // for half a minute; without an end: for good
 *     slack.told.map(({ line }) => line)                    // what it took, one line each
 */
import type { LocalClock } from "./local-clock.ts";
import { SILENCE, serve } from "./local-server.ts";
import type { LocalReply, LocalRequest, LocalServer } from "./local-server.ts";

/** How a stand-in fails: by a status, or by never answering. */
export type Fault = { readonly status: number } | "timeout";

/** A message that a stand-in took. */
type Told = {
  readonly path: string;
  /** What a person sees of it first, on one line. */
  readonly line: string;
  readonly body: unknown;
  /** When, in milliseconds since 1970 on the clock of the run. */
  readonly at: number;
};

/** What a medium makes of a request: its reply, and what it took, if it did. */
export type Judgement = {
  readonly reply: LocalReply;
  readonly took?: { readonly line: string; readonly body: unknown };
};

/** A kind of destination as it is on the other side. */
export type Medium = {
  readonly contentTypes: readonly string[];
  /** Largest body, in bytes. */
  readonly limit: number;
  /** `count` messages were taken before. */
  readonly judge: (request: LocalRequest, count: number) => Judgement;
};

/** A stand-in that listens. */
export type StandIn = LocalServer & {
  readonly id: string;
  readonly told: readonly Told[];
  /** Number of requests, taken or not, and of those that it was told to fail. */
  requests(): number;
  failed(): number;
  /** Fails from now on, or until a time on the run's clock. */
  fail(fault: Fault, until?: number): void;
  heal(): void;
};

/** What a stand-in needs of the run. */
export type StandInPlace = {
  readonly clock: Pick<LocalClock, "now">;
  onTold?(id: string, line: string): void;
};

/** Starts the stand-in of the destination `id`. */
export async function startStandIn(id: string, medium: Medium, place: StandInPlace): Promise<StandIn> {
  const { clock } = place;
  const told: Told[] = [];
  let requests = 0;
  let failed = 0;
  let failing: { readonly fault: Fault; readonly until: number } | undefined;
  const server = await serve({
    contentTypes: medium.contentTypes,
    limit: medium.limit,
    answer: (request) => {
      requests += 1;
      if (failing !== undefined && clock.now() < failing.until) {
        failed += 1;
        return failing.fault === "timeout" ? SILENCE : toldToFail(failing.fault.status);
      }
      const { reply, took } = medium.judge(request, told.length);
      if (took !== undefined) {
        told.push({ ...took, path: request.path, at: clock.now() });
        place.onTold?.(id, took.line);
      }
      return reply;
    },
  });
  return {
    ...server,
    id,
    told,
    requests: () => requests,
    failed: () => failed,
    fail: (fault, until = Infinity) => {
      failing = { fault, until };
    },
    heal: () => {
      failing = undefined;
    },
  };
}

/** Asks for half a minute, as a service that is overloaded does: the redelivery queue is what one wants to see. */
function toldToFail(status: number): LocalReply {
  const said = { message: "told to fail" };
  return { ...json(status, said), ...(status === 429 || status >= 500 ? { retryAfter: 30 } : {}) };
}

/** A reply in JSON. */
export function json(status: number, body: unknown, type?: string): LocalReply {
  return { status, body: JSON.stringify(body), ...(type === undefined ? {} : { type }) };
}

/** The object in a body; undefined when it holds none. */
export function objectIn(body: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const found: unknown = JSON.parse(body);
    return typeof found === "object" && found !== null && !Array.isArray(found)
      ? (found as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

/** The text at a path of keys and places; "" when there is none. */
export function textIn(value: unknown, ...path: readonly (string | number)[]): string {
  let current = value;
  for (const step of path) {
    if (typeof current !== "object" || current === null || !Object.hasOwn(current, step)) return "";
    current = (current as Record<string | number, unknown>)[step];
  }
  return typeof current === "string" ? current : "";
}
