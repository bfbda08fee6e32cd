/**
 * Puts the Lambda together, once, while it starts: rules compiled, destinations made. What is wrong with the
 * deployment shows here, before the first record, and names its cure. No SDK is loaded and nothing is connected.
 */
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { isCanaryCall, watchCanary } from "./canary.ts";
import type { BackgroundPorts } from "./cases/build-case.ts";
import type { CaseStore } from "./cases/case-store.ts";
import type { LambdaConfig } from "./config.ts";
import { makeDedup } from "./dedup/dedup.ts";
import { makeTimers } from "./dedup/timers.ts";
import type { Clock } from "./delivery/ports.ts";
import { openQueues } from "./delivery/queues.ts";
import { once } from "./destinations/aws-client.ts";
import { nameAccounts } from "./destinations/account-names.ts";
import { linkCases } from "./destinations/case-link.ts";
import type { Destination } from "./destinations/destination.ts";
import type { DestinationSettings } from "./destinations/destination-type.ts";
import { DESTINATION_TYPES } from "./destinations/registry.ts";
import type { BackgroundPort } from "./dispatch.ts";
import { createEngine } from "./engine/engine.ts";
import type { EventRule } from "./engine/event-rules.ts";
import type { RuleSet } from "./engine/rule.ts";
import type { Ports } from "./pipeline.ts";
import { JQ } from "./jq/lazy-jq.ts";
import { isObject, valueAt } from "./record/untrusted.ts";
import { createReport, type Report } from "./report.ts";
import { makeAlertStore } from "./state/alert-store.ts";
import { openTable, type Table } from "./state/table.ts";

/** The rule set beside the bundle cannot be used. */
export class RuleSetError extends Error {
  override readonly name = "RuleSetError";
}

/** The ports, and, where rules can be published, what gives those of an invocation at its beginning. */
type WiredPorts = Ports & BackgroundPort & { readonly begin?: () => Promise<Ports & BackgroundPort> };

/** What only the running Lambda has: its log, and, once it is invoked, its own ARN. */
type Runtime = { readonly write: (line: string) => void; readonly functionArn: () => string };

/**
 * Makes the ports from the configuration and the rule set in the file `rulesFile`.
 * @throws RuleSetError when that file is missing or is no rule set.
 */
export function wire(config: LambdaConfig, rulesFile: URL, { write, functionArn }: Runtime): WiredPorts {
  const table = openTable({ name: config.table });
  const store = makeAlertStore(table, config.keepDays);
  const report = createReport(write, clock.now);
  const ruleSet = readRuleSet(rulesFile);
  /** Published rules, once there are some in force. */
  let inForce: RuleSet | undefined;
  // Loaded when they are first asked for: most invocations read no case, and only the stream's build some.
  const cases = once<CaseStore>(async () => {
    const { makeCaseStore } = await import("./cases/make-case-store.ts");
    return makeCaseStore(table, { keepDays: config.keepDays, now: clock.now });
  });
  const background = once(async () => {
    const { makeBackground } = await import("./cases/background.ts");
    let rules: ReturnType<BackgroundPorts["rules"]> | undefined;
    let rulesOf: RuleSet | undefined;
    return makeBackground({
      config,
      table,
      cases: await cases(),
      rules: () => {
        if (rules !== undefined && rulesOf === inForce) return rules;
        rulesOf = inForce;
        rules = {
          ruleSet: inForce ?? readRuleSet(rulesFile),
          eventRules: readEventRules(new URL("event-rules.json", rulesFile)),
        };
        return rules;
      },
      tell: { ...ports, table },
      clock,
      failed: (alertId, doing, error) => report.caseFailed(alertId, doing, error),
    });
  });
  const ports: Ports & BackgroundPort = {
    buildCases: async (changes, invocation) => (await background())(changes, invocation),
    cases: {
      read: async (id, deadline) => (await cases()).read(id, deadline),
      readScope: async (id, scope, deadline) => (await cases()).readScope(id, scope, deadline),
    },
    engine: createEngine(ruleSet, JQ),
    ...listsOf(ruleSet, table, report),
    dedup: makeDedup({
      table,
      clock,
      keepDays: config.keepDays,
      schedule: makeTimers({ ...config.timers, functionArn }),
      readAlert: async (id, deadline) => (await store.read(id, "first", deadline))?.alert,
      failed: (message, alert, error) => report.dedupFailed(alert, message, error),
    }),
    routing: config.routing,
    isCanary: canaryWatch(config, table, write),
    destinations: destinationsOf(config.destinations, config),
    store,
    ...openQueues(config),
    report,
    clock,
    newOwner: () => randomUUID(),
  };
  const { liveRules: at } = config;
  if (at === undefined) return ports;
  const live = once(async () => {
    const { openLiveRules } = await import("./live-rules/open-live-rules.ts");
    return openLiveRules<{ readonly ports: typeof ports; readonly ruleSet?: RuleSet }>({
      at,
      floor: { ports },
      ruleSet,
      destinations: config.destinations,
      compile: ({ ruleSet: published, destinations, routing }) => ({
        ruleSet: published,
        ports: {
          ...ports,
          engine: createEngine(published, JQ),
          ...listsOf(published, table, report),
          routing,
          destinations: destinationsOf(destinations, config),
        },
      }),
      report,
      now: clock.now,
    });
  });
  return {
    ...ports,
    begin: async () => {
      const current = await (await live()).current();
      inForce = current.ruleSet;
      return current.ports;
    },
  };
}

/** Destinations by their ids, as alerts are told to them. */
function destinationsOf(
  settings: readonly DestinationSettings[],
  { caseUrl, accounts }: LambdaConfig,
): Ports["destinations"] {
  return new Map(
    settings.map((one) => [one.id, nameAccounts(linkCases(makeDestination(one), caseUrl), accounts)]),
  );
}

const clock: Clock = {
  now: () => Date.now(),
  sleep: (milliseconds, signal) => sleep(milliseconds, undefined, signal === undefined ? {} : { signal }),
};

/** Where canaries are forwarded from elsewhere, the watch over them is loaded with the first record that could be one's. */
function canaryWatch(
  { canaries, canaryRoleArn }: LambdaConfig,
  table: Table,
  write: (line: string) => void,
): Ports["isCanary"] {
  if (canaries === undefined) return watchCanary(canaryRoleArn, write, clock.now);
  const watch = once(async () => {
    const { watchCanaries } = await import("./forwarded-canary.ts");
    return watchCanaries(canaryRoleArn, canaries, { table, write, now: clock.now });
  });
  return async (record, deadline) => isCanaryCall(record) && (await watch())(record, deadline);
}

/** The values of dynamic lists, where the rule set has such lists: what reads them is loaded with the first record that asks. */
function listsOf({ lists }: RuleSet, table: Table, report: Report): Pick<Ports, "lists"> {
  if (Object.values(lists).every(({ dynamic }) => dynamic === undefined)) return {};
  const port = once(async () => {
    const { makeListsPort } = await import("./lists/lists-port.ts");
    return makeListsPort({
      table,
      lists,
      now: clock.now,
      failed: (list, error) => report.listFailed(list, error),
    });
  });
  return { lists: { asOf: async (names, time) => (await port()).asOf(names, time) } };
}

function makeDestination(settings: DestinationSettings): Destination {
  const type = DESTINATION_TYPES.get(settings.type);
  if (type === undefined) throw new TypeError(`there is no destination type ${settings.type}`);
  return type.make(settings);
}

/** The file was validated when it was made; only its shape is looked at, to say clearly when it is something else. */
function readRuleSet(file: URL): RuleSet {
  const cure = "it is written beside the bundle when the stack is synthesised: deploy the stack again";
  try {
    const found = JSON.parse(readFileSync(file, "utf8")) as unknown;
    const lists = ["rules", "suppressions"].every((key) => Array.isArray(valueAt(found, key)));
    const named = ["conditions", "lists"].every((key) => isObject(valueAt(found, key)));
    if (lists && named) return found as RuleSet;
  } catch (cause) {
    throw new RuleSetError(`${file.pathname} cannot be read as JSON; ${cure}.`, { cause });
  }
  throw new RuleSetError(`${file.pathname} is no rule set; ${cure}.`);
}

/** The EventBridge rules as they were derived at synthesis. */
function readEventRules(file: URL): EventRule[] {
  const found: unknown = JSON.parse(readFileSync(file, "utf8"));
  if (Array.isArray(found)) return found as EventRule[];
  throw new RuleSetError(
    `${file.pathname} is no list of EventBridge rules; it is written beside the bundle when the stack is synthesised: deploy the stack again.`,
  );
}
