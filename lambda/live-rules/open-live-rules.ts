/**
 * Puts the live rules of the running Lambda together, when it is first invoked: nothing of this is loaded by a function
 * whose configuration has none.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { DestinationSettings } from "../destinations/destination-type.ts";
import type { RuleSet } from "../engine/rule.ts";
import { type LiveReport, makeLiveRules } from "./live-rules.ts";
import { type Content, hashOf } from "./published.ts";
import { openLiveStore } from "./store.ts";

/** Where published rules are: `prefix` stands before the keys of the bucket. */
export type LiveRulesConfig = { readonly bucket: string; readonly prefix: string };

/** Opens the live rules; opens no connection. */
export function openLiveRules<T>(given: {
  readonly at: LiveRulesConfig;
  readonly floor: T;
  readonly ruleSet: RuleSet;
  readonly destinations: readonly DestinationSettings[];
  readonly compile: (content: Content) => T;
  readonly report: LiveReport;
  readonly now: () => number;
}): { current(): Promise<T> } {
  const { at, floor, ruleSet, destinations, compile, report, now } = given;
  return makeLiveRules({
    store: openLiveStore(at),
    floor,
    compile,
    deployed: { base: hashOf(ruleSet), ruleSet, destinations },
    report,
    now,
    wait: async (milliseconds, signal) => {
      // Whoever stops waiting does not care how.
      await sleep(milliseconds, undefined, { signal }).catch(() => {});
    },
  });
}
