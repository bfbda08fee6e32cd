/**
 * Puts the Lambda together, once, while it starts: rules compiled, destinations made. What is wrong with the
 * deployment shows here, before the first record, and names its cure. No SDK is loaded and nothing is connected.
 */
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { watchCanary } from "./canary.ts";
import type { LambdaConfig } from "./config.ts";
import { makeDedup } from "./dedup/dedup.ts";
import { makeTimers } from "./dedup/timers.ts";
import type { Clock } from "./delivery/ports.ts";
import { openQueues } from "./delivery/queues.ts";
import type { Destination } from "./destinations/destination.ts";
import type { DestinationSettings } from "./destinations/destination-type.ts";
import { DESTINATION_TYPES } from "./destinations/registry.ts";
import { createEngine } from "./engine/engine.ts";
import type { RuleSet } from "./engine/rule.ts";
import type { Ports } from "./pipeline.ts";
import { isObject, valueAt } from "./record/untrusted.ts";
import { createReport } from "./report.ts";
import { makeAlertStore } from "./state/alert-store.ts";
import { openTable } from "./state/table.ts";

/** The rule set beside the bundle cannot be used. */
export class RuleSetError extends Error {
  override readonly name = "RuleSetError";
}

/** What only the running Lambda has: its log, and, once it is invoked, its own ARN. */
type Runtime = { readonly write: (line: string) => void; readonly functionArn: () => string };

/**
 * Makes the ports from the configuration and the rule set in the file `rulesFile`.
 * @throws RuleSetError when that file is missing or is no rule set.
 */
export function wire(config: LambdaConfig, rulesFile: URL, { write, functionArn }: Runtime): Ports {
  const table = openTable({ name: config.table });
  const store = makeAlertStore(table, config.keepDays);
  const report = createReport(write, clock.now);
  return {
    engine: createEngine(readRuleSet(rulesFile)),
    dedup: makeDedup({
      table,
      clock,
      schedule: makeTimers({ ...config.timers, functionArn }),
      readAlert: async (id, deadline) => (await store.read(id, "first", deadline))?.alert,
      failed: (message, alert, error) => report.dedupFailed(alert, message, error),
    }),
    routing: config.routing,
    isCanary: watchCanary(config.canaryRoleArn, write, clock.now),
    destinations: new Map(config.destinations.map((settings) => [settings.id, makeDestination(settings)])),
    store,
    ...openQueues(config),
    report,
    clock,
    newOwner: () => randomUUID(),
  };
}

const clock: Clock = {
  now: () => Date.now(),
  sleep: (milliseconds, signal) => sleep(milliseconds, undefined, signal === undefined ? {} : { signal }),
};

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
