/**
 * What every destination must do, whatever its medium. Each destination's test hands over how to make one against a
 * scripted other side, and runs the whole suite; one that speaks HTTP runs that of `http-destinations.ts` as well.
 */
import { expect, it } from "vitest";
import type { Alert } from "../../lambda/alerts/alert-schema.ts";
import type { Answer, HistoryEntry } from "../../lambda/cases/case-schema.ts";
import { DeliveryError, type Destination, type Notice } from "../../lambda/destinations/destination.ts";
import { sampleAlert } from "../lambda/alerts/sample.ts";

/** What the other side does with one attempt; `error` is the code of a connection that failed. */
export type Reply =
  | { readonly status: number; readonly body?: string; readonly headers?: Readonly<Record<string, string>> }
  | { readonly error: string }
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

/** A limit of the medium, which a message may reach and never pass. */
export type Limit = {
  /** For the test's name: "the title's 100 characters". */
  readonly of: string;
  readonly max: number;
  /** How much of it a message uses. */
  readonly measure: (body: string) => number;
  /** A notice whose message uses one more for each of `padding`, as long as nothing is cut. */
  readonly grow: (padding: number) => Notice;
  /** Whether the message says that something was cut. */
  readonly saysCut: (body: string) => boolean;
};

export type Contract = {
  readonly make: (replies: readonly Reply[]) => Stage;
  /** What the other side says when it took a message; 202 and `{}` unless given. */
  readonly taken?: Reply;
  /** What must never be in an error: the secret of the stage, where the medium has one. */
  readonly secret?: string;
  /** How long a delivery may take at most, in milliseconds. */
  readonly budget: number;
  /** Throws when a body breaks a limit of the medium, or shows a hostile text as anything but text. */
  readonly checkBody: (body: string) => void;
  /** Every limit of the medium that an alert can reach. */
  readonly limits: readonly Limit[];
};

/** For tests that are not about the invocation's end. */
export const NO_DEADLINE = Infinity;
/** Every kind of text that breaks some medium. */
export const HOSTILE =
  "# <script>alert(1)</script> %%% ``` `x` **b** _i_ ~s~ [l](http://evil.example) <!channel> <@U123> <http://evil.example|l> @all &amp; \u202e\u0000\u001b[2J\r\nX: y \ud800 😀 \"'\\ {{x}} \u0085\u009b\u200b\u2028\u{e0041}\uffff https://evil.example";

/** The first notice of an alert, the sample's unless given. */
export function firstOf(alert: Alert = sampleAlert()): Notice {
  return { alert, kind: "first" };
}

/** The summary of a window in which the alert happened 96 times. */
export function summaryOf(alert: Alert = sampleAlert()): Notice {
  return { alert: { ...alert, count: 96, endTime: "2026-11-20T11:15:30.000Z" }, kind: "summary" };
}

/** What an investigation may have found, the weightiest first. */
export const ANSWERS: readonly Answer[] = [
  {
    id: "new-user",
    question: "Has a new user been involved in the event in the last 60 days?",
    answer: "yes",
    because: "first seen today",
    evidence: [{ what: "Nothing is known of it before.", source: "profile" }],
    weight: 90,
  },
  {
    id: "no-mfa",
    question: "Have the users involved in the event authenticated without MFA in the last 60 days?",
    answer: "unknown",
    because: "no sign-in was seen",
    evidence: [],
    weight: 60,
  },
  {
    id: "root",
    question: "Have any of the users involved in the event used the Root account in the last 60 days?",
    answer: "no",
    because: "",
    evidence: [],
    weight: 40,
  },
];

/** What somebody may have done to a case. */
export const CLOSED: HistoryEntry = {
  id: "2026-11-20T10:30:00.000Z#0a1b",
  at: "2026-11-20T10:30:00.000Z",
  by: "mallory-o-hara",
  from: "open",
  to: "closed",
  reason: "false-positive",
  comment: "our own scanner",
};

/** The answers, told afterwards. */
export function answersOf(alert: Alert = sampleAlert(), answers = ANSWERS): Notice {
  return { alert, kind: "answers", answers, at: "2026-11-20T10:15:41.000Z" };
}

/** That somebody closed the case. */
export function closedOf(alert: Alert = sampleAlert(), change = CLOSED): Notice {
  return { alert: { ...alert, status: "closed" }, kind: "status", change, answers: ANSWERS, at: change.at };
}

/** Hostile answers and a hostile comment, of three lengths: as they are, none, and far longer than any medium takes. */
function hostileNews(): Pick<Notice, "answers" | "change">[] {
  return [HOSTILE, "", HOSTILE.repeat(500)].map((text) => {
    const evidence = Array.from(
      { length: 20 },
      () => ({ what: text, source: "record", eventID: text }) as const,
    );
    const answer: Answer = { id: text, question: text, answer: "yes", because: text, evidence, weight: 1 };
    return {
      answers: Array.from({ length: 50 }, () => answer),
      change: { ...CLOSED, id: text, by: text, comment: text },
    };
  });
}

/** An alert with the hostile text wherever a caller or a rule's author can put one. */
export function hostileAlert(): Alert {
  const identity = {
    type: HOSTILE,
    userName: HOSTILE,
    arn: HOSTILE,
    accountId: HOSTILE,
    principalId: HOSTILE,
    accessKeyId: HOSTILE,
    invokedBy: HOSTILE,
    sessionContext: { sourceIdentity: HOSTILE, sessionIssuer: { userName: HOSTILE, arn: HOSTILE } },
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
    requestParameters: { [HOSTILE]: HOSTILE, ["__proto__"]: HOSTILE },
    resources: [{ ARN: HOSTILE, type: HOSTILE, accountId: HOSTILE }],
    eventSource: HOSTILE,
    eventID: HOSTILE,
    eventTime: HOSTILE,
  };
  const alert = sampleAlert(record, {
    eventSource: null,
    name: HOSTILE,
    description: HOSTILE,
    runbook: HOSTILE,
    summary: `{{userAgent}} ${HOSTILE}`,
    references: [HOSTILE],
    tags: [HOSTILE],
    attack: [HOSTILE],
    falsePositives: HOSTILE,
  });
  const { arn, type, accountId } = { arn: HOSTILE, type: HOSTILE, accountId: HOSTILE };
  return {
    ...alert,
    actor: { ...alert.actor, name: HOSTILE, role: HOSTILE, session: HOSTILE, sourceIdentity: HOSTILE },
    channel: { ...alert.channel, reasons: [HOSTILE] },
    cloud: { accountId: HOSTILE, region: HOSTILE, service: HOSTILE },
    resources: [{ arn, type, accountId }],
    notes: [HOSTILE],
  };
}

async function failureOf(destination: Destination, deadline = NO_DEADLINE): Promise<DeliveryError> {
  const error: unknown = await destination.deliver(firstOf(), deadline).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(DeliveryError);
  return error as DeliveryError;
}

/** Declares the suite; call it inside a `describe`. */
export function destinationContract(contract: Contract): void {
  const { make, secret, budget, checkBody, limits, taken = { status: 202, body: "{}" } } = contract;
  const bodyOf = async (notice: Notice): Promise<string> => {
    const { destination, sent } = make([taken]);
    await destination.deliver(notice, NO_DEADLINE);
    expect(sent).toHaveLength(1);
    return sent[0] ?? "";
  };

  it("delivers an alert in one attempt", async () => {
    const body = await bodyOf(firstOf());
    expect(body).toContain("Security group opened to the internet");
    checkBody(body);
  });

  it("gives back what finds the message again, at most 1 KB, or nothing", async () => {
    const { destination } = make([taken]);
    const receipt = await destination.deliver(firstOf(), NO_DEADLINE);
    expect(Buffer.byteLength(receipt ?? "none")).toBeLessThanOrEqual(1024);
    expect(receipt).not.toBe("");
  });

  it("tells the close of a window, with how often it happened, whether the first notice left a receipt or not", async () => {
    const { destination, sent } = make([taken]);
    const receipt = await destination.deliver(firstOf(), NO_DEADLINE);
    await destination.deliver(summaryOf(), NO_DEADLINE);
    await destination.deliver(receipt === undefined ? summaryOf() : { ...summaryOf(), receipt }, NO_DEADLINE);
    const bodies = sent.slice(1);
    expect(bodies.length).toBeGreaterThanOrEqual(2);
    for (const body of bodies) checkBody(body);
    expect(bodies[0]).toContain("96");
    expect(bodies.at(-1)).toContain("96");
  });

  it("delivers a repeat as well, should it be told of one", async () => {
    const body = await bodyOf({ ...summaryOf(), kind: "repeat" });
    checkBody(body);
    expect(body).toContain("96");
  });

  it("adds the answers to what it told, or, where that cannot be, would tell them beside the alert", async () => {
    const { destination, sent } = make([taken]);
    const receipt = await destination.deliver(firstOf(), NO_DEADLINE);
    expect(sent.join()).not.toContain("first seen today");
    const after = await destination.deliver(
      { ...answersOf(), ...(receipt === undefined ? {} : { receipt }) },
      NO_DEADLINE,
    );
    // One call: nobody is called twice for what is only known better, and the place stays.
    expect(sent).toHaveLength(2);
    if (destination.updates) expect(after).toBe(receipt);
    checkBody(sent[1] ?? "");
    expect(sent[1]).toContain("first seen today");
    expect(sent[1]).toContain("Security group opened to the internet");
  });

  it("carries answers that are there already with a summary, and with a first notice that comes late", async () => {
    for (const notice of [firstOf(), summaryOf()]) {
      const body = await bodyOf({ ...notice, answers: ANSWERS, at: "2026-11-20T10:15:41.000Z" });
      checkBody(body);
      expect(body).toContain("first seen today");
    }
  });

  it("tells what somebody did to the case, and by whom", async () => {
    const { destination, sent } = make([taken]);
    const receipt = await destination.deliver(firstOf(), NO_DEADLINE);
    const notice = { ...closedOf(), ...(receipt === undefined ? {} : { receipt }) };
    await destination.deliver(notice, NO_DEADLINE);
    const told = sent.slice(1);
    for (const body of told) checkBody(body);
    expect(told.join()).toContain("mallory-o-hara");
    expect(told.join()).toContain("our own scanner");
  });

  it("links to the case, when it is told where that is", async () => {
    const links = { ...sampleAlert().links, case: "https://security.example.com/alerts/0a1b" };
    const body = await bodyOf(firstOf({ ...sampleAlert(), links }));
    checkBody(body);
    expect(body).toContain("https://security.example.com/alerts/0a1b");
  });

  it("stays within its medium's limits with hostile answers and comments of any length", async () => {
    for (const news of hostileNews()) {
      for (const alert of [sampleAlert(), { ...hostileAlert(), count: 96 }]) {
        const { destination, sent } = make([taken]);
        const receipt = await destination.deliver(firstOf(), NO_DEADLINE);
        const place = receipt === undefined ? {} : { receipt };
        for (const kind of ["answers", "status", "repeat", "summary"] as const)
          await destination.deliver({ alert, kind, ...news, ...place }, NO_DEADLINE);
        for (const body of sent) {
          checkBody(body);
          expect(body).not.toMatch(/[\u007f-\u009f\p{Cf}\u2028\u2029\ufffe\uffff\p{Cs}]/u);
        }
      }
    }
  });

  it("sends the same alert as the same message, so that a second delivery is recognised", async () => {
    expect(await bodyOf(firstOf())).toBe(await bodyOf(firstOf()));
  });

  it("delivers hostile text in every field within its medium's limits", async () => {
    for (const kind of ["first", "summary"] as const) {
      const body = await bodyOf({ alert: { ...hostileAlert(), count: 96 }, kind });
      checkBody(body);
      expect(body).not.toMatch(/[\u007f-\u009f\p{Cf}\u2028\u2029\ufffe\uffff\p{Cs}]/u);
    }
  });

  it("delivers an alert whose record is far larger than its medium takes", async () => {
    const big = "ü".repeat(200_000);
    const wide = Object.fromEntries(Array.from({ length: 10_000 }, (_, i) => [`key${i}`, "value"]));
    const deep = JSON.parse(`${'{"a":'.repeat(5_000)}1${"}".repeat(5_000)}`) as unknown;
    for (const responseElements of [{ big, wide }, deep]) {
      const body = await bodyOf(firstOf(sampleAlert({ requestParameters: { big }, responseElements })));
      checkBody(body);
      expect(body).toContain("Security group opened to the internet");
    }
  });

  it("delivers a record of nothing but its two required fields", async () => {
    const bare = Object.fromEntries(Object.keys(sampleAlert().record).map((key) => [key, null]));
    const alert = sampleAlert({ ...bare, eventSource: "ec2.amazonaws.com", eventName: "X" });
    const body = await bodyOf(firstOf(alert));
    checkBody(body);
    expect(body).toContain("Security group opened to the internet");
  });

  it.each(limits.map((limit) => [limit.of, limit] as const))(
    "uses %s in full and not one more, and says what it cut",
    async (_, { max, measure, grow, saysCut }) => {
      const base = measure(await bodyOf(grow(0)));
      expect(base).toBeLessThan(max);
      const full = await bodyOf(grow(max - base));
      expect([measure(full), saysCut(full)]).toEqual([max, false]);
      checkBody(full);
      for (const excess of [1, 2, 3, 1000]) {
        const cut = await bodyOf(grow(max - base + excess));
        expect(measure(cut)).toBeLessThanOrEqual(max);
        expect(saysCut(cut)).toBe(true);
        checkBody(cut);
      }
    },
  );

  it.each(limits.map((limit) => [limit.of, limit] as const))(
    "never uses more than %s when answers and a comment come on top",
    async (_, { max, measure, grow }) => {
      const base = measure(await bodyOf(grow(0)));
      for (const excess of [-2000, -500, -50, -1, 0, 1, 1000]) {
        const notice = grow(Math.max(0, max - base + excess));
        const body = await bodyOf({ ...notice, answers: ANSWERS, change: CLOSED });
        expect(measure(body)).toBeLessThanOrEqual(max);
        checkBody(body);
      }
    },
  );

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
