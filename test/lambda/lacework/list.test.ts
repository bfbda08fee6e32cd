import { describe, expect, it } from "vitest";
import { newAlert } from "../cases/stores.ts";
import { makeStage, NOW, numbersOf, rowsOf } from "./stage.ts";

const MINUTE = 60_000;
const iso = (time: number): string => new Date(time).toISOString();
const ago = (minutes: number): string => iso(NOW - minutes * MINUTE);

describe("the list", () => {
  it("is empty with all its paging when nothing happened", async () => {
    const stage = makeStage();
    const answer = await stage.list(await stage.token());
    expect(answer.status).toBe(200);
    expect(answer.headers.get("content-type")).toBe("application/json");
    expect(answer.body).toEqual({ paging: { rows: 0, totalRows: 0, urls: { nextPage: null } }, data: [] });
  });

  it("has every field of a row in the type that clients decode, and no entityMap", async () => {
    const stage = makeStage();
    await stage.publish(ago(10));
    const [row] = rowsOf(await stage.list(await stage.token()));
    expect(row).toEqual({
      alertId: 1,
      alertName: "Security group opened to the internet",
      alertType: "SecurityGroupOpened",
      severity: "High",
      status: "Open",
      startTime: "2026-11-20T11:50:00.000Z",
      endTime: "2026-11-20T11:50:00.000Z",
      lastUserUpdatedTime: "",
      derivedFields: { category: "Policy", sub_category: "Cloud Activity", source: "AWS" },
      alertInfo: {
        subject: expect.stringMatching(
          /^Security group opened to the internet:  For account: 123456789012  : /,
        ),
        description: expect.stringMatching(/^ For account: 123456789012  : .* {4}$/),
        customerCount: 0,
        isExpectedLWBehavior: false,
      },
      policyId: "ec2.amazonaws.com/security-group-opened",
      internetExposure: "UnknownInternetExposure",
      reachability: "UnknownReachability",
      evolvingAlert: false,
      tagMetadata: [],
    });
  });

  it("has alerts from the moment on that they are published, newest first", async () => {
    const stage = makeStage();
    const token = await stage.token();
    await stage.publish(ago(30));
    await stage.publish(ago(50));
    const unpublished = await stage.tell(newAlert(ago(5)));
    expect(numbersOf(await stage.list(token))).toEqual([2, 1]);
    await stage.cases.publish(unpublished.id, NOW);
    expect(numbersOf(await stage.list(token))).toEqual([3, 2, 1]);
  });

  it("shows what people did since: closed, and when", async () => {
    const stage = makeStage();
    const token = await stage.token();
    await stage.publish(ago(10));
    expect((await stage.close(token, 1, { reason: 1 })).status).toBe(204);
    expect(rowsOf(await stage.list(token))[0]).toMatchObject({
      status: "Closed",
      lastUserUpdatedTime: "2026-11-20T12:00:00.000Z",
    });
  });

  it("finds what began in the range and what was published in it, both ends included", async () => {
    const stage = makeStage();
    const token = await stage.token();
    stage.clock.now = NOW - 30 * MINUTE;
    await stage.publish(ago(60));
    stage.clock.now = NOW - 20 * MINUTE;
    await stage.publish(ago(90));
    stage.clock.now = NOW;
    const range = async (from: number, to: number): Promise<unknown> =>
      numbersOf(await stage.list(token, `?startTime=${ago(from)}&endTime=${ago(to)}`));
    expect(await range(60, 55)).toEqual([1]);
    expect(await range(60 - 1 / MINUTE, 31)).toEqual([]);
    expect(await range(35, 30)).toEqual([1]);
    expect(await range(20, 0)).toEqual([2]);
    expect(await range(20 - 1 / MINUTE, 0)).toEqual([]);
    expect(await range(95, 85)).toEqual([2]);
    expect(await range(100, 0)).toEqual([2, 1]);
  });

  it("says that no alert begins after it was published, whatever its record claims", async () => {
    const stage = makeStage();
    const alert = { startTime: "9999-12-31T23:59:59.999Z", endTime: "9999-12-31T23:59:59.999Z" };
    await stage.publish("2026-11-20T11:00:00Z", alert);
    expect(rowsOf(await stage.list(await stage.token()))[0]).toMatchObject({ startTime: iso(NOW) });
  });

  it("reads the times of all clients, and shortens what is too long", async () => {
    const stage = makeStage();
    const token = await stage.token();
    await stage.publish(ago(10));
    for (const start of [
      "2026-11-20T11:00:00Z",
      "2026-11-20T11:00:00.000Z",
      "2026-11-20T11:00:00%2B0000",
      "2026-11-20T11:00:00+0000",
      "2026-11-20T12:00:00.123456789%2B01:00",
      "2020-01-01T00:00:00Z",
      "",
    ])
      expect(
        numbersOf(await stage.list(token, `?startTime=${start}&endTime=2026-11-20T12:00:00Z&page=7`)),
      ).toEqual([1]);
    stage.clock.now = NOW + 8 * 24 * 60 * MINUTE;
    const later = await stage.token();
    expect(numbersOf(await stage.list(later, "?startTime=2020-01-01T00:00:00Z"))).toEqual([]);
  });

  it.each([
    ["?startTime=yesterday", 'startTime: write a time such as 2026-11-20T10:00:00Z, not "yesterday".'],
    ["?endTime=%00", "endTime: write a time"],
    ["/nextPage", "The cursor is not one of ours"],
    ["/nextPage?cursor=12", "The cursor is not one of ours"],
    ["/search/nextPage?cursor=p_AAAA", "The cursor is not one of ours"],
  ])("refuses %s and says what is right", async (path, message) => {
    const stage = makeStage();
    const refused = await stage.list(await stage.token(), path);
    expect(refused.status).toBe(400);
    expect(refused.body).toEqual({ message: expect.stringContaining(message) });
  });

  it("finds alerts of long ago without reading all that came since", async () => {
    const stage = makeStage();
    stage.clock.now = NOW - 40 * 24 * 60 * MINUTE;
    await stage.publish(iso(stage.clock.now - MINUTE));
    const then = stage.clock.now;
    for (let n = 0; n < 40; n++) {
      stage.clock.now += 24 * 60 * MINUTE;
      await stage.publish(iso(stage.clock.now - MINUTE));
    }
    let reads = 0;
    const counting = makeStage({
      cases: {
        ...stage.cases,
        published: async (range, deadline) => {
          const rows = await stage.cases.published(range, deadline);
          reads += rows.length;
          return rows;
        },
      },
      keys: stage.keys,
    });
    counting.clock.now = stage.clock.now;
    const token = await stage.token();
    const old = await counting.list(token, `?startTime=${iso(then - 2 * MINUTE)}&endTime=${iso(then)}`);
    expect(numbersOf(old)).toEqual([1]);
    expect(reads).toBeLessThan(20);
  });
});
