/**
 * Alerts to an event bus, so that people chain their own: a ticket, a quarantine, a second team's rules. The event's
 * detail is the alert document, in the format that the settings choose. Its source never begins with "aws.", which every pattern of ours demands: what the
 * engine sends can never come back to it as a record.
 *
 *     { "source": "cloudtrail-engine", "detail-type": "CloudTrail Engine Alert", "detail": { "severity": "high", … } }
 */
import type { PutEventsRequestEntry, PutEventsResponse } from "@aws-sdk/client-eventbridge";
import { showText } from "../alerts/show-text.ts";
import { documentWithin, type Format, FORMAT_SETTING, openFormat } from "../formats/formats.ts";
import { AWS_ONE_ATTEMPT, awsBudget, awsDeliveryError, once, regionOfArn } from "./aws-client.ts";
import { DeliveryError, type Destination, type Notice } from "./destination.ts";
import { declareDestination } from "./destination-type.ts";
import type { Checked, Settings } from "./settings.ts";

/** An entry may have 1 MB (FACTS § 1); whether that is 1,000,000 bytes or more, it is at least these. */
const MAX_BYTES = 1_000_000;
const MAX_RESOURCES = 20;
const RESOURCE = /^arn:[\x21-\x7e]{1,1020}$/;
/** What tells a window's close from the alert itself, for patterns that want only one of them. */
const DETAIL_TYPE_END: Readonly<Record<Notice["kind"], string>> = {
  first: "",
  repeat: " Repeat",
  summary: " Summary",
  answers: " Answers",
  status: " Status",
};
/** Codes that say that the event itself is wrong (SDK); all others can heal. */
const OUR_FAULT: ReadonlySet<string> = new Set([
  "InvalidAccountIdException",
  "InvalidArgument",
  "MalformedDetail",
  "RedactionFailure",
]);

/** Puts one event before a deadline (ms since 1970); the port through which tests see what would be sent. */
export type PutEvent = (
  entry: PutEventsRequestEntry,
  deadline: number,
) => Promise<Partial<PutEventsResponse>>;

const settings = {
  busArn: {
    kind: "text",
    description: "the ARN of an event bus, of any account and Region",
    pattern: /^arn:aws[\w-]*:events:[a-z0-9-]+:\d{12}:event-bus\/(?!aws\.)[\w./-]{1,256}$/,
    example: "arn:aws:events:eu-west-1:123456789012:event-bus/alerts",
  },
  source: {
    kind: "text",
    description: "the events' source (cloudtrail-engine, unless set), which must not begin with aws.",
    pattern: /^(?!aws(?:\.|$))[\w./-]{1,256}$/i,
    example: "com.example.alerts",
    optional: true,
  },
  detailType: {
    kind: "text",
    description:
      'the events\' detail-type (CloudTrail Engine Alert, unless set), not ending in "via CloudTrail"',
    pattern: /^(?!.*via CloudTrail *$)[\x21-\x7e](?:[\x20-\x7e]{0,98}[\x21-\x7e])?$/i,
    example: "Security Alert",
    optional: true,
  },
  ...FORMAT_SETTING,
} as const satisfies Settings;

/** The registry's entry. */
export const eventbridge = declareDestination({
  description: "An event on an EventBridge bus, with the alert document as its detail.",
  settings,
  permissions: ({ busArn }) => [{ actions: ["events:PutEvents"], resources: [busArn] }],
  make: (checked) => makeEventBridge(checked),
});

/** Makes the destination of one bus. */
export function makeEventBridge(
  checked: Checked<typeof settings>,
  putEvent: PutEvent = eventPutter(checked.busArn, checked.endpoint),
): Destination {
  const { id, busArn } = checked;
  return {
    id,
    type: "eventbridge",
    // An event that was put cannot be changed.
    updates: false,
    async deliver(notice, deadline) {
      const entry = toEntry(checked, notice, await openFormat(checked.format ?? "alert"));
      const answer = await putEvent(entry, deadline).catch((error: unknown) => {
        throw awsDeliveryError(error, id, `putting an event on ${busArn}`);
      });
      return acceptedEvent(answer, id, busArn);
    },
  };
}

/** The entry for a notice, shortened to what a bus takes. */
function toEntry(
  { busArn, source = "cloudtrail-engine", detailType = "CloudTrail Engine Alert" }: Checked<typeof settings>,
  notice: Notice,
  format: Format,
): PutEventsRequestEntry {
  const { alert, kind } = notice;
  const fixed = {
    EventBusName: busArn,
    Source: source,
    DetailType: detailType + DETAIL_TYPE_END[kind],
    Resources: alert.resources
      .map(({ arn }) => arn)
      .filter((arn) => RESOURCE.test(arn))
      .slice(0, MAX_RESOURCES),
  };
  // EventBridge counts these and the detail, and not the name of the bus.
  const taken = [fixed.Source, fixed.DetailType, ...fixed.Resources]
    .map((text) => Buffer.byteLength(text))
    .reduce((total, bytes) => total + bytes, 0);
  return { ...fixed, Detail: documentWithin(notice, format, MAX_BYTES - taken) };
}

/** The event's id; a bus that refuses an entry says so in an answer with the status 200. */
function acceptedEvent(
  { Entries = [], FailedEntryCount = 0 }: Partial<PutEventsResponse>,
  destination: string,
  busArn: string,
): string | undefined {
  const code = Entries[0]?.ErrorCode;
  if (code === undefined && FailedEntryCount === 0) return Entries[0]?.EventId;
  const said = showText(
    [code ?? "no reason given", Entries[0]?.ErrorMessage].filter(Boolean).join(": "),
    300,
  );
  const isRight = /AccessDenied|NotAuthorized/.test(code ?? "");
  const cure = isRight
    ? "; its resource policy must admit the engine's role, source and detail-type if it belongs to another account"
    : "";
  throw new DeliveryError(`${busArn} refused the event: ${said}${cure}`, {
    destination,
    retryable: !OUR_FAULT.has(code ?? ""),
    status: 200,
  });
}

/** Loads the SDK at the first event. */
function eventPutter(busArn: string, endpoint: string | undefined): PutEvent {
  const connect = once(async (): Promise<PutEvent> => {
    const { EventBridgeClient, PutEventsCommand } = await import("../aws/eventbridge.ts");
    const region = regionOfArn(busArn);
    const client = new EventBridgeClient({
      ...AWS_ONE_ATTEMPT,
      ...(region === undefined ? {} : { region }),
      ...(endpoint === undefined ? {} : { endpoint }),
    });
    return (entry, deadline) =>
      client.send(new PutEventsCommand({ Entries: [entry] }), {
        abortSignal: AbortSignal.timeout(awsBudget(deadline)),
      });
  });
  return async (entry, deadline) => (await connect())(entry, deadline);
}
