import { describe, expect, it } from "vitest";
import { makeStage, NOW } from "./stage.ts";

const HOUR = 3_600_000;

describe("a token", () => {
  it("is minted of a key id and its secret, with its expiry in milliseconds and Z", async () => {
    const stage = makeStage();
    const { key, secret } = await stage.makeKey();
    const { status, headers, body } = await stage.mint(key.id, secret);
    expect(status).toBe(201);
    expect(headers.get("content-type")).toBe("application/json");
    expect(body).toEqual({
      token: expect.stringMatching(/^\S{40,}$/),
      expiresAt: "2026-11-20T13:00:00.000Z",
    });
  });

  it.each([
    [undefined, 3_600],
    [60, 60],
    ["120", 120],
    [86_400, 86_400],
    [999_999, 86_400],
  ])("that is asked for with expiryTime %j is good for %d seconds", async (expiryTime, seconds) => {
    const stage = makeStage();
    const { key, secret } = await stage.makeKey();
    const { body } = await stage.mint(key.id, secret, expiryTime === undefined ? {} : { expiryTime });
    expect(body["expiresAt"]).toBe(new Date(NOW + seconds * 1_000).toISOString());
    // One second for its way.
    stage.clock.now = NOW + seconds * 1_000 + 999;
    expect((await stage.list(String(body["token"]))).status).toBe(200);
    stage.clock.now++;
    expect((await stage.list(String(body["token"]))).status).toBe(401);
  });

  it("stays good while others are minted, and opens the API with Bearer and without", async () => {
    const stage = makeStage();
    const { key, secret } = await stage.makeKey();
    const tokens: string[] = [];
    for (let n = 0; n < 20; n++) {
      stage.clock.now += 60_000;
      tokens.push(String((await stage.mint(key.id, secret)).body["token"]));
    }
    expect(new Set(tokens).size).toBe(20);
    for (const token of tokens)
      for (const authorization of [token, `Bearer ${token}`, `bearer  ${token}`, ` ${token} `])
        expect((await stage.request("/api/v2/Alerts", { headers: { authorization } })).status).toBe(200);
  });

  it("does not care for the account and organisation that are named beside it", async () => {
    const stage = makeStage();
    const authorization = await stage.token();
    const headers = { authorization, "Account-Name": "TECH-ALLY", "Org-Access": "true", Method: "GET" };
    expect((await stage.request("/api/v2/Alerts", { headers })).status).toBe(200);
  });

  it.each([
    ["a wrong secret", 401, (id: string) => JSON.stringify({ keyId: id }), "wrong"],
    ["no secret", 401, (id: string) => JSON.stringify({ keyId: id }), ""],
    ["an unknown key", 401, () => JSON.stringify({ keyId: `CTE_${"0".repeat(24)}` })],
    ["an id that is none", 401, () => JSON.stringify({ keyId: "' OR 1=1 --" })],
    ["no key id", 400, () => "{}"],
    ["a list", 400, (id: string) => JSON.stringify([{ keyId: id }])],
    ["no body", 400, () => ""],
    ["no JSON", 400, (id: string) => `keyId=${id}`],
    ["an expiry that is none", 400, (id: string) => JSON.stringify({ keyId: id, expiryTime: "soon" })],
    ["an expiry of nothing", 400, (id: string) => JSON.stringify({ keyId: id, expiryTime: 0 })],
  ])("is refused for %s with %d and a message", async (_, status, body, wrong?: string) => {
    const stage = makeStage();
    const { key, secret } = await stage.makeKey();
    const headers = { "X-LW-UAKS": wrong ?? secret };
    const refused = await stage.request("/api/v2/access/tokens", {
      method: "POST",
      headers,
      body: body(key.id),
    });
    expect(refused.status).toBe(status);
    expect(refused.body).toEqual({ message: expect.stringMatching(/\w{3}/) });
    expect(refused.text + stage.logged.join("")).not.toContain(secret);
  });

  it("ends with its key: 401 once that is revoked or expired, for old tokens and new ones", async () => {
    const stage = makeStage();
    const { key, secret } = await stage.makeKey();
    const token = String((await stage.mint(key.id, secret)).body["token"]);
    await stage.keys.revoke(key.id, NOW + HOUR);
    expect((await stage.list(token)).status).toBe(401);
    expect((await stage.mint(key.id, secret)).status).toBe(401);

    const short = await stage.makeKey({ expiresAt: new Date(NOW + HOUR).toISOString() });
    const long = String((await stage.mint(short.key.id, short.secret, { expiryTime: 86_400 })).body["token"]);
    expect((await stage.list(long)).status).toBe(200);
    stage.clock.now = NOW + HOUR;
    expect((await stage.list(long)).status).toBe(401);
    expect((await stage.mint(short.key.id, short.secret)).status).toBe(401);
  });
});

describe("without a good token", () => {
  it.each([
    "",
    "Bearer",
    "Bearer ",
    "Basic abc",
    "Bearer null",
    `CTE_${"0".repeat(24)}.1.a.b`,
    "Bearer ..",
    "🚨",
  ])("nothing is answered, not even that a path is not there: %j", async (authorization) => {
    const stage = makeStage();
    await stage.publish("2026-11-20T11:00:00Z");
    for (const path of ["/api/v2/Alerts", "/api/v2/Alerts/1", "/api/v2/nothing", "/", "/openapi.json"]) {
      const headers: Record<string, string> = /^[\x20-\x7e]+$/.test(authorization) ? { authorization } : {};
      const { status, body } = await stage.request(path, { headers });
      expect([status, Object.keys(body)]).toEqual([401, ["message"]]);
    }
  });

  it("a token is not good with a character changed", async () => {
    const stage = makeStage();
    const token = await stage.token();
    for (let at = 0; at < token.length; at += 7) {
      const other = token[at] === "A" ? "B" : "A";
      expect((await stage.list(token.slice(0, at) + other + token.slice(at + 1))).status).toBe(401);
    }
  });
});

describe("a key's requests an hour", () => {
  it("are counted for what is read and changed, not for tokens, and end in 429 with whole seconds", async () => {
    const stage = makeStage();
    stage.clock.now = NOW + 600_500;
    const { key, secret } = await stage.makeKey({ requestsPerHour: 3 });
    const token = String((await stage.mint(key.id, secret)).body["token"]);
    for (let n = 0; n < 3; n++) {
      expect((await stage.mint(key.id, secret)).status).toBe(201);
      expect((await stage.list(token)).status).toBe(200);
    }
    const refused = await stage.list(token);
    expect(refused.status).toBe(429);
    expect(refused.headers.get("retry-after")).toBe("3000");
    expect(refused.body["message"]).toContain("3 requests an hour");
    expect((await stage.mint(key.id, secret)).status).toBe(201);
    stage.clock.now = NOW + HOUR;
    expect((await stage.list(token)).status).toBe(200);
  });

  it("leave 4,800 tokens an hour, which no client needs", async () => {
    const stage = makeStage();
    const { key, secret } = await stage.makeKey({ requestsPerHour: 3 });
    for (let n = 0; n < 4_800; n++)
      await stage.keys.count({ ...key, id: `${key.id}#TOKENS`, requestsPerHour: 4_800 }, NOW);
    const refused = await stage.mint(key.id, secret);
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([429, "3600"]);
  });
});
