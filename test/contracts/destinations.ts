/**
 * What every destination must do, whatever its medium. Each destination's test hands over how to make one against a
 * scripted other side, and runs the whole suite.
 */
import { expect, it } from "vitest";
import { DeliveryError, type Destination } from "../../lambda/destinations/destination.ts";
import { sampleAlert } from "../lambda/alerts/sample.ts";

/** What the other side does with one attempt. */
export type Reply =
  | { readonly status: number; readonly body?: string; readonly headers?: Readonly<Record<string, string>> }
  | "hang"
  | "refuse";

/** A destination against an other side that replies by script (the last reply repeats). */
export type Stage = {
  readonly destination: Destination;
  /** The body of every attempt that reached the other side, as text. */
  readonly sent: readonly string[];
  /** What the destination's clock says, in milliseconds since 1970. */
  readonly now: () => number;
};

export type Contract = {
  readonly make: (replies: readonly Reply[]) => Stage;
  /** What must never be in an error: the secret of the stage, where the medium has one. */
  readonly secret?: string;
  /** How long a delivery may take at most, in milliseconds. */
  readonly budget: number;
  /** Throws when a body breaks a limit of the medium. */
  readonly checkBody: (body: string) => void;
};

/** For tests that are not about the invocation's end. */
export const NO_DEADLINE = Infinity;
const OK: Reply = { status: 202, body: "{}" };
/** Every kind of text that breaks some medium. */
export const HOSTILE =
  "# <script>alert(1)</script> %%% ``` `x` **b** [l](http://evil.example) @all &amp; \u202e\u0000\u001b[2J\r\nX: y \ud800 😀 \"'\\ {{x}} \u0085\u009b\u200b\u2028\u{e0041}\uffff https://evil.example";

async function failureOf(destination: Destination, deadline = NO_DEADLINE): Promise<DeliveryError> {
  const error: unknown = await destination.deliver(sampleAlert(), deadline).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(DeliveryError);
  return error as DeliveryError;
}

/** Declares the suite; call it inside a `describe`. */
export function destinationContract({ make, secret, budget, checkBody }: Contract): void {
  it("delivers an alert in one attempt", async () => {
    const { destination, sent } = make([OK]);
    await destination.deliver(sampleAlert(), NO_DEADLINE);
    expect(sent).toHaveLength(1);
    expect(sent[0]).toContain("Security group opened to the internet");
    checkBody(sent[0] ?? "");
  });

  it("sends the same alert as the same message, so that a second delivery is recognised", async () => {
    const { destination, sent } = make([OK]);
    await destination.deliver(sampleAlert(), NO_DEADLINE);
    await destination.deliver(sampleAlert(), NO_DEADLINE);
    expect(sent[1]).toBe(sent[0]);
  });

  it("delivers hostile text in every field within its medium's limits", async () => {
    const { destination, sent } = make([OK]);
    const identity = {
      type: HOSTILE,
      userName: HOSTILE,
      arn: HOSTILE,
      accountId: HOSTILE,
      principalId: HOSTILE,
    };
    const record = {
      userIdentity: identity,
      userAgent: HOSTILE,
      sourceIPAddress: HOSTILE,
      eventName: HOSTILE,
      awsRegion: HOSTILE,
      errorCode: HOSTILE,
      errorMessage: HOSTILE,
      recipientAccountId: HOSTILE,
      requestParameters: { [HOSTILE]: HOSTILE },
      eventSource: HOSTILE,
      eventID: HOSTILE,
    };
    await destination.deliver(sampleAlert(record, { eventSource: null }), NO_DEADLINE);
    expect(sent).toHaveLength(1);
    checkBody(sent[0] ?? "");
    expect(sent[0]).not.toMatch(/[\u007f-\u009f\p{Cf}\u2028\u2029\ufffe\uffff\p{Cs}]/u);
  });

  it("delivers an alert whose record is far larger than its medium takes", async () => {
    const { destination, sent } = make([OK]);
    const big = "ü".repeat(200_000);
    const wide = Object.fromEntries(Array.from({ length: 10_000 }, (_, i) => [`key${i}`, "value"]));
    await destination.deliver(
      sampleAlert({ requestParameters: { big }, responseElements: { big, wide } }),
      NO_DEADLINE,
    );
    checkBody(sent[0] ?? "");
    expect(sent[0]).toContain("Security group opened to the internet");
  });

  it("delivers a record of nothing but its two required fields", async () => {
    const { destination, sent } = make([OK]);
    const bare = Object.fromEntries(Object.keys(sampleAlert().record).map((key) => [key, null]));
    await destination.deliver(
      sampleAlert({ ...bare, eventSource: "ec2.amazonaws.com", eventName: "X" }),
      NO_DEADLINE,
    );
    expect(sent).toHaveLength(1);
    checkBody(sent[0] ?? "");
  });

  it("fails for good, at once, when the other side calls the message wrong", async () => {
    const { destination, sent } = make([{ status: 400, body: "InvalidParameter: bad" }]);
    const error = await failureOf(destination);
    expect(error).toMatchObject({ retryable: false, status: 400, destination: destination.id });
    expect(sent).toHaveLength(1);
  });

  it.each<[string, Reply]>([
    ["answers 500", { status: 500, body: "down" }],
    ["answers 429", { status: 429, body: "slow down" }],
    ["refuses the connection", "refuse"],
    ["never answers", "hang"],
  ])("fails in time, and for now only, when the other side %s", async (_, reply) => {
    const { destination, now } = make([reply]);
    const start = now();
    const error = await failureOf(destination);
    expect(error.retryable).toBe(true);
    expect(now() - start).toBeLessThanOrEqual(budget);
  });

  it.each<[string, Reply]>([
    ["answers 503", { status: 503, body: "down" }],
    ["refuses the connection", "refuse"],
    ["never answers", "hang"],
  ])("gives up by the deadline, sooner than its budget, when the other side %s", async (_, reply) => {
    const { destination, now } = make([reply]);
    const start = now();
    const error = await failureOf(destination, start + 700);
    expect(error.retryable).toBe(true);
    expect(now() - start).toBeLessThanOrEqual(700);
  });

  it("says what went wrong in one bounded line without its secret", async () => {
    const { destination } = make([
      { status: 400, body: `first line \u0007 ${secret ?? ""}\nsecond line ${"x".repeat(100_000)}` },
    ]);
    const { message } = await failureOf(destination);
    expect(secret !== undefined && message.includes(secret)).toBe(false);
    expect(message).toContain("first line");
    expect(message).not.toContain("second line");
    expect(message).not.toMatch(/\p{Cc}/u);
    expect(message.length).toBeLessThan(600);
  });
}
