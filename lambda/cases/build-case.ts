/**
 * The background: what follows on an alert once it is stored, in invocations of its own that the table's stream brings,
 * so that no notification ever waits for it. An alert gets its details and its investigation, each stored once, then its
 * number; and where a destination can change what it shows, the answers are told. The actor's profile is read before the
 * alert is added to it.
 *
 *     INSERT ALERT#5f… / ALERT     profile → details → investigation → number → answers told
 *     INSERT ALERT#5f… / SUMMARY   the count and the end of its window in the row that lists show
 *     INSERT ALERT#5f… / LOG#…     what a person did, told
 *
 * Everything is safe to do again: Lambda hands a batch over again from the first change that failed. A scope that cannot
 * be computed is stored with the reason and keeps back neither the other nor the number; only when the table does not
 * take something is the change tried again.
 */
import type { Alert } from "../alerts/alert-schema.ts";
import { showText } from "../alerts/show-text.ts";
import type { Clock, Invocation } from "../delivery/ports.ts";
import { insist } from "../delivery/insist.ts";
import { tellAnswers, tellStatus, type TellPorts } from "../delivery/tell-answers.ts";
import type { EventRule } from "../engine/event-rules.ts";
import type { RuleSet } from "../engine/rule.ts";
import type { Table } from "../state/table.ts";
import type { CaseRow, Scope } from "./case-schema.ts";
import type { CaseStore } from "./case-store.ts";
import { deedOf, subjectOf } from "./deed.ts";
import { computeDetails } from "./details.ts";
import { investigate, type Sources } from "./investigate.ts";
import type { Profiles } from "./profile.ts";
import { entryOf } from "./read-case.ts";

/** An item that came into being: its key, and the number of the change in the stream. */
export type TableChange = { readonly pk: string; readonly sk: string; readonly sequence: string };

/** What the background works with. */
export type BackgroundPorts = Omit<Sources, "cases" | "profiles"> & {
  readonly table: Table;
  readonly cases: CaseStore;
  readonly profiles: Profiles;
  /** The rules and the EventBridge rules as they are deployed. */
  readonly rules: () => { readonly ruleSet: RuleSet; readonly eventRules: readonly EventRule[] };
  readonly tell: TellPorts;
  readonly clock: Clock;
  /** Something that could not be done for an alert. */
  readonly failed: (alertId: string, doing: string, error: unknown) => void;
};

/** Milliseconds that one alert may take of an invocation, whatever CloudTrail's history takes. */
const CASE_MS = 20_000;
/** Milliseconds that telling what came of one change may take: a destination that hangs must not hold up numbers. */
const TELL_MS = 20_000;
/** For how long what it reads of the table is tried again, in milliseconds. */
const TABLE_HEALS_MS = 3_000;
/** For how long the stream brings an alert again whose investigation cannot be made for now, in milliseconds. */
const TRY_FOR_MS = 15 * 60_000;
/** Below so many milliseconds nothing new is begun. */
const LEAST_MS = 5_000;
const ALERT = /^ALERT#([0-9a-f]{32})$/;

/** Works on changes in their order; gives the numbers of those that must come again. */
export async function buildCases(
  changes: readonly TableChange[],
  ports: BackgroundPorts,
  invocation: Invocation,
): Promise<readonly string[]> {
  const failed: string[] = [];
  // Side by side, but what is told of one alert in its order.
  const telling = new Map<string, Promise<void>>();
  const tellNext = (id: string, tell: Telling): void => {
    const soon = (): Promise<void> => tell(Math.min(invocation.answersBy, ports.clock.now() + TELL_MS));
    telling.set(id, (telling.get(id) ?? Promise.resolve()).then(soon));
  };
  for (const { pk, sk, sequence } of changes) {
    const id = ALERT.exec(pk)?.[1];
    if (id === undefined) continue;
    const now = ports.clock.now();
    if (invocation.answersBy - now < LEAST_MS && changes.length > 1 && sequence !== changes[0]?.sequence) {
      failed.push(sequence);
      continue;
    }
    const deadline = Math.min(invocation.answersBy, now + CASE_MS);
    try {
      if (sk === "ALERT") tellNext(id, await buildCase(id, ports, deadline, invocation));
      else if (sk === "SUMMARY") await ports.cases.summarise(id, deadline);
      else if (sk.startsWith("LOG#")) tellNext(id, await readEntry({ pk, sk }, id, ports, deadline));
    } catch (error) {
      ports.failed(id, doingOf(sk), error);
      failed.push(sequence);
    }
  }
  await Promise.all(telling.values());
  return failed;
}

/** Tells what came of a change, by a deadline in milliseconds since 1970; never rejects. */
type Telling = (deadline: number) => Promise<void>;

const nothing: Telling = async () => undefined;

/** Builds one case; what it gives back tells the answers. */
async function buildCase(
  id: string,
  ports: BackgroundPorts,
  deadline: number,
  { answersBy }: Invocation,
): Promise<Telling> {
  const found = await ports.cases.read(id, deadline);
  // It has expired meanwhile: nobody can ask for its scopes.
  if (found === undefined) return nothing;
  const problems: unknown[] = [];
  const trying = async <T>(work: () => Promise<T>): Promise<T | undefined> =>
    work().catch((error: unknown) => {
      problems.push(error);
      return undefined;
    });
  await trying(() => storeDetails(found.alert, ports, deadline));
  const investigation = await trying(() => storeInvestigation(found.alert, found.row, ports, deadline));
  await trying(() => ports.cases.publish(id, answersBy));
  const [problem] = problems;
  if (problem !== undefined) throw problem;
  if (investigation?.state !== "ready") return nothing;
  return (by) => tellAnswers(id, investigation, ports.tell, by);
}

async function storeDetails(
  alert: Alert,
  { cases, rules, clock, failed }: BackgroundPorts,
  deadline: number,
): Promise<void> {
  if ((await cases.readScope(alert.id, "details", deadline)) !== undefined) return;
  const scope = await computed("details", alert.id, { clock, failed }, async () => {
    const { ruleSet, eventRules } = rules();
    return computeDetails(alert, ruleSet, eventRules);
  });
  await storeScope(scope, alert.id, { cases, clock, failed }, deadline);
}

/** The investigation as it is stored, this time or before. */
async function storeInvestigation(
  alert: Alert,
  row: CaseRow,
  ports: BackgroundPorts,
  deadline: number,
): Promise<Scope<"investigation"> | undefined> {
  const { cases, profiles, clock } = ports;
  if ((await cases.readScope(alert.id, "investigation", deadline)) === undefined) {
    // What the record lacks does not come by waiting; a table that hiccups heals.
    const until = deedOf(alert) === undefined ? 0 : clock.now() + TABLE_HEALS_MS;
    const isYoung = clock.now() - Date.parse(row.createdAt) < TRY_FOR_MS;
    const mayHeal = (error: unknown): boolean => isYoung && isPassing(error);
    const scope = await computed(
      "investigation",
      alert.id,
      ports,
      async () => ({
        value: { answers: await insist(() => investigate(alert, row, ports, deadline), until, clock) },
        notes: [],
      }),
      mayHeal,
    );
    await storeScope(scope, alert.id, ports, deadline);
  }
  const [deed, subject] = [deedOf(alert), subjectOf(alert)];
  if (deed !== undefined && subject !== undefined)
    await profiles.add(subject.key, alert.id, deed, clock.now(), deadline);
  // Whoever was first has stored it: that is what is told.
  return (await cases.readScope(alert.id, "investigation", deadline)) as Scope<"investigation"> | undefined;
}

/** What computing gave, or why it gave nothing; rejects with what may heal. */
async function computed<S extends "details" | "investigation">(
  scope: S,
  alertId: string,
  { clock, failed }: Pick<BackgroundPorts, "clock" | "failed">,
  compute: () => Promise<Pick<Extract<Scope<S>, { readonly state: "ready" }>, "value" | "notes">>,
  mayHeal: (error: unknown) => boolean = () => false,
): Promise<Scope<S>> {
  try {
    const { value, notes } = await compute();
    return { scope, state: "ready", computedAt: new Date(clock.now()).toISOString(), value, notes };
  } catch (error) {
    if (mayHeal(error)) throw error;
    failed(alertId, scope, error);
    return { scope, state: "unavailable", why: `It could not be computed: ${describe(error)}` };
  }
}

/** Whether AWS says that the same may work later: it is throttled, broken or silent. */
function isPassing(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const isTheirs = "$fault" in error && error.$fault === "server";
  return isTheirs || /Throttl|Throughput|RequestLimit|Timeout|Abort/.test(error.name);
}

/** One that is too large for an item is stored as not to be had. */
async function storeScope(
  scope: Scope,
  alertId: string,
  { cases, failed }: Pick<BackgroundPorts, "cases" | "failed" | "clock">,
  deadline: number,
): Promise<void> {
  try {
    await cases.writeScope(alertId, scope.scope, scope, deadline);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    failed(alertId, scope.scope, error);
    const why = `It could not be stored: ${describe(error)}`;
    await cases.writeScope(alertId, scope.scope, { scope: scope.scope, state: "unavailable", why }, deadline);
  }
}

/** What somebody did to a case, to be told. */
async function readEntry(
  key: { readonly pk: string; readonly sk: string },
  id: string,
  { table, tell }: BackgroundPorts,
  deadline: number,
): Promise<Telling> {
  const entry = entryOf(await table.get(key, deadline));
  return entry === undefined ? nothing : (by) => tellStatus(id, entry, tell, by);
}

function doingOf(sk: string): string {
  if (sk === "ALERT") return "building the case";
  return sk === "SUMMARY" ? "noting the summary" : "telling a change";
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return "something that is no error was thrown";
  return showText(`${error.name}: ${error.message}`, 300);
}
