/**
 * `engine case`: the open cases of a deployed engine, one case with all that is known of it, and what people do to it:
 * acknowledge, close, reopen, comment.
 */
import { safeJson } from "../../lambda/alerts/safe-json.ts";
import { showText } from "../../lambda/alerts/show-text.ts";
import { type Case, CLOSE_REASONS, type Scope, type ScopeName } from "../../lambda/cases/case-schema.ts";
import type { CaseChange, CaseStore } from "../../lambda/cases/case-store.ts";
import { makeScopeReader, type ReadScope } from "../../lambda/cases/scopes.ts";
import { formatCase } from "../../lib/case-text/format-case.ts";
import { formatList } from "../../lib/case-text/format-list.ts";
import { type CaseSession, openCaseSession } from "../../lib/case-text/session.ts";
import { STACK_NAME } from "../../lib/names.ts";
import { type Command, type Io, UsageError } from "../command.ts";
import { DEPLOYED_OPTIONS, readRegion } from "../deployed-options.ts";
import { oneOf, positiveInteger, readOptions, RULES_OPTION } from "../options.ts";

const help = `Usage: npm run engine -- case [--all] [--limit N] [--stack NAME] [--region REGION] [--format text|json]
       npm run engine -- case ID
       npm run engine -- case ID [--acknowledge | --close REASON | --reopen] [--comment TEXT]

Lists the open cases of a deployed engine, shows one with all that is known of it, or changes it.

  ID                 an alert's id; its first characters do, six at least
  --acknowledge      somebody is at it
  --close REASON     ${CLOSE_REASONS.join(", ")}
  --reopen           it is not over after all
  --comment TEXT     what others shall know; alone, it changes no status
  --all              list closed, acknowledged and quiet ones too
  --limit N          how many are listed, default 50, at most 1000
  --stack NAME       the stack, default ${STACK_NAME}
  --region REGION    default: AWS_REGION or AWS_DEFAULT_REGION
  --format text|json json: one document
  --rules DIR        taken by every verb, without effect here

Needs cloudformation:DescribeStacks; dynamodb:GetItem and Query on the table and its indexes, and for
changes PutItem and UpdateItem. Changes are kept under the name of the AWS credentials.
Exit code: 0 done, 1 the change was refused, 2 wrong use.

Examples:
  npm run engine -- case --region eu-west-1
  npm run engine -- case 5f0c2b1a
  npm run engine -- case 5f0c2b1a --close false-positive --comment "A drill of ours."
  npm run --silent engine -- case 5f0c2b1a --format json | jq '.scopes.timeline.value.entries[].text'
`;

const CALL_MS = 20_000;
const MOST_LISTED = 1_000;
const WHOLE_ID = /^[0-9a-f]{32}$/;
const BEGINNING = /^[0-9a-f]{6,31}$/;
const EVERYTHING = { dispositions: ["delivered", "suppressed", "staged", "deduplicated"] } as const;

/** The verb with the AWS that it asks: tests give their own. */
export function caseCommand(
  open: (region: string) => CaseSession,
  environment: Readonly<Record<string, string | undefined>>,
): Command {
  return {
    summary: "list, show, acknowledge, close and comment cases",
    help,
    async run(args, io) {
      const { values, positionals } = readOptions(args, {
        ...RULES_OPTION,
        ...DEPLOYED_OPTIONS,
        format: { type: "string", default: "text" },
        acknowledge: { type: "boolean", default: false },
        close: { type: "string" },
        reopen: { type: "boolean", default: false },
        comment: { type: "string" },
        all: { type: "boolean", default: false },
        limit: { type: "string", default: "50" },
      });
      const [id, surplus] = positionals;
      if (surplus !== undefined) throw new UsageError(`case takes one id, not "${surplus}" as well.`);
      const change = readChange(values);
      const limit = positiveInteger("limit", values.limit) ?? 50;
      if (limit > MOST_LISTED) throw new UsageError(`--limit takes ${MOST_LISTED} at most, not ${limit}.`);
      if (id === undefined && change !== undefined)
        throw new UsageError("Say which case: case ID --close REASON.");
      if (id !== undefined && !WHOLE_ID.test(id) && !BEGINNING.test(id))
        throw new UsageError(`"${id}" is no alert's id: those are hex digits, of which six do.`);
      const isJson = oneOf("format", values.format, ["text", "json"]) === "json";
      const session = open(readRegion(values.region, environment));
      const outputs = await session.outputs(values.stack);
      const cases = session.openCases(outputs["StateTable"] ?? "");
      const engine = { cases, session, stack: values.stack, isJson, io };
      if (id === undefined) return list(values.all, limit, engine);
      const whole = await wholeId(id, engine);
      return change === undefined ? show(whole, engine) : apply(whole, change, engine);
    },
  };
}

/** The verb as it is called. */
export const command: Command = caseCommand(openCaseSession, process.env);

type Engine = {
  readonly cases: CaseStore;
  readonly session: CaseSession;
  readonly stack: string;
  readonly isJson: boolean;
  readonly io: Io;
};
type Changing = Omit<CaseChange, "by">;

function readChange(values: {
  readonly acknowledge: boolean;
  readonly close?: string | undefined;
  readonly reopen: boolean;
  readonly comment?: string | undefined;
}): Changing | undefined {
  const { acknowledge, close, reopen, comment } = values;
  if ([acknowledge, close !== undefined, reopen].filter(Boolean).length > 1)
    throw new UsageError("--acknowledge, --close and --reopen exclude each other.");
  const said = comment === undefined ? {} : { comment };
  if (close !== undefined) return { status: "closed", reason: oneOf("close", close, CLOSE_REASONS), ...said };
  if (acknowledge) return { status: "acknowledged", ...said };
  if (reopen) return { status: "open", ...said };
  return comment === undefined ? undefined : said;
}

async function list(
  all: boolean,
  limit: number,
  { cases, session, stack, isJson, io }: Engine,
): Promise<number> {
  const filter = all ? EVERYTHING : { statuses: ["open"] as const };
  const rows: Case["row"][] = [];
  let cursor: string | undefined;
  do {
    const page = await cases.list(
      filter,
      { limit: limit - rows.length, ...(cursor === undefined ? {} : { cursor }) },
      session.now() + CALL_MS,
    );
    rows.push(...page.rows);
    cursor = page.next;
  } while (cursor !== undefined && rows.length < limit);
  const more = cursor !== undefined;
  const what = all ? "case" : "open case";
  io.stdout.write(isJson ? `${safeJson({ cases: rows, more })}\n` : formatList(rows, { what, stack, more }));
  return 0;
}

/** The id that begins so, among the newest thousand. */
async function wholeId(id: string, { cases, session, stack }: Engine): Promise<string> {
  if (WHOLE_ID.test(id)) return id;
  const { rows } = await cases.list(EVERYTHING, { limit: MOST_LISTED }, session.now() + CALL_MS);
  const [only, other] = rows.filter((row) => row.id.startsWith(id));
  if (only === undefined)
    throw new UsageError(
      `None of the newest ${rows.length} cases of ${stack} has an id that begins with "${id}".`,
    );
  if (other !== undefined) throw new UsageError(`"${id}" begins the ids of several cases. Give more of it.`);
  return only.id;
}

async function show(id: string, { cases, session, stack, isJson, io }: Engine): Promise<number> {
  const readScope = makeScopeReader({ cases, now: session.now });
  const found = await cases.read(id, session.now() + CALL_MS);
  if (found === undefined) throw new UsageError(`${stack} has no case ${id}.`);
  const scope = <S extends ScopeName>(name: S) => readOne(readScope, id, name, session.now() + CALL_MS);
  const scopes = {
    details: await scope("details"),
    investigation: await scope("investigation"),
    events: await scope("events"),
    "related-alerts": await scope("related-alerts"),
    integrations: await scope("integrations"),
    timeline: await scope("timeline"),
  };
  io.stdout.write(isJson ? `${safeJson({ ...found, scopes })}\n` : formatCase(found, scopes));
  return 0;
}

/** A scope that cannot be read keeps back no other. */
async function readOne<S extends ScopeName>(
  readScope: ReadScope,
  id: string,
  scope: S,
  deadline: number,
): Promise<Scope<S>> {
  try {
    const read = await readScope(id, scope, deadline);
    if (read !== undefined) return read as Scope<S>;
    return { scope, state: "unavailable", why: "The case has expired meanwhile." };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { scope, state: "unavailable", why: `The table did not answer: ${showText(message, 200)}` };
  }
}

async function apply(
  id: string,
  change: Changing,
  { cases, session, stack, isJson, io }: Engine,
): Promise<number> {
  const by = await session.whoAmI();
  const changed = await cases.change(id, { ...change, by }, session.now() + CALL_MS);
  if (!changed.ok) {
    if (changed.why === "not-found") throw new UsageError(`${stack} has no case ${id}.`);
    io.stderr.write(`${showText(changed.message, 400)}\n`);
    return 1;
  }
  const { row, entry } = changed;
  const words = entry.to === undefined ? `commented on; it is ${row.status}` : `now ${row.status}`;
  io.stdout.write(
    isJson
      ? `${safeJson({ row, entry })}\n`
      : `${id.slice(0, 8)} is ${words}, by ${showText(entry.by, 100)}.\n`,
  );
  return 0;
}
