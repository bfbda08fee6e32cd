/**
 * Runs records through what is deployed: the derived event patterns with their state, then the rules. One alert a
 * match, in the order of the input, without dedup: a replay answers "what would have alerted", record for record.
 *
 *   const tally = await replay(readBatches(["trail/"]), { engine, delivering, at: Date.now(), onAlert: print, … });
 *   tally.read      // 2900
 *   tally.delivered // 61
 *
 * Suppressions hold or have expired as of one moment, `at`, for the whole run, whenever its records were written: it
 * answers for the engine as it is deployed now.
 */
import type { Alert } from "../../lambda/alerts/alert-schema.ts";
import { makeAlert } from "../../lambda/alerts/alert.ts";
import type { Engine, Match } from "../../lambda/engine/engine.ts";
import type { CloudTrailRecord, Envelope } from "../../lambda/record/record.ts";
import type { Item, Place } from "./records.ts";

/** How many alerts of a rule there were, by what would become of them. */
type RuleTally = Record<Match["disposition"], number>;

/** What is counted. Records are counted once, however many rules match them. */
export type Tally = {
  /** Records that could be read. */
  read: number;
  /** Records that an event pattern lets through. */
  delivered: number;
  /** Records with at least one alert that would have been sent. */
  alerted: number;
  /** Alerts that would have been sent, one for each record and rule. */
  alerts: number;
  /** Alerts that a suppression would have kept back. */
  suppressed: number;
  /** Alerts of staged rules, which go nowhere. */
  staged: number;
  /** Pieces of the input that could not be read. */
  unreadable: number;
  /** Rules and suppressions that could not be evaluated, once for each record. */
  failed: number;
  /** Alerts of each rule by its id. */
  readonly perRule: Map<string, RuleTally>;
  /** How often each suppression of the rule set held, by its id; also those that never did. */
  readonly perSuppression: Map<string, number>;
};

/** What a replay works with and whom it tells. */
export type ReplayOptions = {
  readonly engine: Engine;
  /** The moment as of which suppressions hold or have expired, in milliseconds since 1970. */
  readonly at: number;
  /** Gives the event rules that deliver an envelope (`compileEventRules`); without it every record is evaluated. */
  readonly delivering?: (envelope: Envelope) => readonly unknown[];
  /** Told of every alert; the replay waits for its promise. */
  readonly onAlert: (alert: Alert) => Promise<void> | undefined;
  /** Told of everything that could not be read. */
  readonly onUnreadable: (place: Place, reason: string) => void;
  /** Told of every rule, and suppression of a rule's match, that could not be evaluated on a record. */
  readonly onFailedRule: (place: Place, ruleId: string, message: string) => void;
  /** Told of every error of a jq expression, which is no match. */
  readonly onJqError?: (place: Place, ruleId: string, message: string) => void;
  /** Told after every batch. */
  readonly onBatch?: (tally: Tally) => void;
};

/** Replays batches of items and gives the counts. */
export async function replay(
  batches: AsyncIterable<readonly Item[]>,
  options: ReplayOptions,
): Promise<Tally> {
  const tally: Tally = {
    read: 0,
    delivered: 0,
    alerted: 0,
    alerts: 0,
    suppressed: 0,
    staged: 0,
    unreadable: 0,
    failed: 0,
    perRule: new Map(),
    perSuppression: new Map(options.engine.ruleSet.suppressions.map(({ id }) => [id, 0])),
  };
  for await (const batch of batches) {
    for (const item of batch) {
      if (!item.ok) {
        tally.unreadable++;
        options.onUnreadable(item.place, item.reason);
        continue;
      }
      tally.read++;
      const { envelope, record } = item.reading;
      if (options.delivering !== undefined && options.delivering(envelope).length === 0) continue;
      tally.delivered++;
      // Most records have no candidate: for them nothing is awaited.
      if (options.engine.candidates(record).length === 0) continue;
      await evaluate(record, item.place, tally, options);
    }
    options.onBatch?.(tally);
  }
  return tally;
}

async function evaluate(
  record: CloudTrailRecord,
  place: Place,
  tally: Tally,
  options: ReplayOptions,
): Promise<void> {
  const { matches, problems, jqErrors = [] } = await options.engine.evaluate(record, options.at);
  for (const { ruleId, message } of jqErrors) options.onJqError?.(place, ruleId, message);
  for (const { ruleId, suppressionId, message } of problems) {
    tally.failed++;
    const what = suppressionId === undefined ? message : `suppression ${suppressionId}: ${message}`;
    options.onFailedRule(place, ruleId, what);
  }
  if (matches.some(({ disposition }) => disposition === "delivered")) tally.alerted++;
  for (const match of matches) {
    count(match, tally);
    await options.onAlert(makeAlert(match, record));
  }
}

function count({ rule, disposition, suppression }: Match, tally: Tally): void {
  tally[disposition === "delivered" ? "alerts" : disposition]++;
  const ofRule = tally.perRule.get(rule.id) ?? { delivered: 0, suppressed: 0, staged: 0 };
  ofRule[disposition]++;
  tally.perRule.set(rule.id, ofRule);
  if (suppression !== undefined) {
    tally.perSuppression.set(suppression.id, (tally.perSuppression.get(suppression.id) ?? 0) + 1);
  }
}
