/**
 * `patterns`: the EventBridge rules that synthesis would make, for a person who wants to know what reaches the
 * engine, and for programs that check it.
 */
import { type EventRules, deriveEventRules } from "../../lambda/engine/event-rules.ts";
import { MAX_PATTERN_LENGTH } from "../../lambda/engine/pattern-json.ts";
import type { PatternsEntry } from "../../lib/patterns-schema.ts";
import { createLineWriter } from "../../lib/replay/line-writer.ts";
import { counted } from "../../lib/words.ts";
import type { Command, Io } from "../command.ts";
import { noPositionals, oneOf, positiveInteger, RULES_OPTION, readOptions } from "../options.ts";
import { readRules } from "../rules.ts";

const HELP = `Usage: npm run engine -- patterns [options]

Shows the EventBridge rules that are derived from the rules: only records that pass one of them reach the engine.
What a deployment adds is not shown: the exclusion of the detector's own calls, and the rule that counts those denied.

  --format text|json   json: [{"name", "state", "eventPattern", "rules": [ids]}]. Default: text
  --budget N           how many EventBridge rules may be derived. Default: 100
  --rules DIR          the folder with the rules. Default: rules

Exit code: 0 fine, 1 when a rule file is bad or the rules do not fit the budget (nothing is then printed on stdout),
2 for wrong use.

Examples:
  npm run engine -- patterns                           # with lengths, and overlaps where there are any
  npm run --silent engine -- patterns --format json | jq '.[].eventPattern'
`;

/** The verb. */
export const command: Command = {
  summary: "Show the EventBridge rules that are derived from the rules.",
  help: HELP,
  run,
};

async function run(args: readonly string[], io: Io): Promise<number> {
  const { values, positionals } = readOptions(args, {
    ...RULES_OPTION,
    format: { type: "string", default: "text" },
    budget: { type: "string" },
  });
  const format = oneOf("format", values.format, ["text", "json"]);
  const budget = positiveInteger("budget", values.budget);
  noPositionals(positionals);
  const say = (line: string): void => {
    io.stderr.write(`${line}\n`);
  };
  const ruleSet = readRules(values.rules, say);
  if (ruleSet === undefined) return 1;
  const derived = deriveEventRules(ruleSet, budget === undefined ? {} : { budget });
  const writer = createLineWriter(io.stdout);
  await writer.write(format === "json" ? toJson(derived) : toText(derived));
  await writer.flush();
  const longest = Math.max(0, ...derived.eventRules.map(({ eventPattern }) => length(eventPattern)));
  say(
    `${counted(derived.eventRules.length, "EventBridge rule")} for ${counted(ruleSet.rules.length, "rule")}; ` +
      `longest pattern ${longest} of ${MAX_PATTERN_LENGTH} characters.`,
  );
  for (const overlap of derived.overlaps) say(`overlap: ${overlap}`);
  if (derived.overlaps.length === 0) say("No record is delivered twice.");
  for (const note of derived.notes) say(`note: ${note}`);
  return 0;
}

function toJson({ eventRules }: EventRules): string {
  const entries = eventRules.map(({ name, state, eventPattern, rules }): PatternsEntry => {
    return { name, state, eventPattern, rules: [...rules] };
  });
  return JSON.stringify(entries, undefined, 2);
}

function toText({ eventRules }: EventRules): string {
  return eventRules
    .map(({ name, state, eventPattern, rules }) =>
      [
        `${name}  ${state}  ${length(eventPattern)} characters`,
        ...rules.map((id) => `  ${id}`),
        ...JSON.stringify(eventPattern, undefined, 2)
          .split("\n")
          .map((line) => `    ${line}`),
        "",
      ].join("\n"),
    )
    .join("\n");
}

/** Length as EventBridge counts it: without white space. */
function length(eventPattern: unknown): number {
  return JSON.stringify(eventPattern).length;
}
