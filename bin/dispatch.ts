/**
 * Finds the verb and runs it. Each verb is one file in `bin/commands/`, loaded only when it is called, so that
 * `replay` does not wait for the CDK to load. What a verb throws ends here: wrong use as advice and exit code 2,
 * anything else as one clear line and exit code 1, never as a stack trace nobody asked for.
 *
 *   await dispatch(["patterns", "--format", "json"], io)  // 0
 *   await dispatch(["pattern"], io)                       // 2, and: No verb "pattern". Did you mean "patterns"?
 */
import { readFileSync } from "node:fs";
import { didYouMean } from "../lambda/words/nearest.ts";
import { printable } from "../lambda/loader/problem.ts";
import { type Command, type Io, UsageError } from "./command.ts";

type Verb = { readonly summary: string; load(): Promise<{ command: Command }> };

/** Every verb with the line that the list shows: here, so that the list needs to load none of them. */
export const VERBS: Readonly<Record<string, Verb>> = {
  start: {
    summary: "Run the whole product on this machine and play a day of CloudTrail.",
    load: () => import("./commands/start.ts"),
  },
  new: {
    summary: "Write a new rule and its test, from a real record or the name of a call.",
    load: () => import("./commands/new.ts"),
  },
  import: {
    summary: "Import rules of other tools: tattletail, Sigma, Lacework dynamic alerts, EventBridge.",
    load: () => import("./commands/import.ts"),
  },
  validate: {
    summary: "Check every rule file and say what is wrong, where, and how to mend it.",
    load: () => import("./commands/validate.ts"),
  },
  test: {
    summary: "Run the test files beside the rules.",
    load: () => import("./commands/test.ts"),
  },
  explain: {
    summary: "Say what a rule makes of a record: delivered, which conditions hold, alert or not.",
    load: () => import("./commands/explain.ts"),
  },
  replay: {
    summary: "Run CloudTrail files through patterns and rules and print the alerts.",
    load: () => import("./commands/replay.ts"),
  },
  coverage: {
    summary: "Show which ATT&CK techniques the rules watch.",
    load: () => import("./commands/coverage.ts"),
  },
  docs: {
    summary: "Write the catalogue of the rules, or check that it has not drifted.",
    load: () => import("./commands/docs.ts"),
  },
  patterns: {
    summary: "Show the EventBridge rules that are derived from the rules.",
    load: () => import("./commands/patterns.ts"),
  },
  "test-event-pattern": {
    summary: "Judge event patterns as EventBridge does, one NDJSON line at a time.",
    load: () => import("./commands/test-event-pattern.ts"),
  },
  doctor: {
    summary: "Check a deployed account: trail, Region, subscriptions, secrets, rules.",
    load: () => import("./commands/doctor.ts"),
  },
  "send-test": {
    summary: "Send a test alert through every destination, deployed or local.",
    load: () => import("./commands/send-test.ts"),
  },
  case: {
    summary: "List, show, acknowledge, close and comment the cases of a deployed engine.",
    load: () => import("./commands/case.ts"),
  },
  page: {
    summary: "Serve the page of a deployed engine on this machine.",
    load: () => import("./commands/page.ts"),
  },
  publish: {
    summary: "Put rules in force without deploying, show the difference, roll back.",
    load: () => import("./commands/publish.ts"),
  },
  redrive: {
    summary: "List, show and send again what a deployed engine could not deliver.",
    load: () => import("./commands/redrive.ts"),
  },
  keys: {
    summary: "Make, list and revoke the keys to the APIs.",
    load: () => import("./commands/keys.ts"),
  },
  accounts: {
    summary: "Show which accounts and Regions reach a deployed engine, and which fell silent.",
    load: () => import("./commands/accounts.ts"),
  },
  "spoke-template": {
    summary: "Print the CloudFormation template that forwards a spoke's records to the hub.",
    load: () => import("./commands/spoke-template.ts"),
  },
  lists: {
    summary: "Show and refresh the dynamic lists of a deployed engine.",
    load: () => import("./commands/lists.ts"),
  },
  schemas: {
    summary: "Write the published JSON Schemas, or check that they have not drifted.",
    load: () => import("./commands/schemas.ts"),
  },
};

/** The `--help` of the whole command line. */
function overview(): string {
  const width = Math.max(...Object.keys(VERBS).map((verb) => verb.length));
  const verbs = Object.entries(VERBS).map(([verb, { summary }]) => `  ${verb.padEnd(width)}  ${summary}`);
  return [
    "Usage: npm run engine -- VERB [arguments]",
    "",
    ...verbs,
    "",
    "Every verb has --help. Data goes to stdout, words to stderr.",
    "Exit code: 0 fine, 1 findings (a bad file, a failing test), 2 wrong use.",
    "--debug before the verb shows the stack of an unexpected error. --version prints the version.",
    "npm run --silent engine -- VERB keeps npm's own lines out of a pipe or a file.",
    "",
  ].join("\n");
}

/**
 * Runs `[--debug] VERB …` and gives the exit code. Never throws.
 */
export async function dispatch(args: readonly string[], io: Io): Promise<number> {
  const debug = args[0] === "--debug";
  const [name, ...rest] = debug ? args.slice(1) : args;
  if (name === "--help" || name === "-h" || name === "help") {
    io.stdout.write(overview());
    return 0;
  }
  if (name === "--version" || name === "-v") {
    io.stdout.write(`${version()}\n`);
    return 0;
  }
  if (name === undefined) {
    io.stderr.write(overview());
    return 2;
  }
  const verb = Object.hasOwn(VERBS, name) ? VERBS[name] : undefined;
  if (verb === undefined) {
    const what = name.startsWith("-") ? "No option" : "No verb";
    io.stderr.write(`${what} "${printable(name)}". ${didYouMean(name, Object.keys(VERBS))} See --help.\n`);
    return 2;
  }
  try {
    const { command } = await verb.load();
    if (asksForHelp(rest)) {
      io.stdout.write(`${command.help.trimEnd()}\n`);
      return 0;
    }
    return await command.run(rest, io);
  } catch (error) {
    return explain(error, name, debug, io);
  }
}

/** The version that package.json gives. */
function version(): string {
  const text = readFileSync(new URL("../package.json", import.meta.url), "utf8");
  return String((JSON.parse(text) as { version?: unknown }).version);
}

/** `--help` or `-h` among the options: what follows `--` are paths, whatever they are called. */
function asksForHelp(args: readonly string[]): boolean {
  const end = args.indexOf("--");
  const options = end === -1 ? args : args.slice(0, end);
  return options.includes("--help") || options.includes("-h");
}

/** Says what went wrong and gives the exit code. */
function explain(error: unknown, verb: string, debug: boolean, io: Io): number {
  if (error instanceof UsageError) {
    io.stderr.write(`${verb}: ${printable(error.message)}\nSee: npm run engine -- ${verb} --help\n`);
    return 2;
  }
  const message = error instanceof Error ? error.message : String(error);
  const [first = "", ...more] = (message === "" ? "failed without saying why" : message).split("\n");
  // Several lines are as many problems with their places, which editors find at the start of a line.
  const lines = more.length === 0 ? [`${verb}: ${first}`] : [`${verb}:`, first, ...more];
  io.stderr.write(lines.map((line) => `${printable(line)}\n`).join(""));
  if (debug && error instanceof Error) io.stderr.write(`${error.stack ?? ""}\n`);
  else if (isUnexpected(error)) io.stderr.write(`For the stack: npm run engine -- --debug ${verb} …\n`);
  return 1;
}

/** Our own errors say what to do; JavaScript's and the system's say where to look at best. */
function isUnexpected(error: unknown): boolean {
  return !(error instanceof Error) || error.name === "Error" || error.name in globalThis;
}
