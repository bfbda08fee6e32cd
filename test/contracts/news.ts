/**
 * What every destination must do with what comes after the first notice: one that changes what its medium shows changes
 * it, and one that is never asked would still do no harm. Part of the suite of `destinations.ts`.
 */
import { expect, it } from "vitest";
import type { Notice } from "../../lambda/destinations/destination.ts";
import { sampleAlert } from "../lambda/alerts/sample.ts";
import { type Contract, NO_DEADLINE } from "./destination-contract.ts";
import {
  ANSWERS,
  answersOf,
  CLOSED,
  closedOf,
  firstOf,
  hostileAlert,
  hostileNews,
  summaryOf,
} from "./notices.ts";

/** Declares the suite; `destinationContract` calls it. */
export function newsContract({
  make,
  checkBody,
  limits,
  taken = { status: 202, body: "{}" },
}: Contract): void {
  const bodyOf = async (notice: Notice): Promise<string> => {
    const { destination, sent } = make([taken]);
    await destination.deliver(notice, NO_DEADLINE);
    return sent[0] ?? "";
  };

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
    expect(destination.updates ? after : receipt).toBe(receipt);
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
}
