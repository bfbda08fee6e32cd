import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toldAlertSchema } from "../../../lambda/cases/told-alert.ts";
import {
  answeredOf,
  answersOf,
  newsFields,
  newsOf,
  noticeId,
} from "../../../lambda/destinations/notice-news.ts";
import { firstOf, summaryOf } from "../../contracts/destinations.ts";
import { ANSWERS, answersOf as answersNotice, CLOSED, closedOf } from "../../contracts/notices.ts";
import { sampleAlert } from "../alerts/sample.ts";

const [ANSWER] = ANSWERS;

describe("the answers of a notice", () => {
  it("are the first three, in words", () => {
    expect(answeredOf({ answers: [...ANSWERS, ...ANSWERS] })).toEqual([
      { label: ANSWERS[0]?.question, word: "Yes", value: "Yes: first seen today" },
      { label: ANSWERS[1]?.question, word: "Unknown", value: "Unknown: no sign-in was seen" },
      { label: ANSWERS[2]?.question, word: "No", value: "No" },
    ]);
    expect(answeredOf(firstOf())).toEqual([]);
  });

  it("are bounded and hide nothing, whatever is in them, and keep their shape", () => {
    const texts = fc.string({ unit: "binary", maxLength: 2_000 });
    fc.assert(
      fc.property(texts, texts, fc.integer({ min: 0, max: 10 }), (text, other, many) => {
        const evidence = Array.from({ length: many }, () => ({
          what: text,
          source: "record" as const,
          alertId: other,
        }));
        const answer = {
          ...ANSWER,
          id: other,
          question: text,
          because: other,
          evidence,
          answer: "no",
          weight: 1,
        } as const;
        const notice = {
          ...closedOf(),
          answers: Array.from({ length: many }, () => answer),
          change: { ...CLOSED, id: text, by: other, comment: text },
        };
        const fields = newsFields(notice);
        const json = JSON.stringify(fields);
        expect(json.length).toBeLessThan(20_000);
        const { error } = toldAlertSchema.safeParse({ ...sampleAlert(), ...fields });
        expect(error).toBeUndefined();
        for (const shown of [
          newsOf(notice)?.text ?? "",
          ...answersOf(notice).flatMap((one) => [one.question, one.because]),
        ]) {
          expect(shown.length).toBeLessThanOrEqual(600);
          expect(shown).not.toMatch(/[\p{Cc}\u202a-\u202e\u2066-\u2069\u2028\u2029]/u);
        }
      }),
    );
  });
});

describe("what somebody did", () => {
  it.each([
    [CLOSED, "Closed", "Closed by mallory-o-hara as false positive: our own scanner"],
    [{ ...CLOSED, comment: undefined }, "Closed", "Closed by mallory-o-hara as false positive"],
    [
      { ...CLOSED, to: "acknowledged", reason: undefined },
      "Acknowledged",
      "Acknowledged by mallory-o-hara: our own scanner",
    ],
    [{ ...CLOSED, to: "open", reason: undefined }, "Reopened", "Reopened by mallory-o-hara: our own scanner"],
    [
      { ...CLOSED, to: undefined, reason: undefined },
      undefined,
      "Comment by mallory-o-hara: our own scanner",
    ],
    [{ ...CLOSED, by: "" }, "Closed", "Closed by somebody as false positive: our own scanner"],
  ])("is one sentence: %#", (change, state, text) => {
    expect(newsOf({ change: change as never })).toEqual({ ...(state === undefined ? {} : { state }), text });
  });

  it("is nothing before anybody has done anything", () => {
    expect(newsOf(firstOf())).toBeUndefined();
    expect(newsFields(firstOf())).toEqual({});
  });
});

describe("a notice's id", () => {
  it("is the same for the same notice, another for each other one, and plain", () => {
    const other = { ...CLOSED, id: "2026-11-20T10:31:00.000Z#0a1b" };
    const notices = [firstOf(), summaryOf(), answersNotice(), closedOf(), closedOf(sampleAlert(), other)];
    const ids = notices.map((notice) => noticeId(notice));
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toEqual(notices.map((notice) => noticeId(structuredClone(notice))));
    expect(ids[0]).toBe(sampleAlert().id);
    for (const id of ids) expect(id).toMatch(/^[\w.:-]{32,128}$/);
    expect(noticeId(closedOf(sampleAlert(), { ...CLOSED, id: "x\r\nEvil: 1".repeat(99) }))).toMatch(
      /^[\w.:-]{32,128}$/,
    );
  });
});
