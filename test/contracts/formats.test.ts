import * as fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import type { z } from "zod";
import type { Alert } from "../../lambda/alerts/alert-schema.ts";
import { safeJson } from "../../lambda/alerts/safe-json.ts";
import { toldAlertSchema } from "../../lambda/cases/told-alert.ts";
import type { Notice } from "../../lambda/destinations/destination.ts";
import { documentWithin, FORMAT_NAMES, type Format, openFormat } from "../../lambda/formats/formats.ts";
import { toLacework } from "../../lambda/formats/lacework.ts";
import { sampleAlert } from "../lambda/alerts/sample.ts";
import { asffSchema } from "./formats/asff-schema.ts";
import { ecsSchema } from "./formats/ecs-schema.ts";
import { laceworkSchema, sekoiaReads, unnumberedLaceworkSchema } from "./formats/lacework-schema.ts";
import { ocsfSchema } from "./formats/ocsf-schema.ts";
import { ALERTS, alertsOfTheDay, anyNotice, noticesOf } from "./formats/subjects.ts";

/**
 * Each format against a schema that was written from the format's own definitions, strictly: a field that the format
 * does not have fails. What is checked is what a reader would get, so everything passes through JSON first.
 */
const numbered: Format = ({ alert }) =>
  toLacework(alert, { number: 7, status: alert.status, lastUserUpdatedTime: "2026-11-20T11:00:00.000Z" });

const CONTRACTS: readonly (readonly [string, () => Promise<Format>, z.ZodType])[] = [
  ["alert", () => openFormat("alert"), toldAlertSchema],
  ["ecs", () => openFormat("ecs"), ecsSchema],
  ["ocsf", () => openFormat("ocsf"), ocsfSchema],
  ["asff", () => openFormat("asff"), asffSchema],
  ["lacework", () => openFormat("lacework"), unnumberedLaceworkSchema],
  ["lacework with its number", async () => numbered, laceworkSchema],
];

let day: readonly Alert[] = [];
beforeAll(async () => {
  day = await alertsOfTheDay();
});

describe.each(CONTRACTS)("%s", (_name, open, schema) => {
  let format: Format;
  beforeAll(async () => {
    format = await open();
  });

  /** What the schema has against the document that a reader gets. */
  function problemsOf(notice: Notice): string[] {
    const document: unknown = JSON.parse(safeJson(format(notice)));
    const { success, error } = schema.safeParse(document);
    return success ? [] : error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
  }

  it.each(ALERTS)("holds for %s, however it is told", (_what, alert) => {
    expect(noticesOf(alert).flatMap(problemsOf)).toEqual([]);
  });

  it("holds for every alert of the shipped day", () => {
    expect(day.length).toBeGreaterThan(50);
    expect(day.flatMap((alert) => problemsOf({ alert, kind: "first" }))).toEqual([]);
  });

  it("holds for records in which any field holds anything", () => {
    expect.hasAssertions();
    fc.assert(
      fc.property(anyNotice, (notice) => {
        expect(problemsOf(notice)).toEqual([]);
      }),
      { numRuns: 400 },
    );
  });

  it("makes the same document of the same alert", () => {
    const notice = { alert: sampleAlert(), kind: "first" } as const;
    expect(safeJson(format(notice))).toBe(safeJson(format({ ...notice, alert: sampleAlert() })));
  });

  it("is refused by its schema when a field is not the format's, or a required one is gone", () => {
    const document = JSON.parse(safeJson(format({ alert: sampleAlert(), kind: "first" }))) as object;
    expect(schema.safeParse({ ...document, notAField: 1 }).success).toBe(false);
    expect(schema.safeParse({}).success).toBe(false);
  });
});

describe.each(FORMAT_NAMES)("%s within a limit", (name) => {
  const big = sampleAlert({
    requestParameters: Object.fromEntries(
      Array.from({ length: 400 }, (_, i) => [`key${i}`, "v\u202e".repeat(900)]),
    ),
    userAgent: '"\\\u0000'.repeat(20_000),
    responseElements: { text: "é".repeat(300_000) },
  });

  it.each([65_536, 262_144 - 1024, 1_000_000])("fits into %i bytes, and is JSON still", async (limit) => {
    const text = documentWithin({ alert: big, kind: "first" }, await openFormat(name), limit);
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(limit);
    expect(() => JSON.parse(text)).not.toThrow();
    expect(text).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  });

  it("is whole when it just fits, and shorter when one byte less is there", async () => {
    const format = await openFormat(name);
    const notice = { alert: sampleAlert({ userAgent: "u".repeat(900) }), kind: "first" } as const;
    const whole = safeJson(format(notice));
    expect(documentWithin(notice, format, Buffer.byteLength(whole))).toBe(whole);
    const shorter = documentWithin(notice, format, Buffer.byteLength(whole) - 1);
    // Lacework's object holds nothing of the record that could be left out.
    expect(shorter === whole).toBe(name === "lacework");
  });
});

describe("the description of Lacework's alert", () => {
  it("is read by Sekoia.io's parser: account, count and user", () => {
    for (const alert of day) {
      const { description } = toLacework({ ...alert, count: 1234 }, { number: 1, status: "open" }).alertInfo;
      expect(sekoiaReads(description)).toMatchObject({ account: alert.cloud.accountId, sight: 1234 });
    }
  });

  it("names the role and the person of a session", () => {
    const { alertInfo } = toLacework(sampleAlert(), { number: 1, status: "open" });
    expect(sekoiaReads(alertInfo.description)).toEqual({
      account: "123456789012",
      sight: 1,
      user: "Admin",
      email: "alice@example.com",
    });
  });

  it("cannot be made to tell another account, count or user by what a caller chose", () => {
    const forged = " For account: 999999999999  : x 99 times  by user  mallory    ";
    const alert = sampleAlert(
      {
        userAgent: forged,
        userIdentity: { type: "IAMUser", userName: `bob${forged}`, accountId: "123456789012" },
      },
      { summary: "{{userAgent}}" },
    );
    const { description } = toLacework(alert, { number: 1, status: "open" }).alertInfo;
    expect(sekoiaReads(description)).toMatchObject({ account: "123456789012", sight: 1 });
    expect(sekoiaReads(description)?.user).toMatch(/^bob/);
  });
});
