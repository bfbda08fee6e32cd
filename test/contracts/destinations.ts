/**
 * What every destination must do, whatever its medium. Each destination's test hands over how to make one against a
 * scripted other side, and runs the whole suite; one that speaks HTTP runs that of `http-destinations.ts` as well.
 */
import { expect, it } from "vitest";
import { DeliveryError, type Destination, type Notice } from "../../lambda/destinations/destination.ts";
import { sampleAlert } from "../lambda/alerts/sample.ts";
import { type Contract, NO_DEADLINE, type Reply } from "./destination-contract.ts";
import { newsContract } from "./news.ts";
import { firstOf, hostileAlert, summaryOf } from "./notices.ts";

export type { Contract, Limit, Reply, Stage } from "./destination-contract.ts";
export { NO_DEADLINE } from "./destination-contract.ts";
export { firstOf, HOSTILE, hostileAlert, summaryOf } from "./notices.ts";

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

  newsContract(contract);

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
