/**
 * The rules in force: those of the bundle until somebody publishes others, then those, and the last good ones when what
 * is published cannot be used. An invocation works with one set from its beginning to its end; what is new is looked for
 * at the beginning, once a minute at most, and switched to between invocations.
 *
 *     const live = makeLiveRules({ store, floor, compile, deployed, report, now, wait });
 *     const ports = await live.current();        // at the start of each invocation
 *
 * The first invocation of a sandbox waits for what is published, within limits: evaluated with the bundle's rules, its
 * record would miss a published rule for good. Later ones wait a second at most and then go on with what they have.
 */
import type { DestinationSettings } from "../destinations/destination-type.ts";
import type { RuleSet } from "../engine/rule.ts";
import { checkRouting } from "../check-config.ts";
import { problemsOfRuleSet } from "./check-rule-set.ts";
import { problemsOfGrants, problemsOfLists } from "./granted.ts";
import {
  type Content,
  MAX_POINTER_BYTES,
  POINTER_KEY,
  PublishedError,
  readPointer,
  readPublished,
} from "./published.ts";
import type { LiveStore } from "./store.ts";

/** What was deployed: the floor, and what the function may do. */
export type DeployedRules = {
  /** Hash of the bundle's rule set. */
  readonly base: string;
  readonly ruleSet: RuleSet;
  readonly destinations: readonly DestinationSettings[];
};

/** What is told of the rules in force. */
export type LiveReport = {
  /** Something that is published cannot be used, and what was in force stays. */
  liveRulesFailed(reason: string): void;
  liveRulesTaken(what: string, fields: Readonly<Record<string, unknown>>): void;
};

export type LiveRulesPorts<T> = {
  readonly store: LiveStore;
  /** What the bundle's own rules make. */
  readonly floor: T;
  /** Makes what an invocation works with; throws when that cannot be made. */
  readonly compile: (content: Content) => T;
  readonly deployed: DeployedRules;
  readonly report: LiveReport;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Resolves after so many milliseconds, or when it is aborted. */
  readonly wait: (milliseconds: number, signal: AbortSignal) => Promise<void>;
};

/** How often the bucket is asked at most, in milliseconds. */
const CHECK_EVERY_MS = 60_000;
/** How long an invocation waits for an answer, in milliseconds: the first of a sandbox, and the others. */
const FIRST_WAIT_MS = 3_000;
const WAIT_MS = 1_000;
/** How long the bucket may take in all, in milliseconds: what comes later is used by a later invocation. */
const CHECK_BUDGET_MS = 20_000;

/** Gives what an invocation works with. */
export function makeLiveRules<T>(ports: LiveRulesPorts<T>): { current(): Promise<T> } {
  const { floor, now, report, store, deployed } = ports;
  let inForce = floor;
  let version: string | undefined;
  let etag: string | undefined;
  let checked: number | undefined;
  let pending: Promise<void> | undefined;

  async function check(): Promise<void> {
    const deadline = now() + CHECK_BUDGET_MS;
    const answer = await store.pointer(etag, MAX_POINTER_BYTES, deadline);
    if (answer === "same") return;
    if (answer === "none") {
      // Nothing was ever published, as far as this sandbox knows.
      if (version === undefined) return;
      throw new PublishedError(`${POINTER_KEY} is gone from the bucket: publish again, or roll back`);
    }
    const pointer = readPointer(answer.text);
    if ("deployed" in pointer) {
      take(floor, undefined, answer.etag, "the deployed rules are in force again", {});
      return;
    }
    const { versionId, size } = pointer;
    if (versionId !== version) {
      const bytes = await store.ruleSet(versionId, size, deadline);
      const { base, content: published, created, revision } = readPublished(bytes, pointer);
      const fields = { version: versionId, created, revision };
      if (base !== deployed.base) {
        take(floor, undefined, answer.etag, "published rules are older than the deployed ones", fields);
        return;
      }
      const content = completed(published, deployed.destinations);
      refuse(problemsOfContent(content, deployed));
      take(ports.compile(content), versionId, answer.etag, "published rules taken", {
        ...fields,
        rules: content.ruleSet.rules.length,
        waiting: content.waiting.length,
      });
    }
    etag = answer.etag;
  }

  function take(
    next: T,
    of: string | undefined,
    pointer: string | undefined,
    what: string,
    fields: Readonly<Record<string, unknown>>,
  ): void {
    inForce = next;
    version = of;
    etag = pointer;
    report.liveRulesTaken(what, fields);
  }

  async function current(): Promise<T> {
    const isFirst = checked === undefined;
    if (pending === undefined && (checked === undefined || now() - checked >= CHECK_EVERY_MS)) {
      checked = now();
      pending = check()
        .catch((error: unknown) => report.liveRulesFailed(reasonOf(error)))
        .finally(() => (pending = undefined));
    }
    if (pending === undefined) return inForce;
    const waiting = new AbortController();
    const late = ports.wait(isFirst ? FIRST_WAIT_MS : WAIT_MS, waiting.signal).then(() => "late" as const);
    const how = await Promise.race([pending, late]);
    waiting.abort();
    if (how === "late" && isFirst)
      report.liveRulesFailed(
        `the bucket did not answer within ${FIRST_WAIT_MS} ms, so the deployed rules are in force`,
      );
    return inForce;
  }

  return { current };
}

/** Everything that keeps content from being used in this function. */
export function problemsOfContent(content: unknown, deployed: Omit<DeployedRules, "base">): string[] {
  const { ruleSet, destinations, routing, waiting } = content as Partial<Content>;
  const problems = problemsOfRuleSet(ruleSet);
  if (problems.length > 0) return problems;
  if (!Array.isArray(destinations) || !destinations.every(isSettings))
    return ["destinations are no list of settings with id and type"];
  if (!Array.isArray(waiting)) return ["there is no list of waiting rules"];
  const listed = problemsOfLists(ruleSet?.lists ?? {}, deployed.ruleSet.lists);
  const granted = problemsOfGrants(destinations, deployed.destinations);
  const ids = new Set(destinations.map(({ id }) => id));
  const routed: string[] = [];
  checkRouting(routing, ids, routed);
  const named = (ruleSet?.rules ?? []).flatMap(({ id, destinations: to = [] }) =>
    to
      .filter((one) => !ids.has(one))
      .map((one) => `the rule ${JSON.stringify(id)} goes to ${JSON.stringify(one)}, which is no destination`),
  );
  return [...listed, ...granted, ...routed.map((one) => one.replace(/^config\.json /, "")), ...named];
}

/**
 * The settings with what only the deployment knows. An `endpoint` is only ever the deployment's own: it is where secrets
 * are sent.
 */
function completed(content: Content, deployed: readonly DestinationSettings[]): Content {
  if (!Array.isArray(content.destinations)) return content;
  const destinations = content.destinations.map((settings: unknown) => {
    if (!isSettings(settings)) return settings as DestinationSettings;
    const { endpoint: _, ...own } = settings;
    const before = deployed.find(({ id }) => id === settings.id);
    const known = (["endpoint", "topicArn"] as const).filter(
      (name) => before?.[name] !== undefined && (name === "endpoint" || own[name] === undefined),
    );
    return Object.assign(own, Object.fromEntries(known.map((name) => [name, before?.[name]])));
  });
  return { ...content, destinations };
}

function isSettings(value: unknown): value is DestinationSettings {
  const { id, type } = (value ?? {}) as { id?: unknown; type?: unknown };
  return typeof id === "string" && typeof type === "string";
}

function refuse(problems: readonly string[]): void {
  const [first, ...more] = problems;
  if (first === undefined) return;
  throw new PublishedError(more.length === 0 ? first : `${first}; and ${more.length} more`);
}

function reasonOf(error: unknown): string {
  if (error instanceof PublishedError) return error.message;
  return error instanceof Error ? `${error.name}: ${error.message}` : "something that is no error was thrown";
}
