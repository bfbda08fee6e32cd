import { beforeAll, describe, expect, it } from "vitest";
import { createDice, type Dice } from "../../bench/random.ts";
import { ALLOWED, idOf, makeStage, OTHER, type Stage } from "./stage.ts";

/** 10,000 requests of noise, the same in every run: half with a key, half without or with a broken one. */

const REQUESTS = 10_000;
const SEED = 20_261_120;
const METHODS = [
  "GET",
  "HEAD",
  "POST",
  "PUT",
  "PATCH",
  "DELETE",
  "OPTIONS",
  "PROPFIND",
  "BREW",
  "get",
  "QUERY",
];
const WORDS = [
  "alerts",
  "Alerts",
  "alert",
  "openapi.json",
  "details",
  "timeline",
  "related-alerts",
  "__proto__",
  "constructor",
  "toString",
  "hasOwnProperty",
  "prototype",
  "..",
  ".",
  "%2e%2e",
  "%2f",
  "%00",
  "%",
  "%zz",
  "%ff%fe",
  "%F0%9F%9A%A8",
  "\u202e",
  "\ud800",
  "🚨",
  "'",
  '"',
  "<script>",
  "{{7*7}}",
  "${7*7}",
  "' OR 1=1--",
  "null",
  "undefined",
  "NaN",
  "-1",
  "1e309",
  "0x10",
  "\\",
  "a b",
  "*",
  ":id",
  "{id}",
  "ALERT#",
  "KEYS",
  "RATE#",
  "a".repeat(3_000),
  "é",
  "%0d%0aset-cookie:x",
];
const NAMES = [
  "from",
  "to",
  "severity",
  "status",
  "disposition",
  "rule",
  "actor",
  "channel",
  "account",
  "limit",
  "cursor",
  "__proto__",
  "constructor",
  "a[b]",
  "limit[]",
  "",
  "severity[$ne]",
];
const VALUES = [
  "",
  "0",
  "1",
  "200",
  "201",
  "99999999999999999999",
  "-1",
  "NaN",
  "high",
  "high,critical",
  ",,,",
  "open",
  "delivered",
  "console",
  "2026-11-20",
  "2026-11-20T10:00:00Z",
  "2026-02-30",
  "+275760-09-13",
  ALLOWED,
  OTHER,
  "page-2",
  "eyJhIjoxfQ==",
  "%",
  "%00",
  "%u0041",
  "\u202e",
  "\ud800",
  "🚨",
  "x".repeat(5_000),
  "1,".repeat(2_000),
  "__proto__",
  "a#b",
  "a&b=c",
  "{}",
  "[]",
];
const TYPES = [
  "application/json",
  "application/json; charset=utf-8",
  "text/plain",
  "multipart/form-data",
  "",
  "a/b;c",
  "application/json\t",
];
const BODIES = [
  "",
  "{",
  "null",
  "[]",
  "{}",
  "1",
  '"x"',
  '{"status":"closed"}',
  '{"status":"closed","reason":"expected"}',
  '{"comment":"x"}',
  '{"__proto__":{"status":"open"}}',
  '{"constructor":1}',
  `{"comment":"${"y".repeat(70_000)}"}`,
  `${"[".repeat(20_000)}${"]".repeat(20_000)}`,
  '{"comment":"\\ud800"}',
  '{"comment":"\u202e"}',
  '{"status":["open"]}',
  '{"comment":{"toString":1}}',
  "\u0000",
  "<xml/>",
  '{"comment":"x","comment":"y"}',
  `{"${"k".repeat(9_000)}":1}`,
];

let stage: Stage;
let good: readonly string[];
let bad: readonly string[];
/** No key at all. */
const NONE = "-";
beforeAll(async () => {
  stage = makeStage();
  const all = await stage.key({ access: "write" });
  const some = await stage.key({ access: "write", accountIds: [ALLOWED] });
  const reader = await stage.key();
  good = [all, some, reader];
  const [id = "", secret = ""] = all.split(":");
  bad = [
    NONE,
    "",
    ":",
    id,
    `${id}:`,
    `${id}:${secret.slice(1)}`,
    `${id}:${secret}\u00e9`,
    `${id.toLowerCase()}:${secret}`,
    `CTE_${"0".repeat(24)}:${secret}`,
    "__proto__:x",
    "x".repeat(9_000),
    `${id}:${"x".repeat(9_000)}`,
  ];
});

function pathOf(dice: Dice, ids: readonly string[]): string {
  const parts = Array.from({ length: dice.below(5) }, () =>
    dice.percent(30) ? dice.pick(ids) : dice.pick(WORDS),
  );
  const path = dice.percent(60)
    ? `/alerts${dice.percent(60) ? `/${dice.pick(ids)}` : ""}${dice.percent(30) ? `/${dice.pick(WORDS)}` : ""}`
    : `/${parts.join("/")}`;
  const query = Array.from({ length: dice.below(6) }, () => {
    const value = dice.pick(VALUES);
    return `${dice.pick(NAMES)}=${dice.percent(70) ? encodeURIComponent(value.toWellFormed()) : value}`;
  });
  return query.length === 0 ? path : `${path}?${query.join("&")}`;
}

/** A request, where the dice fell so that there can be one: fetch itself refuses some headers and bodies. */
function requestOf(dice: Dice, ids: readonly string[], credentials: string): Request | undefined {
  try {
    const method = dice.percent(40) ? dice.pick(["GET", "PATCH"]) : dice.pick(METHODS);
    const headers = new Headers();
    if (credentials !== NONE)
      headers.set(
        dice.percent(90) ? "x-api-key" : "authorization",
        dice.percent(90) ? credentials : `Bearer ${credentials}`,
      );
    headers.set("content-type", dice.percent(60) ? "application/json" : dice.pick(TYPES));
    if (dice.percent(20)) headers.set("content-length", dice.pick(VALUES));
    if (dice.percent(20)) headers.set("idempotency-key", dice.pick(VALUES));
    if (dice.percent(10)) headers.set("x-http-method-override", "PATCH");
    const body = method === "GET" || method === "get" || method === "HEAD" ? undefined : dice.pick(BODIES);
    return new Request(`https://api.example${pathOf(dice, ids)}`, {
      method,
      headers,
      ...(body === undefined ? {} : { body }),
    });
  } catch {
    return undefined;
  }
}

describe("10,000 requests of noise", () => {
  it("are all answered, none with a 5xx, and nothing is read or changed without a key", async () => {
    const dice = createDice(SEED);
    const ids = [idOf(stage, 0), idOf(stage, 1), "0".repeat(32)];
    const words = stage.cases.flatMap(({ row, alert }) => [
      row.title,
      alert.actor.name,
      row.summary,
      row.ruleId,
    ]);
    const statuses = new Map<number, number>();
    const problems: unknown[] = [];
    let asked = 0;
    const before = process.memoryUsage().heapUsed;
    while (asked < REQUESTS) {
      const hasKey = dice.percent(50);
      const request = requestOf(dice, ids, hasKey ? dice.pick(good) : dice.pick(bad));
      if (request === undefined) continue;
      asked++;
      const [lists, changes, scopes] = [stage.lists.length, stage.changes.length, stage.scopes.length];
      const { url, method } = request;
      const answer = await stage.app.fetch(request);
      const body = await answer.text();
      statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
      const touched =
        stage.lists.length + stage.changes.length + stage.scopes.length > lists + changes + scopes;
      const leaks = words.some((word) => body.includes(word)) || touched;
      const isLarge = body.length > 50_000;
      const hasHeaders = answer.headers.get("x-content-type-options") === "nosniff";
      if (answer.status >= 500 || isLarge || !hasHeaders || (!hasKey && (leaks || answer.status !== 401)))
        problems.push({ method, url: url.slice(0, 200), status: answer.status, body: body.slice(0, 200) });
      if (
        answer.status >= 400 &&
        method !== "HEAD" &&
        (JSON.parse(body) as { status?: unknown }).status !== answer.status
      )
        problems.push({ method, url: url.slice(0, 200), body: body.slice(0, 200) });
    }
    expect(problems).toEqual([]);
    // The noise is worth something when it gets everywhere.
    expect([...statuses.keys()].toSorted((a, b) => a - b)).toEqual([200, 400, 401, 403, 404, 405, 413, 415]);
    expect(stage.changes.length).toBeGreaterThan(10);
    expect(stage.lists.length).toBeGreaterThan(20);
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(300_000_000);

    const log = stage.logged.join("\n");
    expect(stage.logged).toHaveLength(REQUESTS);
    for (const credentials of good) expect(log).not.toContain(credentials.split(":")[1]);
    expect(Math.max(...stage.logged.map((line) => line.length))).toBeLessThan(300);
    expect(new Set(stage.logged.map((line) => (JSON.parse(line) as { route: string }).route))).toEqual(
      new Set(["-", "/alerts", "/alerts/{id}", "/alerts/{id}/{scope}", "/openapi.json"]),
    );
    // Keys of one account never met the other's.
    const narrowed = good[1]?.split(":")[0];
    expect(stage.changes.filter(({ id }) => id === idOf(stage, 1)).length).toBeGreaterThan(0);
    expect(narrowed).toBeDefined();
  }, 60_000);
});
