/**
 * `engine redrive`: the dead letters of a deployed engine, listed, shown and sent once more. How that is done so that
 * nothing is lost and nobody is told twice is in `lib/redrive/replay.ts`.
 */
import { type DeadLetter, readDeadLetters, releaseDeadLetters } from "../../lib/redrive/dead-letters.ts";
import { formatDeadLetter, formatDeadLetters } from "../../lib/redrive/format.ts";
import { replayDeadLetter } from "../../lib/redrive/replay.ts";
import { openSession, type Session } from "../../lib/redrive/session.ts";
import { STACK_NAME } from "../../lib/names.ts";
import { printable } from "../../lambda/loader/problem.ts";
import { safeJson } from "../../lambda/alerts/safe-json.ts";
import { type Command, type Io, UsageError } from "../command.ts";
import { DEPLOYED_OPTIONS, readRegion } from "../deployed-options.ts";
import { oneOf, RULES_OPTION, readOptions } from "../options.ts";

const help = `Usage: npm run engine -- redrive [list] [--stack NAME] [--region REGION] [--format text|json]
       npm run engine -- redrive show ID
       npm run engine -- redrive send ID… | --all

Lists what a deployed engine could not deliver or not process, shows one dead letter whole, and sends
them once more, after what the reasons name is mended. Who was told already is not told again.

  list               the dead letters of both queues, with the reason of each (the default)
  show ID            one whole: the alert and what became of each delivery, or the record as it came
  send ID… | --all   once more; what fails stays where it is. An ID may be cut to its first characters
  --stack NAME       the stack, default ${STACK_NAME}
  --region REGION    default: AWS_REGION or AWS_DEFAULT_REGION
  --format text|json json: one document
  --rules DIR        taken by every verb, without effect here

Needs cloudformation:DescribeStacks; sqs:ReceiveMessage, ChangeMessageVisibility, DeleteMessage and
SendMessage on the queues; dynamodb:GetItem and UpdateItem on the table; lambda:InvokeFunction for records.
While it looks, it hides the letters from others that look, for five minutes at most.
Exit code: 0 done, 1 something could not be sent, 2 wrong use.

Examples:
  npm run engine -- redrive --region eu-west-1
  npm run engine -- redrive send 5f0c2b1a
  npm run --silent engine -- redrive --format json | jq -r '.deadLetters[] | .destination'
`;

/** The verb with the AWS that it asks: tests give their own. */
export function redriveCommand(
  open: (region: string) => Session,
  environment: Readonly<Record<string, string | undefined>>,
): Command {
  return {
    summary: "list, show and send again what could not be delivered",
    help,
    async run(args, io) {
      const { values, positionals } = readOptions(args, {
        ...RULES_OPTION,
        ...DEPLOYED_OPTIONS,
        format: { type: "string", default: "text" },
        all: { type: "boolean", default: false },
      });
      const [word = "list", ...ids] = positionals;
      const action = readAction(word, ids, values.all);
      const isJson = oneOf("format", values.format, ["text", "json"]) === "json";
      const session = open(readRegion(values.region, environment));
      const outputs = await session.outputs(values.stack);
      const engine = { session, outputs, stack: values.stack, isJson, io };
      const letters = await readDeadLetters(session.sqs, {
        deadDeliveriesUrl: outputs["DeadDeliveriesUrl"] ?? "",
        deadLettersUrl: outputs["DeadLettersUrl"] ?? "",
      });
      const sent = new Set<DeadLetter>();
      try {
        if (action === "list") return list(letters, engine);
        const chosen = values.all ? letters : ids.map((id) => pick(id, letters));
        if (action === "show") return await show(chosen, engine);
        return await send(chosen, sent, engine);
      } finally {
        await releaseDeadLetters(
          session.sqs,
          letters.filter((letter) => !sent.has(letter)),
        );
      }
    },
  };
}

/** The verb as it is called. */
export const command: Command = redriveCommand(openSession, process.env);

type Engine = {
  readonly session: Session;
  readonly outputs: Readonly<Record<string, string>>;
  readonly stack: string;
  readonly isJson: boolean;
  readonly io: Io;
};

function readAction(word: string, ids: readonly string[], all: boolean): "list" | "show" | "send" {
  const action = (["list", "show", "send"] as const).find((one) => one === word);
  if (action === undefined)
    throw new UsageError(`redrive takes list, show or send, not "${word}": redrive send ${word}?`);
  if (action === "list" && (ids.length > 0 || all)) throw new UsageError("redrive list takes no ids.");
  if (action === "show" && (ids.length !== 1 || all)) throw new UsageError("redrive show takes one id.");
  if (action === "send" && ids.length > 0 === all)
    throw new UsageError("redrive send takes ids, or --all for every dead letter.");
  return action;
}

function pick(id: string, letters: readonly DeadLetter[]): DeadLetter {
  const found = letters.filter((letter) => letter.id.startsWith(id));
  const [only, other] = found;
  if (only === undefined)
    throw new UsageError(`There is no dead letter "${id}". Without arguments redrive lists those there are.`);
  if (other !== undefined)
    throw new UsageError(`"${id}" begins the ids of ${found.length} dead letters. Give more of it.`);
  return only;
}

function list(letters: readonly DeadLetter[], { io, isJson, stack }: Engine): number {
  const shown = letters.map((letter) => withoutReceipt(letter));
  io.stdout.write(isJson ? `${safeJson({ deadLetters: shown })}\n` : formatDeadLetters(letters, stack));
  return 0;
}

async function show(
  letters: readonly DeadLetter[],
  { io, isJson, session, outputs }: Engine,
): Promise<number> {
  const store = session.openStore(outputs["StateTable"] ?? "");
  for (const letter of letters) {
    const alert =
      letter.kind === "delivery"
        ? await store.read(letter.alertId, letter.part, session.now() + 10_000)
        : undefined;
    io.stdout.write(
      isJson ? `${safeJson({ ...withoutReceipt(letter), ...alert })}\n` : formatDeadLetter(letter, alert),
    );
  }
  return 0;
}

async function send(letters: readonly DeadLetter[], sent: Set<DeadLetter>, engine: Engine): Promise<number> {
  const { io, isJson, session, outputs, stack } = engine;
  const ports = {
    ...session,
    store: session.openStore(outputs["StateTable"] ?? ""),
    redeliveryUrl: outputs["RedeliveryUrl"] ?? "",
    invoke: async (event: unknown) => {
      const answer = await session.invoke(outputs["DetectorArn"] ?? "", event);
      return answer.ok ? undefined : answer.error;
    },
  };
  const results: { readonly id: string; readonly ok: boolean; readonly says: string }[] = [];
  for (const letter of letters) {
    const { ok, says } = await replayDeadLetter(letter, ports);
    if (ok) sent.add(letter);
    results.push({ id: letter.id, ok, says });
    if (!isJson) io.stdout.write(`${ok ? "sent" : "FAILED"}  ${letter.id.slice(0, 8)}  ${printable(says)}\n`);
  }
  if (isJson) io.stdout.write(`${safeJson({ results })}\n`);
  else if (letters.length === 0) io.stdout.write(`${stack} has no dead letters.\n`);
  return results.every(({ ok }) => ok) ? 0 : 1;
}

/** A receipt is only good for this run. */
function withoutReceipt(letter: DeadLetter): object {
  return Object.fromEntries(Object.entries(letter).filter(([name]) => name !== "receiptHandle"));
}
