/**
 * What the bench prints: one table, each number with the ratio to the parse of the same round, and whether the targets
 * were reached. The ratios carry over to other machines, the microseconds do not.
 */
import { arch, availableParallelism, cpus, loadavg } from "node:os";
import { MAX_BUNDLE_BYTES, MAX_START_BYTES } from "../../lib/bundle.ts";
import type { ColdStarts } from "./cold-start.ts";
import type { DeliveryTimes } from "./deliveries.ts";
import type { Timing } from "./measure.ts";

/** Everything that was measured. */
export type Results = {
  readonly corpus: { readonly name: string; readonly records: number; readonly bytes: number };
  readonly evaluations: readonly {
    readonly rules: number;
    /** How many of the records alert. */
    readonly alerting: number;
    readonly parse: Timing;
    readonly ours: Timing;
    /** Ours, of the records that do not alert alone. */
    readonly quiet: Timing;
    readonly flat: Timing;
  }[];
  readonly replay: { readonly bytes: number; readonly records: number; readonly seconds: number };
  readonly deliveries: readonly DeliveryTimes[];
  readonly coldStarts: ColdStarts;
};

/** Ours may take so many times what the parse takes. */
const MOST: ReadonlyMap<number, number> = new Map([
  [60, 1.5],
  [600, 1.5],
  [6_000, 2],
]);
const MOST_MILLIS = 80;

/** The report, as lines. */
export function formatResults({ corpus, evaluations, replay, deliveries, coldStarts }: Results): string[] {
  const seconds = replay.seconds;
  const mega = replay.bytes / 1e6;
  return [
    machine(),
    `${corpus.name}: ${count(corpus.records)} records of ${count(Math.round(corpus.bytes / corpus.records))} bytes.`,
    "",
    "µs a record, and times JSON.parse:",
    row(["rules", "JSON.parse", "ours", "", "target", "", "no alert", "one Engine", "", "records alert"]),
    ...evaluations.map(({ rules, alerting, parse, ours, quiet, flat }) => {
      const most = MOST.get(rules) ?? Number.POSITIVE_INFINITY;
      return row([
        count(rules),
        micros(parse),
        micros(ours),
        times(ours),
        `${most.toFixed(1)} ×`,
        reached(ours.ratio <= most),
        times(quiet),
        micros(flat),
        times(flat),
        `${((alerting / corpus.records) * 100).toFixed(1)} %`,
      ]);
    }),
    "  ours: JSON.parse, envelope, candidates, json-rules-engine on those, alerts.",
    "  no alert: the same, of the records that alert nobody.",
    "  one Engine: JSON.parse, envelope, flat, json-rules-engine with all rules in one Engine.",
    "",
    `replay of ${mega.toFixed(0)} MB in .json.gz, shipped rules, whole process: ${(mega / seconds).toFixed(0)} MB/s, ${count(Math.round(replay.records / seconds))} records/s (${seconds.toFixed(1)} s)`,
    "",
    "warm, from the record in to all deliveries out (topic and four destinations, local stand-ins):",
    ...deliveries.map(
      ({ alerts, p50, p99, invocations }) =>
        `  ${`${alerts} ${alerts === 1 ? "alert" : "alerts"}`.padEnd(12)} p50 ${p50.toFixed(0).padStart(4)} ms   p99 ${p99.toFixed(0).padStart(4)} ms   of ${invocations} invocations`,
    ),
    "",
    "cold start of the bundle, from the start of the process to the first record evaluated:",
    ...coldStarts.starts.map(({ name, millis }, at) =>
      `  ${name.padEnd(14)}${millis.toFixed(0).padStart(5)} ms${at === 1 ? `   ≤ ${MOST_MILLIS} ms: ${reached(millis <= MOST_MILLIS)}` : ""}`.trimEnd(),
    ),
    sizeLine("code of a cold start", coldStarts.startBytes, MAX_START_BYTES),
    sizeLine("code without rules", coldStarts.codeBytes, MAX_BUNDLE_BYTES),
  ];
}

function sizeLine(what: string, bytes: number, most: number): string {
  return `  ${what.padEnd(20)} ${count(Math.round(bytes / 1024)).padStart(6)} KB   ≤ ${count(most / 1024)} KB: ${reached(bytes <= most)}`;
}

function machine(): string {
  const model = cpus()[0]?.model.trim() ?? "unknown processor";
  const load = loadavg()[0]?.toFixed(1) ?? "?";
  return `Node ${process.versions.node}, ${arch()}, ${availableParallelism()} × ${model}; load before: ${load}`;
}

function row(cells: readonly string[]): string {
  const widths = [6, 12, 9, 9, 9, 13, 10, 12, 10, 15];
  return cells
    .map((cell, at) => cell.padStart(widths[at] ?? 10))
    .join("")
    .trimEnd();
}

function micros({ micros: value }: Timing): string {
  return value < 100 ? value.toFixed(2) : count(Math.round(value));
}

function times({ ratio }: Timing): string {
  return `${ratio < 100 ? ratio.toFixed(2) : count(Math.round(ratio))} ×`;
}

function reached(yes: boolean): string {
  return yes ? "reached" : "NOT reached";
}

function count(value: number): string {
  return value.toLocaleString("en-US");
}
