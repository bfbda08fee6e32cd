import { describe, expect, it } from "vitest";
import { LATER, makeStage, NOW, type Stage } from "./stage.ts";

async function stageWithAlert() {
  const stage = makeStage();
  const alert = await stage.publish("2026-11-20T11:15:30Z");
  return { stage, token: await stage.token({ name: "alice" }), alert };
}

async function historyOf(stage: Stage, id: string) {
  return (await stage.cases.read(id, LATER))?.history ?? [];
}

describe("a comment", () => {
  it("answers with its entry of the timeline and stands in the case", async () => {
    const { stage, token, alert } = await stageWithAlert();
    const { status, body } = await stage.comment(token, 1, { comment: "Asked alice.\u202e" });
    expect(status).toBe(200);
    expect(body["data"]).toEqual({
      id: expect.any(Number),
      alertId: 1,
      entryType: "Comment",
      entryAuthorType: "UserUpdate",
      message: { value: "Asked alice.\\u202e" },
      externalTime: String(NOW),
      user: { userGuid: "alice", username: "alice" },
      updateContext: {},
    });
    expect(await historyOf(stage, alert.id)).toMatchObject([{ by: "alice", comment: "Asked alice.\u202e" }]);
  });

  it("is one however often the client tries again, one after another and at once", async () => {
    const { stage, token, alert } = await stageWithAlert();
    const first = await stage.comment(token, 1, { comment: "ours" });
    const more = await Promise.all([1, 2, 3].map(async () => stage.comment(token, 1, { comment: "ours" })));
    stage.clock.now += 14 * 60_000;
    more.push(await stage.comment(token, 1, { comment: "ours" }));
    for (const again of more) expect(again.text).toBe(first.text);
    expect(await historyOf(stage, alert.id)).toHaveLength(1);

    const atOnce = await Promise.all(
      [1, 2, 3].map(async () => stage.comment(token, 1, { comment: "another" })),
    );
    expect(new Set(atOnce.map(({ text }) => text)).size).toBe(1);
    expect(await historyOf(stage, alert.id)).toHaveLength(2);
  });

  it("is another one later, with other words, or by another key", async () => {
    const { stage, token, alert } = await stageWithAlert();
    await stage.comment(token, 1, { comment: "still at it" });
    await stage.comment(token, 1, { comment: "still at it!" });
    await stage.comment(await stage.token({ name: "bob" }), 1, { comment: "still at it" });
    stage.clock.now += 16 * 60_000;
    await stage.comment(token, 1, { comment: "still at it" });
    expect((await historyOf(stage, alert.id)).map(({ by, comment }) => [by, comment])).toEqual([
      ["alice", "still at it"],
      ["alice", "still at it!"],
      ["bob", "still at it"],
      ["alice", "still at it"],
    ]);
  });

  it.each([
    {},
    { comment: "" },
    { comment: "  " },
    { comment: 5 },
    { comment: "x".repeat(4_001) },
    [],
    "{",
    "",
  ])("that is %j is refused with a message", async (body) => {
    const { stage, token, alert } = await stageWithAlert();
    const refused = await stage.comment(token, 1, body);
    expect([refused.status, Object.keys(refused.body)]).toEqual([400, ["message"]]);
    expect(await historyOf(stage, alert.id)).toEqual([]);
  });

  it("above 64 KB is refused whatever is in it", async () => {
    const { stage, token } = await stageWithAlert();
    expect((await stage.comment(token, 1, { comment: "x".repeat(70_000) })).status).toBe(413);
  });
});

describe("closing", () => {
  it.each([
    [0, "other"],
    [1, "false-positive"],
    [2, "not-enough-information"],
    [3, "malicious-resolved"],
    [4, "expected-testing"],
    [5, "expected"],
  ])("for reason %d is %s, without a body in the answer", async (reason, name) => {
    const { stage, token, alert } = await stageWithAlert();
    const closed = await stage.close(token, 1, { reason, comment: "why" });
    expect([closed.status, closed.text]).toEqual([204, ""]);
    expect(await historyOf(stage, alert.id)).toMatchObject([
      { by: "alice", from: "open", to: "closed", reason: name, comment: "why" },
    ]);
  });

  it("needs no comment but for reason 0", async () => {
    const { stage, token } = await stageWithAlert();
    expect(await stage.close(token, 1, { reason: 0 })).toMatchObject({
      status: 400,
      body: { message: expect.stringContaining("takes a comment") },
    });
    expect((await stage.close(token, 1, { reason: 0, comment: " " })).status).toBe(400);
    expect((await stage.close(token, 1, { reason: 5 })).status).toBe(204);
  });

  it.each([undefined, null, 6, -1, 1.5, "1", "expected", [1], {}])(
    "is refused for reason %j",
    async (reason) => {
      const { stage, token } = await stageWithAlert();
      expect(await stage.close(token, 1, { reason })).toMatchObject({
        status: 400,
        body: { message: expect.stringMatching(/^reason is one of: 0 other/) },
      });
    },
  );

  it("is done once however often the client tries again, and again after a person reopened", async () => {
    const { stage, token, alert } = await stageWithAlert();
    const close = async (): Promise<number> =>
      (await stage.close(token, 1, { reason: 1, comment: "known" })).status;
    expect(await Promise.all([close(), close(), close()])).toEqual([204, 204, 204]);
    stage.clock.now += 3_600_000 - 1;
    expect(await close()).toBe(204);
    expect(await historyOf(stage, alert.id)).toHaveLength(1);
    await stage.cases.change(alert.id, { by: "bob", status: "open" }, LATER);
    expect(await close()).toBe(204);
    expect((await historyOf(stage, alert.id)).map(({ to }) => to)).toEqual(["closed", "open", "closed"]);
  });

  it("for another reason changes the reason", async () => {
    const { stage, token, alert } = await stageWithAlert();
    await stage.close(token, 1, { reason: 1 });
    expect((await stage.close(token, 1, { reason: 3 })).status).toBe(204);
    expect((await historyOf(stage, alert.id)).map(({ reason }) => reason)).toEqual([
      "false-positive",
      "malicious-resolved",
    ]);
  });
});

describe("a key that may only read", () => {
  it("reads everything and changes nothing", async () => {
    const { stage, alert } = await stageWithAlert();
    const token = await stage.token({ access: "read" });
    expect((await stage.list(token)).status).toBe(200);
    expect((await stage.search(token, {})).status).toBe(200);
    expect((await stage.scope(token, 1, "Details")).status).toBe(200);
    for (const refused of [
      await stage.comment(token, 1, { comment: "x" }),
      await stage.close(token, 1, { reason: 1 }),
      await stage.close(token, 99, { reason: 1 }),
    ])
      expect([refused.status, Object.keys(refused.body)]).toEqual([403, ["message"]]);
    expect(await historyOf(stage, alert.id)).toEqual([]);
  });
});
