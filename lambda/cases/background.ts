/**
 * Puts the background together, at the first batch that the table's stream brings: an invocation with a record never
 * loads any of it.
 */
import type { LambdaConfig } from "../config.ts";
import type { Clock, Invocation } from "../delivery/ports.ts";
import type { TellPorts } from "../delivery/tell-answers.ts";
import type { Table } from "../state/table.ts";
import { type BackgroundPorts, buildCases, type TableChange } from "./build-case.ts";
import type { CaseStore } from "./case-store.ts";
import { makeFinder } from "./left-behind.ts";
import { makeLookup, openHistory } from "./lookup-events.ts";
import type { History } from "./past.ts";
import { makeProfiles } from "./profile.ts";

/** What the background takes from the rest of the Lambda. */
export type BackgroundNeeds = {
  readonly config: Pick<LambdaConfig, "keepDays" | "lookupEvents" | "organisation" | "timers">;
  readonly table: Table;
  readonly cases: CaseStore;
  readonly rules: BackgroundPorts["rules"];
  readonly tell: TellPorts;
  readonly clock: Clock;
  readonly failed: BackgroundPorts["failed"];
};

/** Makes what works on the changes of a batch. */
export function makeBackground(
  needs: BackgroundNeeds,
): (changes: readonly TableChange[], invocation: Invocation) => Promise<readonly string[]> {
  const { config, table, cases, rules, tell, clock, failed } = needs;
  const ports: BackgroundPorts = {
    table,
    cases,
    rules,
    tell,
    clock,
    failed,
    profiles: makeProfiles(table, config.keepDays),
    history: historyFor(config, table, clock),
    accounts: config.organisation?.accounts,
  };
  const find = makeFinder(cases);
  let next = 0;
  return async (changes, invocation) => {
    const failing = await buildCases(changes, ports, invocation);
    const now = clock.now();
    // A table that does not take what came is not asked for more.
    if (failing.length === 0 && now >= next && invocation.answersBy - now > LOOK_MS) {
      next = now + LOOK_EVERY_MS;
      await buildLeftBehind(find, ports, { ...invocation, answersBy: now + LOOK_MS });
    }
    return failing;
  };
}

/** Builds some of what the stream gave up; what fails is reported, and looked for again. */
async function buildLeftBehind(
  find: ReturnType<typeof makeFinder>,
  ports: BackgroundPorts,
  invocation: Invocation,
): Promise<void> {
  try {
    const ids = await find(ports.clock.now(), invocation.answersBy);
    const changes = ids.map((id) => ({ pk: `ALERT#${id}`, sk: "ALERT", sequence: id }));
    await buildCases(changes, ports, invocation);
  } catch (error) {
    ports.failed("any", "looking for alerts without a case", error);
  }
}

/** How often a sandbox looks for what was left behind, and how long that may take, in milliseconds. */
const LOOK_EVERY_MS = 15 * 60_000;
const LOOK_MS = 20_000;

/** Where console sign-ins and global services appear, whatever Regions an account uses (FACTS § 1). */
const GLOBAL_REGIONS = ["us-east-1", "us-east-2", "eu-north-1", "ap-southeast-2"] as const;

/** What may be asked: the stack's own Region and account stand in the ARN of its dead-letter queue. */
export function historyFor(
  { lookupEvents, timers }: Pick<LambdaConfig, "lookupEvents" | "timers">,
  table: Table,
  clock: Clock,
): History {
  const [, partition = "aws", , region = "", account = ""] = timers.deadLetterArn.split(":");
  const named = lookupEvents?.regions;
  return {
    partition,
    account,
    regions: [
      ...new Set([
        region,
        ...(named ?? []),
        ...(named !== undefined && partition === "aws" ? GLOBAL_REGIONS : []),
      ]),
    ],
    allRegions: named !== undefined,
    ...(lookupEvents === undefined
      ? {}
      : {
          lookup: makeLookup({
            table,
            clock,
            askPage: openHistory(),
            requestsPerMinute: lookupEvents.requestsPerMinute,
          }),
        }),
  };
}
