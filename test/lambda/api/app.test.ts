import { beforeEach, describe, expect, it } from "vitest";
import { idOf, makeStage, problemOf, type Stage } from "./stage.ts";

let stage: Stage;
let read: string;
let write: string;
beforeEach(async () => {
  stage = makeStage();
  read = await stage.key();
  write = await stage.key({ name: "Sekoia", access: "write" });
});

describe("GET /alerts", () => {
  it("lists with the filters that are asked for, each once, repeated or with commas", async () => {
    const query =
      "from=2026-11-20&to=2026-11-20T12:00:00%2B01:00&severity=high,critical&severity=low&status=open" +
      "&disposition=suppressed&rule=a/b&actor=alice&channel=console&account=123456789012&limit=7";
    const answer = await stage.get(`/alerts?${query}`, read);
    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual({ alerts: stage.cases.map(({ row }) => row), next: "page-2" });
    expect(stage.lists).toEqual([
      {
        filter: {
          from: "2026-11-20T00:00:00.000Z",
          to: "2026-11-20T11:00:00.000Z",
          severities: ["high", "critical", "low"],
          statuses: ["open"],
          dispositions: ["suppressed"],
          ruleId: "a/b",
          actor: "alice",
          channels: ["console"],
          accountIds: ["123456789012"],
        },
        limit: 7,
      },
    ]);
  });

  it("asks for nothing that was not asked for, and goes on with a cursor to the end", async () => {
    const answer = await stage.get("/alerts?cursor=page-2", read);
    expect(await answer.json()).toEqual({ alerts: [] });
    expect(stage.lists).toEqual([{ filter: {}, limit: 50, cursor: "page-2" }]);
  });

  it("takes a plus sign that was not encoded for one", async () => {
    await stage.get("/alerts?from=2026-11-20T12:00:00+01:00", read);
    expect(stage.lists[0]?.filter).toEqual({ from: "2026-11-20T11:00:00.000Z" });
  });

  it.each([
    ["limit=0", "limit is a whole number from 1 to 200"],
    ["limit=201", "limit is a whole number from 1 to 200"],
    ["limit=many", 'not "many"'],
    ["limit=1&limit=2", "limit is given 2 times"],
    ["severity=urgent", "severity is one of info, low, medium, high, critical"],
    ["severity=", "severity is one of"],
    ["status=Open", "status is one of open, acknowledged, closed"],
    ["disposition=all", "disposition is one of delivered"],
    ["channel=browser", "channel is one of console"],
    ["account=12", "account is an account id of 12 digits"],
    ["from=yesterday", "from is a time such as 2026-11-20T10:00:00Z"],
    ["from=2026-02-30", "from is a time such as"],
    ["from=2026-11-20T25:00:00Z", "from is a time such as"],
    ["from=0001-01-01", "from is a time such as"],
    ["from=2026-11-20T10:00:00", "from is a time such as"],
    ["from=2026-11-21&to=2026-11-20", "must be before"],
    ["from=2026-11-20&to=2026-11-20", "must be before"],
    ["rule=", "rule is the id of a rule"],
    [`actor=${"a".repeat(1025)}`, "actor is an actor's key"],
    ["cursor=forged", "Begin again without it"],
    ["cursor=", "cursor is what the page before gave"],
    ["severty=high", 'There is no parameter "severty". Did you mean "severity"?'],
    ["__proto__=1", 'There is no parameter "__proto__"'],
    ["%E2%80%AE=1", "There is no parameter"],
  ])("answers 400 to %s, with what is right", async (query, advice) => {
    const answer = await stage.get(`/alerts?${query}`, read);
    expect(answer.status).toBe(400);
    const { detail } = await problemOf(answer);
    expect(detail).toContain(advice);
    expect(detail).not.toMatch(/[\u202e\n]/);
    expect(detail.length).toBeLessThan(1_000);
  });

  it("says everything that is wrong at once, and not once for each of a thousand", async () => {
    const answer = await stage.get(
      `/alerts?limit=0&status=x&account=${Array(500).fill("y").join(",")}`,
      read,
    );
    const { detail } = await problemOf(answer);
    expect(detail).toContain("limit is");
    expect(detail).toContain("status is");
    expect(detail.match(/account is/g)).toHaveLength(1);
    const unknown = Array.from({ length: 500 }, (_, n) => `unknown${n}=1`).join("&");
    const named = await problemOf(await stage.get(`/alerts?${unknown}`, read));
    expect(named.detail.match(/There is no parameter/g)).toHaveLength(3);
  });
});

describe("GET /alerts/{id}", () => {
  it("gives the case, and its scopes in whatever state they are", async () => {
    const id = idOf(stage, 0);
    const answer = await stage.get(`/alerts/${id}`, read);
    expect(answer.headers.get("content-type")).toBe("application/json");
    const body = await answer.text();
    expect(body).not.toContain("\u202e");
    expect(JSON.parse(body)).toEqual(stage.cases[0]);
    expect(await (await stage.get(`/alerts/${id}/timeline`, read)).json()).toMatchObject({ state: "ready" });
    expect(await (await stage.get(`/alerts/${id}/investigation`, read)).json()).toMatchObject({
      scope: "investigation",
      state: "pending",
    });
  });

  it.each([
    "/alerts/00000000000000000000000000000000",
    "/alerts/00000000000000000000000000000000/details",
    "/alerts/__proto__",
    "/alerts/%2e%2e",
    "/alerts/ALERT%23x/details",
    "/alerts/",
    "/alert",
    "/",
    "/constructor",
  ])("answers 404 to %s", async (path) => {
    const answer = await stage.get(path, read);
    expect(answer.status).toBe(404);
    await problemOf(answer);
  });

  it("answers 404 to a scope that alerts do not have, with those they have", async () => {
    const answer = await stage.get(`/alerts/${idOf(stage, 0)}/toString`, read);
    expect(answer.status).toBe(404);
    expect((await problemOf(answer)).detail).toContain("details, investigation, events, related-alerts");
  });
});

describe("PATCH /alerts/{id}", () => {
  it("changes in the key's name, and hands on the idempotency key as one of the key's own", async () => {
    const id = idOf(stage, 0);
    const body = { status: "closed", reason: "expected", comment: "it was me" };
    const answer = await stage.patch(id, write, body, { "idempotency-key": "once" });
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({ alert: { id, status: "closed" }, entry: { by: "Sekoia" } });
    const keyId = write.split(":")[0] ?? "";
    expect(stage.changes).toEqual([
      { id, change: { by: "Sekoia", ...body, idempotencyKey: `${keyId}:once` } },
    ]);
  });

  it.each([
    [{}, "nothing to change"],
    [{ status: "closed" }, "reason is missing"],
    [{ status: "closed", reason: "other" }, "comment is missing"],
    [{ status: "open", reason: "expected" }, "only taken with"],
    [{ status: "resolved" }, "status is one of open, acknowledged, closed"],
    [{ status: "closed", reason: "because" }, "reason is one of other, false-positive"],
    [{ comment: "" }, "comment is a text of 1 to 4000"],
    [{ comment: " \n" }, "comment is a text"],
    [{ comment: "x".repeat(4_001) }, "comment is a text"],
    [{ comment: 7 }, "comment is a text"],
    [{ coment: "x" }, 'no field "coment". Did you mean "comment"?'],
    ['{"__proto__":{"status":"closed"}}', 'no field "__proto__"'],
    [[], "The body is an object"],
    ["null", "The body is an object"],
    ["{", "no JSON in UTF-8"],
    ["", "no JSON in UTF-8"],
  ])("answers 400 to the body %j, with what is right, and changes nothing", async (body, advice) => {
    const answer = await stage.patch(idOf(stage, 0), write, body);
    expect(answer.status).toBe(400);
    expect((await problemOf(answer)).detail).toContain(advice);
    expect(stage.changes).toEqual([]);
  });

  it("answers 400 to bytes that are no UTF-8 and to an idempotency key of another form", async () => {
    const bytes = await stage.get(`/alerts/${idOf(stage, 0)}`, write, {
      method: "PATCH",
      body: Buffer.from([0x22, 0xff, 0x22]),
      headers: { "content-type": "application/json" },
    });
    expect(bytes.status).toBe(400);
    for (const key of ["", "two words", "x".repeat(101)])
      expect(
        (await stage.patch(idOf(stage, 0), write, { comment: "x" }, { "idempotency-key": key })).status,
      ).toBe(400);
    expect(stage.changes).toEqual([]);
  });

  it("answers 403 to a key that may read only, before it looks at the body", async () => {
    const answer = await stage.patch(idOf(stage, 0), read, "{");
    expect(answer.status).toBe(403);
    expect((await problemOf(answer)).detail).toContain("--write");
    expect(stage.changes).toEqual([]);
  });

  it("answers 409 with the reason when the store refuses, and 404 when there is no such alert", async () => {
    const refused = await stage.patch(idOf(stage, 0), write, { comment: "refuse this" });
    expect(refused.status).toBe(409);
    expect((await problemOf(refused)).detail).toBe("It is closed already. Reopen it first.");
    const gone = await stage.patch("0".repeat(32), write, { comment: "x" });
    expect(gone.status).toBe(404);
    expect((await problemOf(gone)).detail).not.toContain("inner words");
  });

  it.each(["text/plain", "application/x-www-form-urlencoded", "application/json; charset=utf-16", ""])(
    "answers 415 to the content type %j",
    async (type) => {
      const answer = await stage.patch(idOf(stage, 0), write, { comment: "x" }, { "content-type": type });
      expect(answer.status).toBe(415);
      expect((await problemOf(answer)).detail).toContain("Content-Type: application/json");
    },
  );

  it("takes 64 KB and answers 413 to more, whatever length is announced, without reading on", async () => {
    const id = idOf(stage, 0);
    const padded = `{"comment":"x"${" ".repeat(65_536 - 15)}}`;
    expect((await stage.send(id, write, padded)).status).toBe(200);
    expect((await stage.send(id, write, `${padded} `)).status).toBe(413);
    expect((await stage.send(id, write, "{}", { "content-length": "65537" })).status).toBe(413);
    let pulled = 0;
    const endless = new ReadableStream({
      pull: (controller) => {
        pulled++;
        controller.enqueue(new Uint8Array(10_000).fill(0x20));
      },
    });
    expect((await stage.send(id, write, endless)).status).toBe(413);
    expect(pulled).toBeLessThan(12);
    const broken = new ReadableStream({ pull: (controller) => controller.error(new Error("gone")) });
    expect((await stage.send(id, write, broken)).status).toBe(400);
  });
});
