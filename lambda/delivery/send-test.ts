/**
 * A test alert through every destination, at once, with each one's answer: what `engine send-test` shows. It is labelled
 * as a test wherever it can be read, recorded nowhere, and tried once: whoever waits for the answer tries again.
 *
 *     await sendTest(["slack"], ports, invocation)
 *     // [{ destination: "slack", type: "slack", ok: false, milliseconds: 210, reason: "… channel_not_found …" }]
 */
import type { Alert } from "../alerts/alert-schema.ts";
import { makeAlert } from "../alerts/alert.ts";
import type { Rule } from "../engine/rule.ts";
import { tellOnce } from "./attempt.ts";
import type { DeliveryPorts, Invocation } from "./ports.ts";

/** What became of the test at one destination. */
export type TestOutcome = {
  readonly destination: string;
  readonly type: string;
  readonly ok: boolean;
  readonly milliseconds: number;
  /** Why not. */
  readonly reason?: string;
};

/** Sends it to the destinations `to`, a list of ids, or to all when there is no list; never rejects. */
export async function sendTest(
  to: unknown,
  ports: Pick<DeliveryPorts, "destinations" | "clock" | "newOwner">,
  { answersBy }: Invocation,
): Promise<TestOutcome[]> {
  const { destinations, clock, newOwner } = ports;
  const wanted = Array.isArray(to) ? to.map(String) : [...destinations.keys()];
  const alert = testAlert(clock.now(), newOwner());
  return Promise.all(
    [...new Set(wanted)].map(async (destination) => {
      const started = clock.now();
      const error = await tellOnce({ alert, kind: "first" }, destination, ports, answersBy);
      const type = destinations.get(destination)?.type ?? "unknown";
      const milliseconds = clock.now() - started;
      const tested = { destination, type, ok: error === undefined, milliseconds };
      return error === undefined ? tested : Object.assign(tested, { reason: error.message });
    }),
  );
}

function testAlert(now: number, eventID: string): Alert {
  const rule: Rule = {
    id: "_global/send-test",
    eventSource: null,
    name: "TEST, nothing has happened",
    severity: "info",
    description: "Somebody ran `engine send-test` to see whether alerts arrive here. They do.",
    runbook: "Nothing needs to be done.",
    summary: "This is a test alert of CloudTrail Engine. Nothing has happened.",
    tags: ["test"],
    conditions: { all: [] },
  };
  const record = {
    eventVersion: "1.11",
    eventTime: new Date(now).toISOString(),
    eventSource: "test.amazonaws.com",
    eventName: "SendTest",
    eventID,
    eventType: "AwsApiCall",
    eventCategory: "Management",
    awsRegion: "us-east-1",
    sourceIPAddress: "192.0.2.1",
    userAgent: "engine send-test",
    userIdentity: { type: "IAMUser", userName: "engine-send-test", accountId: "000000000000" },
    recipientAccountId: "000000000000",
    requestParameters: null,
    responseElements: null,
    readOnly: false,
    managementEvent: true,
  };
  return makeAlert({ rule, disposition: "delivered", notes: [] }, record);
}
