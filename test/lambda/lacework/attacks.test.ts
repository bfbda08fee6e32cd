import { createHmac, randomBytes } from "node:crypto";
import { deflateRawSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { serveLacework } from "../../../lambda/lacework/function-url.ts";
import { HOST, LATER, makeStage, NOW, numbersOf, pagingOf, type Stage } from "./stage.ts";

/** What somebody tries who has an open URL before him, or a key that may do little. */

const ALERTS = "/api/v2/Alerts";
const TOKENS = "/api/v2/access/tokens";
const OWN = "123456789012";
const OTHER = "210987654321";
const SEALED = "sealed-text";
const nested = (depth: number): string => `${"[".repeat(depth)}${"]".repeat(depth)}`;

/** A cursor that somebody made up. */
function cursorOf(changes: object): string {
  const made = {
    from: 0,
    to: NOW + 1,
    top: 99,
    before: 99,
    seen: 0,
    total: 99,
    accountIds: [OTHER],
    ...changes,
  };
  return `p_${deflateRawSync(JSON.stringify(made)).toString("base64url")}`;
}

/** Two alerts of the key's account, numbers 1 and 3, and two of another one's: all by one actor, from one address. */
async function withTwoAccounts(stage: Stage): Promise<{ readonly ids: string[] }> {
  const ids: string[] = [];
  for (const [index, account] of [OWN, OTHER, OWN, OTHER].entries()) {
    const alert = await stage.publish(
      `2026-11-20T11:0${index}:00.000Z`,
      {
        cloud: { accountId: account, region: "eu-west-1", service: "ec2" },
        ...(account === OTHER ? { title: SEALED, summary: SEALED } : {}),
      },
      { eventID: `22222222-0000-4000-8000-00000000000${index}`, recipientAccountId: account },
    );
    ids.push(alert.id);
  }
  return { ids };
}

describe("without a token", () => {
  it("nothing is told, and only what has the form of an id costs a read", async () => {
    const stage = makeStage();
    await withTwoAccounts(stage);
    let reads = 0;
    const keys = stage.keys;
    const counted = makeStage({
      keys: {
        ...keys,
        check: (...parts) => ((reads += 1), keys.check(...parts)),
        checkToken: (...parts) => ((reads += 1), keys.checkToken(...parts)),
      },
    });
    const texts = new Set<string>();
    for (const path of [
      ALERTS,
      `${ALERTS}/1`,
      `${ALERTS}/9`,
      `${ALERTS}/1?scope=Events`,
      `${ALERTS}/nextPage?cursor=p_x`,
      "/",
      "/x",
    ])
      for (const method of ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"]) {
        const { status, text } = await counted.request(path, { method });
        expect(status).toBe(401);
        if (method !== "HEAD") texts.add(text);
      }
    expect(texts.size).toBe(1);
    expect(reads).toBe(0);
  });

  it("a body above 64 KB is refused before anything is asked, packed as base64 too", async () => {
    const stage = makeStage();
    const serve = serveLacework(stage.app);
    const large = JSON.stringify({ keyId: `CTE_${"0".repeat(24)}`, x: "x".repeat(65_536) });
    for (const isBase64Encoded of [true, false]) {
      const answer = await serve({
        rawPath: TOKENS,
        requestContext: { domainName: HOST.slice(8), http: { method: "POST" } },
        headers: { "x-lw-uaks": "x", "content-length": "2" },
        body: isBase64Encoded ? Buffer.from(large).toString("base64") : large,
        isBase64Encoded,
      });
      expect(answer.statusCode).toBe(413);
    }
  });
});

describe("a token", () => {
  it("cannot be made longer, turned into another key's or spelt in another way", async () => {
    const stage = makeStage();
    const token = await stage.token({ name: "one" });
    const { key: two } = await stage.makeKey({ name: "two" });
    const [id = "", expiry = "", nonce = "", mac = ""] = token.split(".");
    const later = (Number.parseInt(expiry, 36) + 1).toString(36);
    const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    // The last character of 43 has two bits that say nothing.
    const twin = alphabet[alphabet.indexOf(mac.at(-1) ?? "") ^ 1] ?? "";
    const unsigned = `${id}.${later}.${nonce}`;
    const forged = [
      [id, later, nonce, mac],
      [two.id, expiry, nonce, mac],
      [id, `0${expiry}`, nonce, mac],
      [id, expiry.toUpperCase(), nonce, mac.toLowerCase()],
      [id, expiry, nonce, `${mac.slice(0, -1)}${twin}`],
      [id, expiry, nonce, `${mac}=`],
      [id, expiry, nonce, mac.slice(0, -1)],
      [id, expiry, nonce, ""],
      [id, "nan", nonce, mac],
      [id, "-1", nonce, mac],
      [id, "infinity", nonce, mac],
      [id, expiry, nonce, mac, mac],
      [unsigned, createHmac("sha256", "").update(unsigned).digest("base64url")],
      [unsigned, createHmac("sha256", id).update(unsigned).digest("base64url")],
      [unsigned, randomBytes(32).toString("base64url")],
    ].map((parts) => parts.join("."));
    expect((await stage.list(token)).status).toBe(200);
    for (const one of [...forged, `${token} `.repeat(2), `${token},${token}`, `bearer ${token}`])
      expect({ one, status: (await stage.list(one)).status }).toEqual({ one, status: 401 });
  });

  it("of a revoked or expired key opens nothing, and no new one is had", async () => {
    const stage = makeStage();
    const { key, secret } = await stage.makeKey({ expiresAt: "2026-11-20T13:00:00Z" });
    const token = String((await stage.mint(key.id, secret, { expiryTime: 86_400 })).body["token"]);
    expect((await stage.list(token)).status).toBe(200);
    stage.clock.now += 3_600_000;
    expect((await stage.list(token)).status).toBe(401);
    expect((await stage.mint(key.id, secret)).status).toBe(401);
    stage.clock.now = NOW;
    expect((await stage.list(token)).status).toBe(200);
    await stage.keys.revoke(key.id, LATER);
    expect((await stage.list(token)).status).toBe(401);
    expect((await stage.mint(key.id, secret)).status).toBe(401);
    // One that was on its way while the key was revoked.
    expect((await stage.list(await stage.keys.issueToken(key, NOW + 9_999_999, LATER))).status).toBe(401);
  });

  it.each([-1, 0, 0.5, "1e9", "-5", {}, [], true, "NaN"])("has no term of %j", async (expiryTime) => {
    const stage = makeStage();
    const { key, secret } = await stage.makeKey();
    expect((await stage.mint(key.id, secret, { expiryTime })).status).toBe(400);
  });
});

describe("a key for one account", () => {
  it("sees nothing of another's, by whatever path, and its cursor no more when it is made up", async () => {
    const stage = makeStage({ pageRows: 1 });
    const { ids } = await withTwoAccounts(stage);
    const token = await stage.token({ accountIds: [OWN] });
    const told: string[] = [];
    const ask = async (path: string): Promise<number> => {
      const { status, text } = await stage.get(path, token);
      told.push(text);
      return status;
    };
    for (const scope of [
      "",
      "Investigation",
      "Events",
      "RelatedAlerts",
      "Integrations",
      "Timeline",
      "ObservationTimeline",
    ]) {
      expect(await ask(`${ALERTS}/2?scope=${scope}`)).toBe(404);
      await ask(`${ALERTS}/1?scope=${scope}`);
    }
    const first = await stage.list(token);
    told.push(first.text);
    expect({ numbers: numbersOf(first), total: pagingOf(first).totalRows }).toEqual({
      numbers: [3],
      total: 2,
    });
    for (const changes of [
      {},
      { before: 4 },
      { before: -1 },
      { before: 1e15 },
      { top: 1e15 },
      { from: -1e15 },
    ])
      await ask(`${ALERTS}/nextPage?cursor=${cursorOf(changes)}`);
    const found = await stage.search(token, {
      filters: [{ field: "alertInfo.description", expression: "like", value: "%" }],
      returns: ["alertId", "entityMap", "alertInfo"],
    });
    told.push(found.text);
    const text = told.join("\n");
    for (const hidden of [SEALED, OTHER, ids[1], ids[3]]) expect(text).not.toContain(hidden);
    expect((await stage.comment(token, 2, { comment: "x" })).status).toBe(404);
    expect((await stage.close(token, 2, { reason: 1 })).status).toBe(404);
    expect((await stage.cases.read(ids[1] ?? "", LATER))?.history).toEqual([]);
  });

  it("reads seven days at most, with a cursor that says more too", async () => {
    const stage = makeStage();
    stage.clock.now = NOW - 20 * 86_400_000;
    await stage.publish("2026-10-31T11:00:00.000Z");
    stage.clock.now = NOW;
    await stage.publish("2026-11-20T11:00:00.000Z");
    const answer = await stage.get(`${ALERTS}/nextPage?cursor=${cursorOf({})}`, await stage.token());
    expect(numbersOf(answer)).toEqual([2]);
  });
});

describe("a body", () => {
  it("that is nested deeper than any stack is refused as a mistake, not met as a failure", async () => {
    const stage = makeStage();
    await stage.publish("2026-11-20T11:00:00.000Z");
    const { key, secret } = await stage.makeKey();
    const token = await stage.token();
    const deep = nested(30_000);
    const filter = '"field":"status","expression":"eq"';
    for (const body of [
      `{"filters":[{"field":${deep}}]}`,
      `{"filters":[{"field":"status","expression":${deep}}]}`,
      `{"filters":[{${filter},"value":${deep}}]}`,
      `{"filters":${deep}}`,
      `{"timeFilter":{"startTime":${deep}}}`,
      `{"timeFilter":${deep}}`,
      `{"returns":[${deep}]}`,
    ])
      expect({ body: body.slice(0, 40), status: (await stage.search(token, body)).status }).toMatchObject({
        status: 400,
      });
    // What stands beside a filter is not carried along.
    expect((await stage.search(token, `{"filters":[{${filter},"value":"Open","x":${deep}}]}`)).status).toBe(
      200,
    );
    expect(
      (await stage.search(token, `{"filters":[{${filter},"values":["Open"],"value":${deep}}]}`)).status,
    ).toBe(200);
    expect((await stage.close(token, 1, `{"reason":${deep}}`)).status).toBe(400);
    expect((await stage.comment(token, 1, `{"comment":${deep}}`)).status).toBe(400);
    const minting = {
      method: "POST",
      headers: { "X-LW-UAKS": secret },
      body: `{"keyId":"${key.id}","expiryTime":${deep}}`,
    };
    expect((await stage.request(TOKENS, minting)).status).toBe(400);
    expect(stage.logged.filter((line) => line.includes('"error"'))).toEqual([]);
  });

  it.each([
    ["fifty patterns that each count to a thousand", "(?:abcdefgh){1000}", 50],
    ["one that counts to a thousand sixty times", "x{1000}".repeat(60), 1],
    ["one long one, a thousand times", `(?:${"xy".repeat(200)}){1000}`, 1],
  ])("of %s is refused before it is compiled", async (_, value, count) => {
    const stage = makeStage();
    const filters = Array.from({ length: count }, () => ({
      field: "alertName",
      expression: "not_rlike",
      value,
    }));
    const { status, body } = await stage.search(await stage.token(), { filters });
    expect({ status, body }).toEqual({
      status: 400,
      body: { message: expect.stringMatching(/patterns are too much|too long/) as string },
    });
  });

  it("of patterns as people write them is taken", async () => {
    const stage = makeStage();
    const filters = [
      ...["[A-Z]{3,10}-\\d{1,6}", "(?i)root.{0,20}used"].map((value) => ({
        field: "alertName",
        expression: "not_rlike",
        value,
      })),
      { field: "alertName", expression: "not_like", value: "{1000}%{1000}%" },
    ];
    expect((await stage.search(await stage.token(), { filters })).status).toBe(200);
  });
});
