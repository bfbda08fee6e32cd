import { beforeEach, describe, expect, it } from "vitest";
import { ALLOWED, idOf, LATER, makeStage, NOW, OTHER, type Stage } from "./stage.ts";

let stage: Stage;
let read: string;
let write: string;
beforeEach(async () => {
  stage = makeStage();
  read = await stage.key();
  write = await stage.key({ name: "Sekoia", access: "write" });
});

async function problemOf(answer: Response) {
  expect(answer.headers.get("content-type")).toBe("application/problem+json");
  const problem = (await answer.json()) as { status: number; title: string; detail: string };
  expect(problem.status).toBe(answer.status);
  return problem;
}

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
