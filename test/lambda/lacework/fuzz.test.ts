import { beforeAll, describe, expect, it } from "vitest";
import { createDice, type Dice } from "../../bench/random.ts";
import { HOST, makeStage, type Stage } from "./stage.ts";

/** 10,000 requests of noise, the same in every run, mixed of what the API knows and what it does not. */
const REQUESTS = 10_000;
const METHODS = [
  "GET",
  "GET",
  "GET",
  "POST",
  "POST",
  "POST",
  "PUT",
  "PATCH",
  "DELETE",
  "HEAD",
  "OPTIONS",
  "BREW",
];
const PARTS = [
  "api",
  "v2",
  "v1",
  "Alerts",
  "Alerts",
  "alerts",
  "search",
  "nextPage",
  "access",
  "tokens",
  "1",
  "2",
  "3",
  "99",
  "-1",
  "comment",
  "close",
  "__proto__",
  "constructor",
  "..",
  "%2e%2e",
  "%00",
  "%zz",
  "%F0%9F%9A%A8",
  "\u202e",
  "'",
  '"',
  "<script>",
  "' OR 1=1--",
  "1e309",
  "NUMBERS",
  "KEYS",
  "a".repeat(3_000),
  "%0d%0aset-cookie:x",
  "",
  "1/comment",
  "2/close",
];
const WORDS = [
  "startTime",
  "endTime",
  "scope",
  "cursor",
  "Details",
  "Timeline",
  "Events",
  "2026-11-20T11:00:00Z",
  "p_AAAA",
  "p_",
  "12",
  "9".repeat(40),
  "",
  "null",
  "%00",
  "\ud800",
  "🚨",
  "[]",
  "+0000",
  "__proto__",
  "status",
  "severity",
  "alertId",
  "rlike",
  "(".repeat(600),
  "(a*)*b",
  "eq",
  "between",
  "keyId",
  "timeFilter",
  "filters",
  "returns",
  "field",
  "expression",
  "value",
];
const PATHS = [
  "/api/v2/Alerts",
  "/api/v2/Alerts/search",
  "/api/v2/Alerts/1",
  "/api/v2/Alerts/1/comment",
  "/api/v2/Alerts/2/close",
  "/api/v2/access/tokens",
];

let stage: Stage;
let token = "";
let reading = "";
let secret = "";
beforeAll(async () => {
  stage = makeStage();
  const made = await stage.makeKey({ requestsPerHour: 1_000_000 });
  secret = made.secret;
  token = String((await stage.mint(made.key.id, secret)).body["token"]);
  reading = await stage.token({ access: "read", accountIds: ["210987654321"] });
  for (let n = 0; n < 3; n++) await stage.publish("2026-11-20T11:00:00Z", { summary: "sealed-summary" });
});

function value(dice: Dice, depth: number): unknown {
  const kind = dice.below(depth > 2 ? 5 : 8);
  if (kind === 0) return dice.pick([null, true, -1, 0, 1, 5, 1e308, 1.5]);
  if (kind < 5) return dice.pick(WORDS);
  if (kind === 5) return Array.from({ length: dice.below(4) }, () => value(dice, depth + 1));
  return Object.fromEntries(
    Array.from({ length: dice.below(5) }, () => [dice.pick(WORDS), value(dice, depth + 1)]),
  );
}

function noise(dice: Dice): { readonly url: string; readonly init: RequestInit; readonly hasKey: boolean } {
  const path =
    dice.below(2) === 0
      ? dice.pick(PATHS)
      : `/${Array.from({ length: dice.below(6) }, () => dice.pick(PARTS)).join("/")}`;
  const query = Array.from(
    { length: dice.below(4) },
    () => `${dice.pick(WORDS)}=${encodeURI(dice.pick(WORDS).toWellFormed())}`,
  );
  const method = dice.pick(METHODS);
  const authorization = dice.pick([
    token,
    `Bearer ${token}`,
    reading,
    "",
    "Bearer x",
    `${token}x`,
    "Basic YTpi",
  ]);
  const body = dice.pick([
    "",
    "{",
    "\u0000",
    JSON.stringify(value(dice, 0)),
    JSON.stringify(value(dice, 0)),
    "x".repeat(70_000),
  ]);
  return {
    url: `${HOST}${path}${query.length === 0 ? "" : `?${query.join("&")}`}`,
    init: {
      method,
      headers: { authorization, "x-lw-uaks": dice.pick(["", "x", "' OR 1=1"]) },
      ...(method === "GET" || method === "HEAD" ? {} : { body }),
    },
    hasKey: authorization.endsWith(token) || authorization === reading,
  };
}

/** What an answer to noise must never be. */
function wrongWith({ status, headers }: Response, text: string, isHead: boolean, hasKey: boolean): string[] {
  const isRefusal = status >= 400 && !isHead;
  return [
    ...(status >= 500 ? [`status ${status}`] : []),
    ...(isRefusal && Object.keys(JSON.parse(text) as object).join() !== "message" ? ["no message"] : []),
    ...(!hasKey && ![400, 401, 413].includes(status) ? [`status ${status} without a key`] : []),
    ...(!hasKey && text.includes("sealed-summary") ? ["an alert without a key"] : []),
    ...(text.includes(secret) || text.includes(token) ? ["a secret"] : []),
    ...(headers.get("set-cookie") === null ? [] : ["a cookie"]),
  ];
}

describe("noise", () => {
  it("is answered with JSON that has a message, never with 5xx, and without a key with nothing", async () => {
    const dice = createDice(20_261_121);
    const seen = new Map<number, number>();
    let answered = 0;
    for (let n = 0; n < REQUESTS; n++) {
      const { url, init, hasKey } = noise(dice);
      const response = await stage.app.request(url, init);
      const text = await response.text();
      seen.set(response.status, (seen.get(response.status) ?? 0) + 1);
      answered += hasKey && response.ok ? 1 : 0;
      const wrong = wrongWith(response, text, init.method === "HEAD", hasKey);
      const told = { method: init.method, url: url.slice(0, 300), text: text.slice(0, 300) };
      expect({ ...told, wrong }).toEqual({ ...told, wrong: [] });
    }
    // The noise gets somewhere: every kind of answer was there.
    const rare = [200, 400, 401, 403, 404, 413].filter((status) => (seen.get(status) ?? 0) < 20);
    expect(rare).toEqual([]);
    expect(answered).toBeGreaterThan(100);
    expect(stage.logged).toHaveLength(REQUESTS + 2);
    expect(
      stage.logged.some((line) => line.includes(secret) || line.includes(token) || line.includes("\u202e")),
    ).toBe(false);
  }, 120_000);

  it("is answered by the log with the key's id, the route as a template, and nothing that the caller wrote", async () => {
    const own = makeStage();
    const { key, secret: its } = await own.makeKey();
    const { body } = await own.mint(key.id, its);
    await own.scope(String(body["token"]), 77, "Details'--");
    await own.list("nonsense");
    const uses = own.logged.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(uses).toMatchObject([
      { api: "lacework", key: key.id, method: "POST", route: "/api/v2/access/tokens", status: 201 },
      { api: "lacework", key: key.id, method: "GET", route: "/api/v2/Alerts/{id}", status: 400 },
      { api: "lacework", key: null, method: "GET", status: 401 },
    ]);
    expect(own.logged.join("")).not.toMatch(/Details|77|nonsense/);
  });
});
