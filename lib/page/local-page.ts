/**
 * The page of a local run: its table, its rules, and what it tells of records and deliveries as they happen. The feed is
 * made before the run, so that nothing of it is missed; the page is served once the run has a table.
 *
 *     const feed = makeFeed();
 *     const run = await startLocalRun({ …, onEnvelope: feed.onEnvelope });
 *     const page = await serveLocalPage(run, feed, { port: 0, onProblem });
 */
import { userInfo } from "node:os";
import { computeDetails } from "../../lambda/cases/details.ts";
import { makeScopeReader } from "../../lambda/cases/scopes.ts";
import { deriveEventRules } from "../../lambda/engine/event-rules.ts";
import { loadRules } from "../../lambda/loader/load-rules.ts";
import type { Envelope } from "../../lambda/record/record.ts";
import type { DeliveryNews } from "../local/detector-log.ts";
import { openLocalCases } from "../local/local-cases.ts";
import type { LocalRun } from "../local/local-run.ts";
import { type Activity, makeActivity } from "./activity.ts";
import { type Page, startPage } from "./start-page.ts";

const EVERY_MS = 2000;

/** What a run tells, for its page. */
export type Feed = {
  readonly activity: Activity;
  onEnvelope(envelope: Envelope, letThrough: boolean): void;
  onDelivery(news: DeliveryNews): void;
  /** Something has come to the table. */
  onChange(): void;
  /** The page that is to look, once there is one. */
  serves(page: Pick<Page, "poke">): void;
};

/** A feed that nobody listens to yet. */
export function makeFeed(): Feed {
  const activity = makeActivity();
  let page: Pick<Page, "poke"> | undefined;
  return {
    activity,
    onEnvelope: ({ detail, time }, letThrough) =>
      activity.seen((detail as { readonly eventTime?: unknown }).eventTime ?? time, letThrough),
    onDelivery: (news) => {
      activity.delivery(news);
      page?.poke();
    },
    onChange: () => page?.poke(),
    serves: (one) => {
      page = one;
    },
  };
}

/** Serves the page of a run. Rejects with the reason where the port cannot be had. */
export async function serveLocalPage(
  run: Pick<LocalRun, "services" | "outputs" | "region" | "rules">,
  feed: Feed,
  options: { readonly port: number; readonly onProblem: (line: string) => void },
): Promise<Page> {
  const { ruleSet } = loadRules(run.rules);
  const { eventRules } = deriveEventRules(ruleSet);
  const { cases } = openLocalCases(run);
  const now = Date.now;
  const page = await startPage(
    {
      cases,
      readScope: makeScopeReader({
        cases,
        now,
        explain: (alert) => computeDetails(alert, ruleSet, eventRules),
      }),
      ruleSet,
      person: personHere(),
      place: "this machine",
      activity: feed.activity,
      every: EVERY_MS,
      now,
      onProblem: options.onProblem,
    },
    { port: options.port },
  );
  feed.serves(page);
  return page;
}

/** The name of who is signed in on this machine; some have none, in a container. */
function personHere(): string {
  try {
    return userInfo().username;
  } catch {
    return "somebody on this machine";
  }
}
