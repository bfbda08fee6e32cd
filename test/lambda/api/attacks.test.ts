import { beforeEach, describe, expect, it } from "vitest";
import { serveFunctionUrl } from "../../../lambda/api/function-url.ts";
import { asTable, makeMemoryTable } from "../../faults/memory-table.ts";
import { makeApi } from "../../../lambda/api/app.ts";
import { makeKeyStore } from "../../../lambda/api/make-key-store.ts";
import { makeScopeReader } from "../../../lambda/cases/scopes.ts";
import { logKey } from "../../../lambda/cases/case-items.ts";
import { newAlert, storesOver } from "../cases/stores.ts";
import { ALLOWED, idOf, LATER, makeStage, NOW, OTHER, problemOf, type Stage } from "./stage.ts";

/** What somebody tries who can reach the API, or has a key that may do little. */

const now = (): number => NOW;
let stage: Stage;
let read: string;
let write: string;
beforeEach(async () => {
  stage = makeStage();
  read = await stage.key();
  write = await stage.key({ access: "write" });
});

describe("a key", () => {
  it("is taken from its headers alone, whole and once", async () => {
    const [id = "", secret = ""] = read.split(":");
    expect((await stage.get("/alerts", read)).status).toBe(200);
    for (const headers of [
      { "x-api-key": `${read}, ${read}` },
      { "x-api-key": `${read}:` },
      { "x-api-key": `${id}:` },
      { "x-api-key": `${id.toLowerCase()}:${secret}` },
      { "x-api-key": `${id}:${secret}${"x".repeat(300)}` },
      { "x-api-key": `${id}:${secret.slice(0, -1)}` },
      { authorization: `Basic ${btoa(read)}` },
      { authorization: read },
      { cookie: `x-api-key=${read}` },
    ])
      expect({ headers, status: (await stage.get("/alerts", undefined, { headers })).status }).toEqual({
        headers,
        status: 401,
      });
    expect((await stage.get(`/alerts?x-api-key=${read}`)).status).toBe(401);
    expect((await stage.get(`/alerts?api_key=${read}`)).status).toBe(401);
  });

  it("that is missing, wrong or not there is refused in the same words, whatever is asked for", async () => {
    const texts = new Set<string>();
    for (const path of [
      "/alerts",
      `/alerts/${idOf(stage, 0)}`,
      `/alerts/${"0".repeat(32)}`,
      "/x",
      "/openapi.json",
    ])
      for (const credentials of [undefined, `CTE_${"0".repeat(24)}:x`, `${read.split(":")[0]}:x`])
        texts.add(await (await stage.get(path, credentials)).text());
    expect(texts.size).toBe(1);
  });
});

describe("a list", () => {
  it("with more values than the table can be asked for is refused", async () => {
    const accounts = Array.from({ length: 101 }, (_, n) => String(100_000_000_000 + n));
    const answer = await stage.get(`/alerts?account=${accounts.join(",")}`, read);
    expect(answer.status).toBe(400);
    expect((await problemOf(answer)).detail).toBe("account takes 100 values at most, not 101.");
    expect((await stage.get(`/alerts?account=${accounts.slice(1).join("&account=")}`, read)).status).toBe(
      200,
    );
  });
});

describe("a change", () => {
  it.each([
    ["nested deeper than the stack is", `{"comment":${"[".repeat(30_000)}${"]".repeat(30_000)}}`],
    ["with a prototype", '{"__proto__":{"status":"closed"},"constructor":{"prototype":{}}}'],
    ["with an unknown field that is nested", `{"x":${'{"a":'.repeat(10_000)}1${"}".repeat(10_000)}}`],
    ["twice the same field", '{"status":"acknowledged","status":"deleted"}'],
    ["by another name", '{"status":"acknowledged","by":"root"}'],
  ])("%s is refused and changes nothing", async (_, body) => {
    expect((await stage.patch(idOf(stage, 0), write, body)).status).toBe(400);
    expect(stage.changes).toEqual([]);
    expect(stage.logged.filter((line) => line.includes('"error"'))).toEqual([]);
  });

  it("in pieces is refused at 64 KB, however little it announces", async () => {
    let pieces = 0;
    const body = new ReadableStream({
      pull(controller) {
        pieces += 1;
        controller.enqueue(new Uint8Array(8_192).fill(32));
      },
    });
    const answer = await stage.send(idOf(stage, 0), write, body, { "content-length": "2" });
    expect(answer.status).toBe(413);
    expect(pieces).toBeLessThan(16);
  });
});

const eventOf = (changes: object): object => ({
  rawPath: "/alerts",
  headers: {},
  requestContext: { domainName: "ours.example", http: { method: "GET" } },
  ...changes,
});

describe("a function URL", () => {
  const urls = serveFunctionUrl((request) => new Response(new URL(request.url).host));

  it.each([".evil.example/x", "@evil.example/x", ":8443/x", "evil", " /x"])(
    "makes no other host of the path %j",
    async (rawPath) => {
      expect((await urls(eventOf({ rawPath }))).statusCode).toBe(400);
    },
  );
  it.each(["//evil.example/x", "/\\evil.example", "/@evil.example", "/..//evil.example", "/%2f%2fevil"])(
    "stays on its own host for the path %j",
    async (rawPath) => {
      expect((await urls(eventOf({ rawPath }))).body).toBe("ours.example");
    },
  );

  it("says so when an answer is too large only as Lambda writes it, where each quote counts twice", async () => {
    const answer = await serveFunctionUrl(() => new Response('"'.repeat(3_500_000)))(eventOf({}));
    expect(answer.statusCode).toBe(500);
    expect((await serveFunctionUrl(() => new Response("x".repeat(3_500_000)))(eventOf({}))).statusCode).toBe(
      200,
    );
  });
});

describe("the log", () => {
  it("has nothing of what failed but its name and place, though the message has lines like places", async () => {
    const secret = read.split(":")[1] ?? "";
    stage.failing = { with: new RangeError(`bad value\n    at ${secret} (here)\n    at there`) };
    expect((await stage.get("/alerts?actor=sealed-name", read)).status).toBe(503);
    const text = stage.logged.join("\n");
    expect(text).toContain('"reason":"RangeError"');
    for (const hidden of [secret, "(here)", "sealed-name"]) expect(text).not.toContain(hidden);
  });
});

/** Evidence of one minute. */
function seen(source: "alerts" | "profile", alertId?: string): object {
  return {
    what: `${source === "profile" ? "sealed" : "open"}-what`,
    source,
    time: "2026-11-19T10:00:30.000Z",
    ...(alertId === undefined ? {} : { alertId }),
  };
}

/** An answer whose sentence rests on the first evidence. */
function answerOf(because: string, ...evidence: readonly object[]): object {
  return { question: "Q", answer: "yes", because: `${because}-because`, evidence, weight: 1 };
}

describe("a key for one account", () => {
  it("sees nothing of another's in any list, case or scope, nor with a cursor that is made up", async () => {
    const table = asTable(makeMemoryTable());
    const { cases, tell } = storesOver(table, now);
    const keys = makeKeyStore(table, now);
    const app = makeApi({
      cases,
      keys,
      readScope: makeScopeReader({ cases, now }),
      log: () => undefined,
      now,
    });
    const ids: string[] = [];
    for (const [index, accountId] of [ALLOWED, OTHER, ALLOWED].entries()) {
      const changes = {
        cloud: { accountId, region: "eu-west-1", service: "ec2" },
        summary: `of ${accountId}`,
      };
      const alert = await tell(
        newAlert(`2026-11-20T11:0${index}:00.000Z`, changes, {
          eventID: `sealed-${index}`,
          recipientAccountId: accountId,
        }),
      );
      ids.push(alert.id);
      await cases.publish(alert.id, LATER);
    }
    const [own = "", hidden = ""] = ids;
    const evidence = [
      { what: "sealed-what", source: "alerts" as const, alertId: hidden, time: "2026-11-19T10:00:00.000Z" },
    ];
    const answers = [
      answerOf("sealed", ...evidence),
      answerOf("sealed", seen("profile")),
      answerOf("sealed", { ...seen("profile"), time: "2026-11-18T10:00:00.000Z" }, seen("alerts", own)),
      answerOf("open", seen("profile"), seen("alerts", own)),
      answerOf("open", seen("alerts", own), ...evidence),
      answerOf("open"),
    ].map((one, index) => Object.assign(one, { id: String(index) }));
    const investigation = {
      scope: "investigation",
      state: "ready",
      computedAt: "2026-11-20T11:00:00.000Z",
      value: { answers },
      notes: [],
    };
    await cases.writeScope(own, "investigation", investigation, LATER);
    const { key, secret } = await keys.create(
      { name: "one", access: "write", requestsPerHour: 9999, accountIds: [ALLOWED] },
      LATER,
    );
    const told: string[] = [];
    const ask = async (
      path: string,
      init: { method?: string; body?: string; headers?: Record<string, string> } = {},
    ): Promise<number> => {
      const answer = await app.request(path, {
        ...init,
        headers: { "x-api-key": `${key.id}:${secret}`, ...init.headers },
      });
      told.push(await answer.text());
      return answer.status;
    };
    const scopes = [
      "",
      "/details",
      "/investigation",
      "/events",
      "/related-alerts",
      "/integrations",
      "/timeline",
    ];
    for (const scope of scopes) {
      expect(await ask(`/alerts/${own}${scope}`)).toBe(200);
      expect(await ask(`/alerts/${hidden}${scope}`)).toBe(404);
    }
    const body = '{"comment":"x"}';
    const headers = { "content-type": "application/json" };
    expect(await ask(`/alerts/${hidden}`, { method: "PATCH", headers, body })).toBe(404);
    const all = "disposition=delivered,suppressed,staged,deduplicated";
    for (const query of ["", `?${all}`, `?account=${OTHER},${ALLOWED}&limit=1`, `?actor=alice&${all}`])
      expect(await ask(`/alerts${query}`)).toBe(200);
    const cursor = Buffer.from(
      JSON.stringify({ before: "2026-12-31T00:00:00.000Z", question: "0".repeat(16) }),
    ).toString("base64url");
    expect(await ask(`/alerts?cursor=${cursor}`)).toBe(400);
    const text = told.join("\n");
    expect(text.match(/open-because/g)).toHaveLength(3);
    for (const sealed of [hidden, OTHER, "sealed-1", "sealed-what", "sealed-because"])
      expect(text).not.toContain(sealed);
    expect((await cases.read(hidden, LATER))?.history).toEqual([]);
  });
});

describe("a case", () => {
  it("that a key changes without end stays readable: its last thousand entries are read", async () => {
    const table = asTable(makeMemoryTable());
    const { cases, tell } = storesOver(table, now);
    const { id } = await tell(newAlert("2026-11-20T11:00:00.000Z"));
    for (let n = 0; n < 1_500; n++) {
      const at = new Date(NOW + n).toISOString();
      const entryId = `${at}.${String(n).padStart(6, "0")}`;
      await table.put({ ...logKey(id, entryId), entry: { id: entryId, at, by: "x" } }, undefined, LATER);
    }
    const history = (await cases.read(id, LATER))?.history ?? [];
    expect(history).toHaveLength(1_000);
    expect([history[0]?.at, history.at(-1)?.at]).toEqual([
      new Date(NOW + 500).toISOString(),
      new Date(NOW + 1_499).toISOString(),
    ]);
  });
});
