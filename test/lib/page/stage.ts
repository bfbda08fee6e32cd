/** A page over stores in memory, with the shipped rules and the clock of this machine: for tests in Node and in a browser. */
import type { Alert } from "../../../lambda/alerts/alert-schema.ts";
import { rowOf } from "../../../lambda/cases/case-row.ts";
import type { Answer, CaseRow } from "../../../lambda/cases/case-schema.ts";
import { computeDetails } from "../../../lambda/cases/details.ts";
import { makeScopeReader } from "../../../lambda/cases/scopes.ts";
import { deriveEventRules } from "../../../lambda/engine/event-rules.ts";
import type { Severity } from "../../../lambda/engine/rule.ts";
import { loadRules } from "../../../lambda/loader/load-rules.ts";
import { makeActivity } from "../../../lib/page/activity.ts";
import type { PagePorts } from "../../../lib/page/ports.ts";
import { type Page, startPage } from "../../../lib/page/start-page.ts";
import { asTable, makeMemoryTable } from "../../faults/memory-table.ts";
import { sampleAlert } from "../../lambda/alerts/sample.ts";
import { soon, storesOver } from "../../lambda/cases/stores.ts";

/** The rules of the repository. */
export const { ruleSet } = loadRules("rules");
const { eventRules } = deriveEventRules(ruleSet);

/** What an investigation may say. */
const ANSWERS: readonly Answer[] = [
  {
    id: "new-user",
    question: "Has a new user been involved in the event in the last 60 days?",
    answer: "yes",
    because: "alice@example.com was first seen 20 minutes before this call.",
    evidence: [
      {
        what: "First call of the role Admin by alice@example.com.",
        source: "profile",
        time: "2026-11-20T09:55:00.000Z",
      },
    ],
    weight: 90,
  },
  {
    id: "no-mfa",
    question: "Have the users involved in the event authenticated without MFA in the last 60 days?",
    answer: "no",
    because: "The session was signed in with MFA, and so were the 3 before it.",
    evidence: [],
    weight: 40,
  },
  {
    id: "root",
    question: "Have any of the users involved in the event used the Root account in the last 60 days?",
    answer: "unknown",
    because: "The stored alerts go back 12 days only.",
    evidence: [{ what: "No use of root in 12 days of alerts.", source: "alerts" }],
    weight: 60,
  },
];

/** A page, its stores, and ways to make something happen. */
export type Stage = {
  readonly page: Page;
  readonly ports: PagePorts;
  readonly stores: ReturnType<typeof storesOver>;
  readonly problems: readonly string[];
  /** An alert comes in, is told, and its case is built. */
  tell(alert: Alert): Promise<void>;
  close(): Promise<void>;
};

/** Starts a page over alerts. `cases` takes the place of the store in memory. */
export async function startStage(alerts: readonly Alert[], changes: Partial<PagePorts> = {}): Promise<Stage> {
  const stores = storesOver(asTable(makeMemoryTable()));
  const problems: string[] = [];
  const activity = makeActivity();
  const ports: PagePorts = {
    cases: stores.cases,
    readScope: makeScopeReader({
      cases: stores.cases,
      now: Date.now,
      explain: (alert) => computeDetails(alert, ruleSet, eventRules),
    }),
    ruleSet,
    person: "tester",
    place: "a test",
    activity,
    every: 60_000,
    now: Date.now,
    onProblem: (line) => problems.push(line),
    ...changes,
  };
  const build = async (alert: Alert): Promise<void> => {
    await stores.tell(alert);
    const at = { state: "ready", computedAt: new Date().toISOString(), notes: [] };
    const details = computeDetails(alert, ruleSet, eventRules);
    await stores.cases.writeScope(alert.id, "details", { scope: "details", ...at, ...details }, soon());
    const investigation = { scope: "investigation", ...at, value: { answers: ANSWERS } };
    await stores.cases.writeScope(alert.id, "investigation", investigation, soon());
    await stores.cases.publish(alert.id, soon());
    activity.seen(alert.startTime, true);
    activity.delivery({
      kind: "delivered",
      destination: "topic",
      ruleId: alert.rule.id,
      alertId: alert.id,
      reason: "",
      attempts: 1,
    });
  };
  for (const alert of alerts) await build(alert);
  const page = await startPage(ports, { port: 0 });
  return {
    page,
    ports,
    stores,
    problems,
    tell: async (alert) => {
      await build(alert);
      page.poke();
    },
    close: () => page.close(),
  };
}

const SEVERITIES: readonly Severity[] = ["critical", "high", "medium", "low", "info"];
const PEOPLE = ["alice", "bob", "carol", "dave", "erin", "frank"];

/** As many different alerts, a minute apart, the newest last. */
export function manyAlerts(count: number): Alert[] {
  const start = Date.parse("2026-11-20T10:00:00.000Z");
  return Array.from({ length: count }, (_, index) => {
    const person = PEOPLE[index % PEOPLE.length] ?? "";
    const time = new Date(start + index * 60_000).toISOString();
    const alert = sampleAlert(
      {
        eventID: `many-${index}`,
        eventTime: time,
        sourceIPAddress: `192.0.2.${index % 250}`,
        recipientAccountId: index % 3 === 0 ? "210987654321" : "123456789012",
      },
      { severity: SEVERITIES[index % SEVERITIES.length] ?? "info", name: `Security group ${index} opened` },
    );
    return {
      ...alert,
      actor: {
        ...alert.actor,
        name: `${person}@example.com`,
        arn: `arn:aws:iam::123456789012:role/${person}`,
      },
    };
  });
}

/** A source of rows for lists alone, however many. */
export function listOnly(rows: readonly CaseRow[]): PagePorts["cases"] {
  const newest = rows.toSorted((a, b) => (a.startTime < b.startTime ? 1 : -1));
  return {
    list: (_filter, { limit, cursor }) => {
      const from = Number(cursor ?? "0");
      const next = from + limit < newest.length ? { next: String(from + limit) } : {};
      return Promise.resolve({ rows: newest.slice(from, from + limit), ...next });
    },
    read: () => Promise.resolve(undefined),
    change: () => Promise.resolve({ ok: false, why: "not-found", message: "" }),
    published: () => Promise.resolve([]),
  };
}

/** The row of an alert. */
export function rowFor(alert: Alert): CaseRow {
  return rowOf(alert, { createdAt: alert.startTime });
}
