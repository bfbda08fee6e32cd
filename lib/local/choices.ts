/**
 * What a person chooses for a local run, read from the command line: destinations to show, faults, the pace of waiting.
 * Each reader gives the choice, or what is wrong with the text, as a sentence.
 *
 *     readFaults(["slack:503:30m"])   // [{ id: "slack", how: { status: 503 }, milliseconds: 1_800_000, … }]
 */
import { didYouMean } from "../../lambda/words/nearest.ts";
import { LOCAL_DESTINATIONS } from "./media.ts";
import type { Fault as StandInFault } from "./stand-in.ts";

/** Two minutes a second: a window of ten minutes closes while one watches. */
export const DEFAULT_SPEED = 120;
const MAX_SPEED = 1_000_000;

/** The names that `--destinations` takes. */
export const DESTINATION_NAMES: readonly string[] = Object.keys(LOCAL_DESTINATIONS);

/** A destination that fails: how, and for how long (for good, when that is undefined). */
export type Fault = {
  readonly id: string;
  readonly how: StandInFault;
  readonly milliseconds: number | undefined;
  /** As it was given. */
  readonly text: string;
};

/** The destinations in "slack,teams" or "all". */
export function readNames(text: string): readonly string[] | string {
  if (text === "all") return DESTINATION_NAMES;
  const names = text.split(",").map((name) => name.trim());
  const unknown = names.find((name) => !DESTINATION_NAMES.includes(name));
  return unknown === undefined
    ? [...new Set(names)]
    : `--destinations takes all or a list; there is no "${unknown}". ${didYouMean(unknown, DESTINATION_NAMES)}`;
}

const UNITS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000 };

/** Faults such as "slack:503", "pagerduty:timeout", "slack:503:30s". */
export function readFaults(texts: readonly string[]): readonly Fault[] | string {
  const faults: Fault[] = [];
  for (const text of texts) {
    const [, id, how, amount, unit] =
      /^([a-z][a-z0-9-]{0,31}):(timeout|[1-5]\d\d)(?::(\d{1,6})([smh]))?$/u.exec(text) ?? [];
    if (id === undefined || how === undefined)
      return `--fail takes a destination, how it fails and for how long, e.g. slack:503, pagerduty:timeout or slack:503:30s, not "${text}".`;
    if (id === "topic")
      return "--fail topic: the topic is on a local SNS, which cannot be made to fail; let another destination fail.";
    if (how !== "timeout" && Number(how) < 300)
      return `--fail ${text}: ${how} is no failure; give a status from 300 to 599, or timeout.`;
    faults.push({
      id,
      how: how === "timeout" ? "timeout" : { status: Number(how) },
      milliseconds: amount === undefined ? undefined : Number(amount) * (UNITS[unit ?? "s"] ?? 1000),
      text,
    });
  }
  return faults;
}

/** How many times as fast waiting time passes. */
export function readSpeed(text: string): number | string {
  const speed = Number(text);
  return /^\d+$/u.test(text) && speed >= 1 && speed <= MAX_SPEED
    ? speed
    : `--speed takes a whole number from 1 to ${MAX_SPEED}, not "${text}".`;
}
