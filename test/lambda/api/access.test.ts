import { beforeEach, describe, expect, it } from "vitest";
import { ALLOWED, idOf, LATER, makeStage, NOW, OTHER, problemOf, type Stage } from "./stage.ts";

let stage: Stage;
let read: string;
let write: string;
beforeEach(async () => {
  stage = makeStage();
  read = await stage.key();
  write = await stage.key({ name: "Sekoia", access: "write" });
});

describe("keys", () => {
  it.each([
    ["/alerts", {}],
    ["/openapi.json", {}],
    ["/nowhere", {}],
    ["/alerts", { "x-api-key": "CTE_0123456789ABCDEF01234567:wrong" }],
    ["/alerts", { "x-api-key": "wrong" }],
    ["/alerts", { authorization: "Bearer nonsense" }],
    ["/alerts", { authorization: "AWS4-HMAC-SHA256 Credential=AKIA/20261120/eu-west-1/lambda/aws4_request" }],
  ])("answers 401 to %s with the headers %j", async (path, headers) => {
    const answer = await stage.get(path, undefined, { headers });
    expect(answer.status).toBe(401);
    expect(answer.headers.get("www-authenticate")).toMatch(/^Bearer /);
    expect((await problemOf(answer)).detail).toContain("engine keys create");
    expect(stage.lists).toEqual([]);
  });

  it("answers 401 to revoked, expired and stolen ones in the same words", async () => {
    const [id = "", secret = ""] = read.split(":");
    const answers = [await stage.get("/alerts", `${id}:${write.split(":")[1]}`)];
    await stage.keys.revoke(id, LATER);
    answers.push(await stage.get("/alerts", `${id}:${secret}`));
    let clock = NOW;
    const late = makeStage(() => clock);
    const expiring = await late.key({ expiresAt: "2026-11-20T13:00:00Z" });
    expect((await late.get("/alerts", expiring)).status).toBe(200);
    clock += 3_600_000;
    answers.push(await late.get("/alerts", expiring));
    const texts = await Promise.all(answers.map((answer) => answer.text()));
    expect(answers.map(({ status }) => status)).toEqual([401, 401, 401]);
    expect(new Set(texts).size).toBe(1);
  });

  it("come as a bearer too, and the header of their own counts where there are both", async () => {
    const bearer = { authorization: `Bearer ${read}` };
    expect((await stage.get("/alerts", undefined, { headers: bearer })).status).toBe(200);
    expect((await stage.get("/alerts", "CTE_wrong", { headers: bearer })).status).toBe(401);
  });

  it("answers 429 with the seconds to wait when the hour is used up", async () => {
    const narrow = await stage.key({ requestsPerHour: 2 });
    const answers = [];
    for (let n = 0; n < 3; n++) answers.push(await stage.get("/alerts", narrow));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 429]);
    expect(answers[2]?.headers.get("retry-after")).toBe("3600");
    expect((await stage.get("/alerts", read)).status).toBe(200);
  });

  it("of some accounts see and change those only: others are as if they were not there", async () => {
    const some = await stage.key({ access: "write", accountIds: [ALLOWED] });
    const hidden = idOf(stage, 1);
    const listed = (await (await stage.get("/alerts", some)).json()) as { alerts: { accountId: string }[] };
    expect(listed.alerts.map(({ accountId }) => accountId)).toEqual([ALLOWED]);
    expect(stage.lists.at(-1)?.filter).toEqual({ accountIds: [ALLOWED] });
    await stage.get(`/alerts?account=${OTHER},${ALLOWED}`, some);
    expect(stage.lists.at(-1)?.filter).toEqual({ accountIds: [ALLOWED] });
    const asked = stage.lists.length;
    expect(await (await stage.get(`/alerts?account=${OTHER}`, some)).json()).toEqual({ alerts: [] });
    expect(stage.lists).toHaveLength(asked);

    const nobody = "0".repeat(32);
    for (const path of ["", "/details", "/timeline"]) {
      const answers = [
        await stage.get(`/alerts/${hidden}${path}`, some),
        await stage.get(`/alerts/${nobody}${path}`, some),
      ];
      expect(answers.map(({ status }) => status)).toEqual([404, 404]);
      const [one, two] = await Promise.all(answers.map((answer) => answer.text()));
      expect(one).toBe(two);
      expect((await stage.get(`/alerts/${idOf(stage, 0)}${path}`, some)).status).toBe(200);
    }
    expect((await stage.patch(hidden, some, { comment: "x" })).status).toBe(404);
    expect(stage.changes).toEqual([]);
    expect(stage.scopes.every(({ accountIds }) => accountIds?.join() === ALLOWED)).toBe(true);
    expect((await stage.patch(idOf(stage, 0), some, { comment: "x" })).status).toBe(200);
  });
});

describe("every answer", () => {
  it.each([
    ["POST", "/alerts", "GET, HEAD"],
    ["OPTIONS", "/alerts", "GET, HEAD"],
    ["DELETE", "/alerts/x", "GET, HEAD, PATCH"],
    ["PATCH", "/alerts/x/details", "GET, HEAD"],
    ["PUT", "/openapi.json", "GET, HEAD"],
  ])("to %s %s is 405 with the methods there are", async (method, path, allow) => {
    const answer = await stage.get(path, write, { method });
    expect(answer.status).toBe(405);
    expect(answer.headers.get("allow")).toBe(allow);
    await problemOf(answer);
  });

  it("to HEAD is that to GET without a body", async () => {
    const answer = await stage.get("/alerts", read, { method: "HEAD" });
    expect(answer.status).toBe(200);
    expect(await answer.text()).toBe("");
  });

  it("keeps browsers from making anything of it, and lets no other site read it", async () => {
    const answers = [
      await stage.get("/alerts", read, { headers: { origin: "https://evil.example" } }),
      await stage.get("/alerts"),
      await stage.get("/nowhere", read),
    ];
    for (const { headers } of answers) {
      expect(headers.get("x-content-type-options")).toBe("nosniff");
      expect(headers.get("cache-control")).toBe("no-store");
      expect(headers.get("content-security-policy")).toContain("default-src 'none'");
      expect([...headers.keys()].filter((name) => name.startsWith("access-control"))).toEqual([]);
    }
  });

  it.each([
    new Error("connect ECONNREFUSED 192.0.2.1 table State"),
    Object.assign(new Error("throttled: State"), { name: "ProvisionedThroughputExceededException" }),
    "a text",
    undefined,
  ])("is 503 without an inner word while the table is down: %s", async (error) => {
    const paths = ["/alerts", `/alerts/${idOf(stage, 0)}`, `/alerts/${idOf(stage, 0)}/details`];
    stage.failing = { with: error };
    for (const path of paths) {
      const answer = await stage.get(path, read);
      expect(answer.status).toBe(503);
      expect(answer.headers.get("retry-after")).toBe("5");
      expect(await answer.text()).not.toMatch(/State|ECONN|192|throttled|a text/);
    }
    expect(stage.logged.filter((line) => line.includes('"api unavailable"'))).toHaveLength(3);
    expect(stage.logged.join("\n")).not.toMatch(/192\.0\.2\.1|a text/);
  });

  it("is logged in one line: who, what, what came of it, and nothing that the caller wrote", async () => {
    const id = idOf(stage, 0);
    await stage.get("/alerts?actor=top-secret-name", read);
    await stage.patch(id, write, { comment: "a private word" });
    await stage.get("/alerts", "CTE_0123456789ABCDEF01234567:guess");
    await stage.get("/top-secret-path", read, { method: "BREW" });
    expect(stage.logged.map((line) => JSON.parse(line) as object)).toEqual([
      {
        level: "info",
        message: "api use",
        api: "alerts",
        key: read.split(":")[0],
        method: "GET",
        route: "/alerts",
        status: 200,
        ms: 0,
      },
      {
        level: "info",
        message: "api use",
        api: "alerts",
        key: write.split(":")[0],
        method: "PATCH",
        route: "/alerts/{id}",
        status: 200,
        ms: 0,
      },
      {
        level: "info",
        message: "api use",
        api: "alerts",
        key: null,
        claimed: "CTE_0123456789ABCDEF01234567",
        method: "GET",
        route: "/alerts",
        status: 401,
        ms: 0,
      },
      {
        level: "info",
        message: "api use",
        api: "alerts",
        key: read.split(":")[0],
        method: "OTHER",
        route: "-",
        status: 404,
        ms: 0,
      },
    ]);
    const all = stage.logged.join("\n");
    for (const word of [
      "secret-name",
      "private",
      "guess",
      "secret-path",
      id,
      read.split(":")[1] ?? "",
      write.split(":")[1] ?? "",
    ])
      expect(all).not.toContain(word);
  });
});
