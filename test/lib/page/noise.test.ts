import { beforeAll, describe, expect, it } from "vitest";
import { makeScopeReader } from "../../../lambda/cases/scopes.ts";
import { cookieName, cookieValue } from "../../../lib/page/guard.ts";
import { makePageApp } from "../../../lib/page/page-app.ts";
import { watchRows } from "../../../lib/page/row-watch.ts";
import { createDice, type Dice } from "../../bench/random.ts";
import { asTable, makeMemoryTable } from "../../faults/memory-table.ts";
import { sampleAlert } from "../../lambda/alerts/sample.ts";
import { soon, storesOver } from "../../lambda/cases/stores.ts";
import { ruleSet } from "./stage.ts";

/** 10,000 requests of noise to the page's server, the same in every run: with its key, with half of it, without. */
const REQUESTS = 10_000;
const DOOR = { port: 51_234, token: "the-run's-own-token-of-43-characters-xxxxxxx" };
const HOST = `127.0.0.1:${DOOR.port}`;
const SEALED = "sealed-summary";
const alert = sampleAlert({}, { name: SEALED });
const METHODS = ["GET", "GET", "GET", "POST", "POST", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "BREW"];
const PATHS = [
  "/",
  "/app.js",
  "/icon.svg",
  "/api/about",
  "/api/rows",
  "/api/picture",
  "/api/why",
  `/api/cases/${alert.id}`,
  `/api/cases/${alert.id}/changes`,
  `/api/cases/${alert.id}/suppression`,
  `/api/cases/${alert.id}/scopes/timeline`,
  `/api/cases/${alert.id}/formats/ecs`,
  "/api/cases/%00/scopes/%2e%2e",
  "/..%2fpackage.json",
  "/%2e%2e/%2e%2e/etc/passwd",
  "//evil.example/x",
  "/app.js/../../guard.ts",
  "/api/cases/__proto__",
  "/api/cases/constructor/scopes/toString",
  "/%zz",
  `/api/cases/${alert.id}/formats/__proto__`,
  "/API/ROWS",
  "/api//rows",
  `/${"a".repeat(3_000)}`,
  "/\u202e",
];
const WORDS = [
  "",
  "token",
  "cursor",
  "x",
  DOOR.token.slice(1),
  "%00",
  "[]",
  "{}",
  "null",
  "status",
  "acknowledged",
  "closed",
  "comment",
  "__proto__",
  "name",
  "reason",
  "owner",
  "expires",
  "facts",
  "text",
  "index",
  "ruleId",
  "1e309",
  "\ud800",
  "🚨",
  "'\"<script>",
  "a".repeat(5_000),
  "2027-01-31",
  "actor.arn",
  "eyJiZWZvcmUiOiIifQ",
];

let app: ReturnType<typeof makePageApp>;
const problems: string[] = [];
const onProblem = (line: string): void => void problems.push(line);
beforeAll(async () => {
  const { cases, tell } = storesOver(asTable(makeMemoryTable()));
  await tell({ ...alert, summary: SEALED });
  await cases.publish(alert.id, soon());
  const ports = {
    cases,
    readScope: makeScopeReader({ cases, now: Date.now }),
    ruleSet,
    person: "tester",
    place: "a test",
    every: 60_000,
    now: Date.now,
    onProblem,
  };
  app = makePageApp(ports, DOOR, { script: "script", style: "style" }, watchRows(ports));
});

function value(dice: Dice, depth: number): unknown {
  const kind = dice.below(depth > 2 ? 4 : 7);
  if (kind === 0) return dice.pick([null, true, -1, 0, 1, 1.5, 1e308]);
  if (kind < 4) return dice.pick(WORDS);
  if (kind === 4) return Array.from({ length: dice.below(4) }, () => value(dice, depth + 1));
  return Object.fromEntries(
    Array.from({ length: dice.below(5) }, () => [dice.pick(WORDS), value(dice, depth + 1)]),
  );
}

function noise(dice: Dice): { readonly url: string; readonly init: RequestInit; readonly isOwn: boolean } {
  const method = dice.pick(METHODS);
  const right = dice.below(2) === 0;
  const host = right
    ? HOST
    : dice.pick([
        HOST,
        `${HOST}.`,
        `LOCALHOST:${DOOR.port}`,
        "[::1]:51234",
        "evil.example",
        `${HOST}, ${HOST}`,
        `${HOST}@evil`,
      ]);
  const cookie = right ? cookieValue(DOOR) : dice.pick([cookieValue(DOOR), DOOR.token, "", "x", "__proto__"]);
  const key = right ? DOOR.token : dice.pick([DOOR.token, cookieValue(DOOR), "", "1"]);
  const origin = right
    ? `http://${HOST}`
    : dice.pick([`http://${HOST}`, "null", "http://evil.example", `http://${HOST}.evil.example`]);
  const site = right ? "same-origin" : dice.pick(["same-origin", "same-site", "cross-site", "none"]);
  const headers = {
    host,
    cookie: `${dice.pick(["", "a=b; "])}${cookieName(DOOR)}=${cookie}`,
    "x-engine-page": key,
    origin,
    "sec-fetch-site": site,
    "content-type": dice.pick([
      "application/json",
      "application/json",
      "text/plain",
      "",
      "application/json; x",
    ]),
  };
  const path = dice.pick(PATHS);
  const query = Array.from(
    { length: dice.below(3) },
    () => `${dice.pick(WORDS.slice(0, 4))}=${encodeURIComponent(dice.pick(WORDS).toWellFormed())}`,
  );
  const body = dice.pick([
    JSON.stringify(value(dice, 0)),
    "{",
    '{"x":'.repeat(12_000),
    `"${"x".repeat(70_000)}"`,
  ]);
  const isOwn =
    host === HOST &&
    cookie === cookieValue(DOOR) &&
    key === DOOR.token &&
    origin === `http://${HOST}` &&
    site === "same-origin";
  return {
    url: `http://${HOST}${path}?${query.join("&")}`,
    init: { method, headers, ...(method === "GET" || method === "HEAD" ? {} : { body }) },
    isOwn,
  };
}

describe("10,000 requests of noise to the page's server", () => {
  it("are all answered, none with a 5xx, and tell nothing to who has not all of the key", async () => {
    const dice = createDice(20_261_121);
    const statuses: Record<number, number> = {};
    const failed: object[] = [];
    for (let n = 0; n < REQUESTS; n++) {
      const { url, init, isOwn } = noise(dice);
      const answer = await app.request(url, init);
      const text = await answer.text();
      statuses[answer.status] = (statuses[answer.status] ?? 0) + 1;
      const seen = {
        n,
        url: url.slice(0, 120),
        method: init.method,
        status: answer.status,
        text: text.slice(0, 200),
      };
      if (answer.status >= 500) failed.push(seen);
      expect(answer.headers.get("content-security-policy")).toContain("default-src 'none'");
      expect(text).not.toContain(DOOR.token);
      if (isOwn) continue;
      const isFile = !new URL(url).pathname.startsWith("/api/");
      if (!isFile && answer.status !== 403) failed.push(seen);
      expect(text).not.toContain(SEALED);
    }
    expect(failed).toEqual([]);
    expect(Object.keys(statuses)).toEqual(expect.arrayContaining(["200", "400", "403", "404", "413"]));
    expect(problems).toEqual([]);
  }, 60_000);
});
