/**
 * What the detector's log tells of a run: deliveries that failed and came through later, alerts that were kept back. All
 * else that it logs as an error, and what is no log line at all, concerns the person in front.
 */
import { objectIn, textIn } from "./stand-in.ts";

/** Something that became of a delivery. */
export type DeliveryNews = {
  readonly kind: "failed" | "dead" | "delivered" | "repeat-failed";
  readonly destination: string;
  readonly ruleId: string;
  readonly alertId: string;
  /** Why it failed. */
  readonly reason: string;
  readonly attempts: number;
};

/** How many alerts were kept back, and what else was counted. */
export type LogCounts = {
  suppressed: number;
  staged: number;
  deduplicated: number;
  /** Deliveries that came through, those of summaries among them, and those that needed more than one attempt. */
  delivered: number;
  summaries: number;
  redelivered: number;
  /** Attempts that failed, and deliveries given up. */
  failed: number;
  dead: number;
};

/** Who is told. */
export type LogListener = { onDelivery?(news: DeliveryNews): void; onProblem(line: string): void };

/** Counts of a log that has not begun. */
export function noCounts(): LogCounts {
  return {
    suppressed: 0,
    staged: 0,
    deduplicated: 0,
    delivered: 0,
    summaries: 0,
    redelivered: 0,
    failed: 0,
    dead: 0,
  };
}

/** Takes one line. */
export function readLogLine(line: string, counts: LogCounts, listener: LogListener): void {
  const entry = line.startsWith("{") ? objectIn(line) : undefined;
  if (entry === undefined) return listener.onProblem(`detector: ${line}`);
  const attempts = Number(entry["attempts"] ?? 0);
  const news = (kind: DeliveryNews["kind"]): void =>
    listener.onDelivery?.({
      kind,
      attempts,
      destination: textIn(entry, "destination"),
      ruleId: textIn(entry, "ruleId"),
      alertId: textIn(entry, "alertId"),
      reason: textIn(entry, "reason"),
    });
  switch (textIn(entry, "message")) {
    case "alert suppressed":
      counts.suppressed += 1;
      return;
    case "alert staged":
      counts.staged += 1;
      return;
    case "alert deduplicated":
      counts.deduplicated += 1;
      return;
    case "alert delivered":
    case "summary delivered":
      counts.delivered += 1;
      if (entry["message"] === "summary delivered") counts.summaries += 1;
      if (attempts > 1) counts.redelivered += 1;
      return news("delivered");
    case "delivery failed":
      counts.failed += 1;
      return news("failed");
    case "repeat not told":
      return news("repeat-failed");
    case "delivery given up":
      counts.dead += 1;
      return news("dead");
    default:
      if (textIn(entry, "level") === "error") listener.onProblem(`detector: ${line}`);
  }
}
