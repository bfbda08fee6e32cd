/**
 * What a call of `replay` asks for: alerts, the noise table or a comparison, and in which format. Every combination that
 * would be answered in part only is refused here, before anything is read.
 *
 *   readRequest(["trail/", "--by", "rule", "--format", "json"]).answer   // { kind: "by-rule", format: "json" }
 */
import { FORMAT_NAMES } from "../../lambda/formats/formats.ts";
import type { Disposition } from "../../lib/replay/by-rule-schema.ts";
import { UsageError } from "../command.ts";
import { oneOf, positiveInteger, RULES_OPTION, readOptions, someOf } from "../options.ts";

const ALERT_FORMATS = ["text", "ndjson", ...FORMAT_NAMES] as const;
const REPORT_FORMATS = ["text", "json", "markdown"] as const;
const FORMATS = [...ALERT_FORMATS, "json", "markdown"] as const;
const EXAMPLES = 3;
/** Examples are held in memory for each rule. */
const MAX_EXAMPLES = 100;

export type AlertFormat = (typeof ALERT_FORMATS)[number];
export type ReportFormat = (typeof REPORT_FORMATS)[number];

/** What to print. */
export type Answer =
  | { readonly kind: "alerts"; readonly format: AlertFormat }
  | { readonly kind: "by-rule"; readonly format: ReportFormat }
  | {
      readonly kind: "compare";
      readonly format: ReportFormat;
      readonly revision: string;
      readonly examples: number;
    };

/** A call, read and checked. */
export type Request = {
  readonly paths: readonly string[];
  readonly rules: string;
  /** Without the event patterns. */
  readonly all: boolean;
  readonly include: ReadonlySet<Disposition>;
  readonly budget: number | undefined;
  readonly answer: Answer;
};

/** Reads the arguments. Throws a UsageError for wrong use. */
export function readRequest(args: readonly string[]): Request {
  const { values, positionals } = readOptions(args, {
    ...RULES_OPTION,
    format: { type: "string", default: "text" },
    by: { type: "string" },
    compare: { type: "string" },
    examples: { type: "string" },
    all: { type: "boolean", default: false },
    include: { type: "string" },
    budget: { type: "string" },
  });
  const { rules, all } = values;
  const answer = answerOf(values);
  const include = new Set<Disposition>([
    "delivered",
    ...someOf("include", values.include, ["suppressed", "staged"]),
  ]);
  const budget = positiveInteger("budget", values.budget);
  if (positionals.length === 0) {
    throw new UsageError("Say what to replay: a file, a folder, or - for stdin.");
  }
  return { paths: positionals, rules, all, include, budget, answer };
}

type Options = {
  readonly format: string;
  readonly by?: string | undefined;
  readonly compare?: string | undefined;
  readonly examples?: string | undefined;
};

function answerOf({ format: word, by, compare, examples: wanted }: Options): Answer {
  const format = oneOf("format", word, FORMATS);
  if (by !== undefined) oneOf("by", by, ["rule"]);
  if (by !== undefined && compare !== undefined) {
    throw new UsageError("--by and --compare are two answers: ask for one of them, then for the other.");
  }
  const examples = positiveInteger("examples", wanted);
  if (examples !== undefined && compare === undefined) {
    throw new UsageError(
      "--examples goes with --compare REV: it says how many alerts of a kind are shown for a rule.",
    );
  }
  if (examples !== undefined && examples > MAX_EXAMPLES) {
    throw new UsageError(
      `--examples takes at most ${MAX_EXAMPLES}: "replay --format ndjson" prints every alert.`,
    );
  }
  const alertFormat = ALERT_FORMATS.find((one) => one === format);
  const reportFormat = REPORT_FORMATS.find((one) => one === format);
  if (by === undefined && compare === undefined) {
    // Alerts make no Markdown that anybody would read: the table is what goes into a pull request.
    if (format === "markdown") return { kind: "by-rule", format };
    if (alertFormat !== undefined) return { kind: "alerts", format: alertFormat };
    throw new UsageError(
      "--format json goes with --by rule or --compare REV, which print one document. Alerts are printed one a line: --format ndjson.",
    );
  }
  if (reportFormat === undefined) {
    const option = compare === undefined ? "--by rule" : "--compare";
    throw new UsageError(`${option} prints text, json or markdown; ${format} is a format of alerts.`);
  }
  if (compare === undefined) return { kind: "by-rule", format: reportFormat };
  return { kind: "compare", format: reportFormat, revision: compare, examples: examples ?? EXAMPLES };
}
