/**
 * The function that refreshes dynamic lists: apart from the detector, because it may read what a list's query reads, and
 * the detector need not. Lists stand in `lists.json` beside the bundle.
 */
import { readFileSync } from "node:fs";
import type { Context } from "aws-lambda";
import type { List } from "../engine/rule.ts";
import { isObject, textAt, valueAt } from "../record/untrusted.ts";
import { openTable } from "../state/table.ts";
import { awsSources } from "./ask-aws.ts";
import { httpsSource } from "./fetch-https.ts";
import { ListError } from "./list-error.ts";
import { refreshAsked } from "./refresh-all.ts";
import type { RefreshOutcome } from "./refresh.ts";
import { type ShownList, showLists } from "./show-lists.ts";

const CURE = "it is written when the stack is synthesised: deploy the stack again";
/** Milliseconds before the end of the invocation by which all must be done, and what a caller without a clock has. */
const DONE_BEFORE_MS = 3_000;
const NO_CLOCK_MS = 120_000;

const environment = process.env;
/** A local run plays days that are long gone, and nothing of it leaves the machine. */
const isLocal = environment["ENGINE_LISTS_LOCAL"] !== undefined;
const ports = {
  table: openTable({ name: readTable(environment["ENGINE_TABLE"]) }),
  sources: { ...awsSources(), https: isLocal ? refuseHttps : httpsSource() },
  lists: readLists(new URL("lists.json", import.meta.url)),
  now: () => Date.now(),
  ...(isLocal ? { firstFrom: 1 } : {}),
  write: (line: string) => void process.stdout.write(`${line}\n`),
};

/** Handles one invocation. Two parameters on purpose: Node 24 refuses handlers with a callback (FACTS § 3). */
export async function handler(
  event: unknown,
  context: Partial<Pick<Context, "getRemainingTimeInMillis">>,
): Promise<{ readonly outcomes: readonly RefreshOutcome[]; readonly lists?: readonly ShownList[] }> {
  const left = context.getRemainingTimeInMillis?.() ?? NO_CLOCK_MS;
  const deadline = Date.now() + left - DONE_BEFORE_MS;
  const action = textAt(event, "engine");
  const { outcomes } =
    action === "show-lists" ? { outcomes: [] } : await refreshAsked(event, ports, deadline);
  if (valueAt(event, "show") !== true) return { outcomes };
  return { outcomes, lists: await showLists(ports.lists, textAt(event, "name"), ports, deadline) };
}

function readTable(name: string | undefined): string {
  if (name !== undefined && /^[\w.-]{3,255}$/u.test(name)) return name;
  throw new TypeError(`ENGINE_TABLE is not set; ${CURE}.`);
}

function refuseHttps(): Promise<never> {
  return Promise.reject(new ListError("A local run fetches nothing."));
}

function readLists(file: URL): Readonly<Record<string, List>> {
  const found: unknown = JSON.parse(readFileSync(file, "utf8"));
  if (isObject(found)) return found as Readonly<Record<string, List>>;
  throw new TypeError(`${file.pathname} holds no lists; ${CURE}.`);
}
