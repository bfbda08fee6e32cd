import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Alert } from "../../../lambda/alerts/alert-schema.ts";
import { HOST, makeStage, NOW, numbersOf, pagingOf, rowsOf, type Answer, type Stage } from "./stage.ts";

const MINUTE = 60_000;
const iso = (time: number): string => new Date(time).toISOString();
const ago = (minutes: number): string => iso(NOW - minutes * MINUTE);

async function publishMany(stage: Stage, count: number): Promise<void> {
  for (let n = 0; n < count; n++) await stage.publish(ago(60 - (n % 50)));
}

/** All pages of a list, as a client fetches them. */
async function walk(stage: Stage, token: string, first: Answer): Promise<Answer[]> {
  const pages = [first];
  for (let next = pagingOf(first).urls.nextPage; next !== null; ) {
    const page = await stage.get(next, token);
    expect(page.status).toBe(200);
    pages.push(page);
    next = pagingOf(page).urls.nextPage;
    expect(pages.length).toBeLessThan(1_000);
  }
  return pages;
}

describe("pages", () => {
  it("are addresses on the host that was asked, to be fetched with GET, also of a search", async () => {
    const stage = makeStage({ pageRows: 2 });
    const token = await stage.token();
    await publishMany(stage, 5);
    const listed = pagingOf(await stage.list(token)).urls.nextPage ?? "";
    expect(listed).toMatch(new RegExp(`^${HOST}/api/v2/Alerts/nextPage\\?cursor=p_[\\w-]+$`));
    const searched = pagingOf(await stage.search(token, {})).urls.nextPage ?? "";
    expect(searched).toMatch(new RegExp(`^${HOST}/api/v2/Alerts/search/nextPage\\?cursor=p_[\\w-]+$`));
    expect(numbersOf(await stage.get(searched, token))).toEqual([3, 2]);
    expect(numbersOf(await stage.get(`${listed}&startTime=2026-01-01T00:00:00Z&endTime=x`, token))).toEqual([
      3, 2,
    ]);
  });

  it("never point where a header of the request says, but to https where that is in front", async () => {
    const stage = makeStage({ pageRows: 1 });
    const authorization = await stage.token();
    await publishMany(stage, 2);
    const next = async (headers: Record<string, string>): Promise<string | null> =>
      pagingOf(
        await stage.request("http://127.0.0.1:8080/api/v2/Alerts", {
          headers: { authorization, ...headers },
        }),
      ).urls.nextPage;
    expect(await next({})).toMatch(/^http:\/\/127\.0\.0\.1:8080\/api/);
    expect(await next({ "x-forwarded-proto": "https, http" })).toMatch(/^https:\/\/127\.0\.0\.1:8080\/api/);
    expect(await next({ "x-forwarded-host": "evil.example", forwarded: "host=evil.example" })).toMatch(
      /^http:\/\/127\.0\.0\.1:8080\//,
    );
    expect(await next({ "x-forwarded-proto": "javascript" })).toMatch(/^http:\/\/127/);
  });

  it("show each row once, in order, with totals that are true, while others are published and closed", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 12 }),
        fc.integer({ min: 1, max: 5 }),
        fc.boolean(),
        async (count, pageRows, search) => {
          const stage = makeStage({ pageRows });
          const token = await stage.token();
          await publishMany(stage, count);
          const first = search ? await stage.search(token, {}) : await stage.list(token);
          await publishMany(stage, 3);
          const pages = await walk(stage, token, first);
          expect(pages.flatMap(numbersOf)).toEqual(Array.from({ length: count }, (_, n) => count - n));
          for (const [n, page] of pages.entries()) {
            const { rows, totalRows, urls } = pagingOf(page);
            expect([rows, totalRows]).toEqual([rowsOf(page).length, count]);
            expect(urls.nextPage === null).toBe(n === pages.length - 1);
            expect(rows === 0).toBe(count === 0);
          }
        },
      ),
      { numRuns: 25 },
    );
  });

  it("end with a page that has rows also when what would follow does not match any more", async () => {
    const stage = makeStage({ pageRows: 2 });
    const token = await stage.token();
    await publishMany(stage, 4);
    const open = { filters: [{ field: "status", expression: "eq", value: "Open" }] };
    const first = await stage.search(token, open);
    await stage.close(token, 2, { reason: 5 });
    await stage.close(token, 1, { reason: 5 });
    const last = await stage.get(pagingOf(first).urls.nextPage ?? "", token);
    expect(last.body).toEqual({ paging: { rows: 0, totalRows: 4, urls: { nextPage: null } }, data: [] });
  });

  it("are cut before the answer is too large for a Lambda", async () => {
    const stage = makeStage();
    const token = await stage.token();
    const summary = '"'.repeat(900);
    const numbered = Array.from({ length: 3_000 }, async () => undefined);
    const [sample] = await stage
      .publish(ago(10), { summary })
      .then(() => stage.cases.published({ limit: 1 }, NOW));
    if (sample === undefined) throw new Error("nothing was published");
    const many = makeStage({
      keys: stage.keys,
      cases: {
        ...stage.cases,
        published: async ({ before = numbered.length + 1, limit }) =>
          Array.from({ length: Math.min(limit, before - 1) }, (_, n) => ({
            ...sample,
            number: before - 1 - n,
          })),
      },
    });
    const pages = await walk(many, token, await many.list(token));
    expect(pages.length).toBeGreaterThan(1);
    for (const { text } of pages)
      expect(Buffer.byteLength(JSON.stringify({ body: text }))).toBeLessThan(6_000_000);
    expect(pages.reduce((rows, page) => rows + rowsOf(page).length, 0)).toBe(3_000);
    expect(pagingOf(pages[0] as Answer).totalRows).toBe(3_000);
  });
});

describe("a search", () => {
  it("takes no body, an empty one, and all its filters together", async () => {
    const stage = makeStage();
    const token = await stage.token();
    await stage.publish(ago(10));
    await stage.publish(ago(20), { severity: "low" });
    await stage.publish(ago(30));
    await stage.close(token, 3, { reason: 1 });
    expect(numbersOf(await stage.search(token, ""))).toEqual([3, 2, 1]);
    expect(numbersOf(await stage.search(token, {}))).toEqual([3, 2, 1]);
    const filters = [
      { field: "status", expression: "eq", value: "Open" },
      { field: "severity", expression: "eq", value: "High" },
    ];
    expect(numbersOf(await stage.search(token, { filters }))).toEqual([1]);
    expect(
      numbersOf(await stage.search(token, { filters: [{ field: "alertId", expression: "eq", value: 2 }] })),
    ).toEqual([2]);
  });

  it("keeps filters and fields from page to page", async () => {
    const stage = makeStage({ pageRows: 2 });
    const token = await stage.token();
    const severities: Alert["severity"][] = ["high", "low"];
    for (let n = 0; n < 10; n++) await stage.publish(ago(20), { severity: severities[n % 2] ?? "high" });
    const body = {
      timeFilters: { startTime: ago(60), endTime: iso(NOW) },
      filters: [{ field: "severity", expression: "eq", value: "Low" }],
      returns: ["alertId", "severity", "entityMap"],
    };
    const pages = await walk(stage, token, await stage.search(token, body));
    expect(pages.flatMap(rowsOf)).toEqual([10, 8, 6, 4, 2].map((alertId) => ({ alertId, severity: "Low" })));
    expect(pages.map((page) => pagingOf(page).totalRows)).toEqual([5, 5, 5]);
  });

  it("refuses a body that is no JSON, and one above 64 KB", async () => {
    const stage = makeStage();
    const token = await stage.token();
    expect((await stage.search(token, "{")).body).toEqual({ message: "The body is no JSON in UTF-8." });
    expect((await stage.search(token, "{")).status).toBe(400);
    expect((await stage.search(token, { x: "y".repeat(65_536) })).status).toBe(413);
  });
});

describe("a key for some accounts", () => {
  it("sees their alerts and totals only, and of the others not that they are there", async () => {
    const stage = makeStage({ pageRows: 2 });
    const all = await stage.token();
    const own = await stage.token({ accountIds: ["210987654321"] });
    for (let n = 0; n < 6; n++)
      await stage.publish(ago(10), {}, { recipientAccountId: n % 2 === 0 ? "123456789012" : "210987654321" });
    expect(pagingOf(await stage.list(all)).totalRows).toBe(6);
    const pages = await walk(stage, own, await stage.list(own));
    expect(pages.flatMap(numbersOf)).toEqual([6, 4, 2]);
    expect(pages.map((page) => pagingOf(page).totalRows)).toEqual([3, 3]);
    const foreign = await stage.scope(own, 1, "Details");
    const unknown = await stage.scope(own, 99, "Details");
    expect([foreign.status, foreign.text]).toEqual([404, unknown.text]);
    expect((await stage.comment(own, 1, { comment: "x" })).status).toBe(404);
    expect((await stage.close(own, 1, { reason: 1 })).status).toBe(404);
    // A cursor of somebody else's shows what the key may see.
    const cursor = pagingOf(await stage.list(all)).urls.nextPage ?? "";
    expect(numbersOf(await stage.get(cursor, own))).toEqual([4, 2]);
  });
});
