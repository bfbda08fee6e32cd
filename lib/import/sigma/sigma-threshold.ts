/**
 * The aggregation of older Sigma rules as our `threshold`, where the two say the same.
 *
 *   aggregationOf("selection | count() by userIdentity.arn > 20", "10m")
 *   // { condition: "selection", threshold: { count: 21, within: "10m", by: ["userIdentity.arn"] } }
 */
import { quote } from "../../../lambda/loader/problem.ts";
import { Refusal } from "../model.ts";
import { singleField } from "./sigma-item.ts";

/** A condition, and what counts its matches. */
export type Aggregation = {
  readonly condition: string;
  readonly threshold?: Readonly<Record<string, unknown>>;
};

const COUNT = /^count\(\s*([^()\s]*)\s*\)(?:\s+by\s+([^\s,]+))?\s*(>=|>|<=|<|==|=)\s*(\d+)$/i;
const SPAN = /^([1-9]\d*)\s*([smhdM])$/;

/**
 * Takes the aggregation off a condition.
 * @throws Refusal when it cannot be said exactly.
 */
export function aggregationOf(text: string, timeframe: unknown): Aggregation {
  const [condition = "", ...rest] = text.split("|");
  if (rest.length === 0) {
    if (timeframe !== undefined) throw new Refusal("It has a timeframe, and its condition counts nothing.");
    return { condition };
  }
  const [, distinct = "", by, comparison, bound = "0"] = COUNT.exec(rest.join("|").trim()) ?? [];
  if (comparison === undefined)
    throw new Refusal(
      `The aggregation ${quote(rest.join("|").trim())} has no counterpart: only count() … by FIELD > N has.`,
    );
  if (comparison !== ">" && comparison !== ">=")
    throw new Refusal(
      "It alerts when something happens seldom, and only many within a time are counted here.",
    );
  if (timeframe === undefined)
    throw new Refusal("It counts without a timeframe: say within which time, e.g. timeframe: 10m.");
  if (by === undefined)
    throw new Refusal("It counts everything together: a threshold needs a field to count by.");
  const key = singleField(by);
  const value = distinct === "" ? undefined : singleField(distinct);
  if (key === undefined || (distinct !== "" && value === undefined))
    throw new Refusal("It counts by a field that is no single value.");
  const within = spanOf(timeframe);
  const count = Number(bound) + (comparison === ">" ? 1 : 0);
  if (count < 2 || count > 500)
    throw new Refusal(`It counts to ${count}, and a threshold counts from 2 to 500.`);
  return {
    condition,
    threshold: { count, within, by: [key], ...(value === undefined ? {} : { distinct: value }) },
  };
}

function spanOf(timeframe: unknown): string {
  const [, number = "", unit = ""] = SPAN.exec(String(timeframe)) ?? [];
  const seconds = Number(number) * ({ s: 1, m: 60, h: 3600, d: 86_400 }[unit] ?? 0);
  if (seconds < 10 || seconds > 86_400)
    throw new Refusal(`Its timeframe ${quote(timeframe)} is none from 10s to 24h.`);
  return unit === "d" ? "24h" : `${number}${unit}`;
}
