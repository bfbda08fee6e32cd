import { beforeAll, describe, expect, it } from "vitest";
import { serveFunctionUrl } from "../../../lambda/api/function-url.ts";
import { serveLacework } from "../../../lambda/lacework/function-url.ts";
import { createDice, type Dice } from "../../bench/random.ts";
import * as lacework from "../lacework/stage.ts";
import { idOf, makeStage, type Stage } from "./stage.ts";

/** 10,000 events as a function URL never sends them, to both APIs: fields missing, doubled, of other types, packed, huge. */
const EVENTS = 10_000;
const ODD = [
  undefined,
  null,
  0,
  -1,
  true,
  "",
  [],
  {},
  ["x"],
  { length: 3 },
  "\ud800",
  "\u0000",
  "x".repeat(70_000),
];
const SEALED = "sealed-summary";

let ours: Stage;
let theirs: lacework.Stage;
let credentials = "";
let token = "";
beforeAll(async () => {
  ours = makeStage();
  credentials = await ours.key({ access: "write", requestsPerHour: 1_000_000 });
  theirs = lacework.makeStage();
  await theirs.publish("2026-11-20T11:00:00.000Z", { summary: SEALED });
  token = await theirs.token({ requestsPerHour: 1_000_000 });
});

function noise(dice: Dice): { readonly event: unknown; readonly hasKey: boolean } {
  const odd = (usual: unknown): unknown => (dice.below(8) === 0 ? ODD[dice.below(ODD.length)] : usual);
  const key = dice.pick([
    credentials,
    `${credentials}, ${credentials}`,
    `${credentials}\r\nx: y`,
    [credentials],
    "",
    "CTE_x:y",
  ]);
  const authorization = dice.pick([
    token,
    `Bearer ${token}`,
    `${token},${token}`,
    [token],
    `Bearer  ${token} x`,
    "",
  ]);
  const body = dice.pick([
    "{}",
    '{"comment":"x"}',
    "{",
    '{"status":"closed"}',
    "x".repeat(70_000),
    '{"filters":[]}',
    "\ud800",
  ]);
  const isPacked = dice.below(2) === 0;
  const headers = {
    host: "evil.example",
    "x-forwarded-host": "evil.example",
    "content-type": dice.pick(["application/json", "application/json, text/plain", "", "\u{1f6a8}"]),
    "content-length": dice.pick(["0", "-1", "99999999", "NaN", "2, 2"]),
    "transfer-encoding": dice.pick(["chunked", "identity", "chunked, chunked"]),
    ...(dice.below(3) === 0 ? {} : { "x-api-key": key, "X-API-Key": odd(key) }),
    ...(dice.below(3) === 0 ? {} : { authorization }),
    [dice.pick(["x\ny", "", "__proto__", "x-http-method-override", "cookie"])]: "PATCH",
  };
  const event = odd({
    version: odd("2.0"),
    rawPath: odd(
      dice.pick([
        "/alerts",
        `/alerts/${idOf(ours, 0)}`,
        "/api/v2/Alerts",
        "/api/v2/Alerts/1",
        "/api/v2/Alerts/search",
        "/api/v2/access/tokens",
        "/api/v2/Alerts/1/close",
        "//evil.example/alerts",
        "@evil.example",
        "/%",
      ]),
    ),
    rawQueryString: odd(
      dice.pick(["", "limit=1", "limit=1&limit=2", "a[]=1&a[]=2", "%", "scope=Events&scope=x", "&&=&"]),
    ),
    cookies: odd(["a=b"]),
    multiValueHeaders: { "x-api-key": [credentials] },
    queryStringParameters: odd({ limit: ["1", "2"] }),
    headers: odd(headers),
    requestContext: odd({
      domainName: odd("ours.example"),
      http: odd({
        method: odd(dice.pick(["GET", "POST", "PATCH", "HEAD", "TRACE", "get", "CONNECT", "G ET"])),
      }),
    }),
    body: odd(isPacked ? Buffer.from(body).toString("base64") : body),
    isBase64Encoded: odd(dice.pick([isPacked, !isPacked, "true"])),
  });
  const text = JSON.stringify(headers);
  return { event, hasKey: text.includes(credentials) || text.includes(token) };
}

describe("10,000 events of noise", () => {
  it("are all answered, none with a 5xx, and tell nothing to who has no key", async () => {
    const dice = createDice(20_261_122);
    const handlers = [serveFunctionUrl((request) => ours.app.fetch(request)), serveLacework(theirs.app)];
    const failed: object[] = [];
    const statuses = new Set<number>();
    for (let n = 0; n < EVENTS; n++) {
      const { event, hasKey } = noise(dice);
      for (const [which, handler] of handlers.entries()) {
        const { statusCode, headers, body } = await handler(event);
        statuses.add(statusCode);
        const isJson =
          body === "" ||
          (headers["content-type"]?.endsWith("json") === true && typeof JSON.parse(body) === "object");
        const isTold = !hasKey && ![400, 401, 413].includes(statusCode);
        const leaks =
          /evil\.example\/api/.test(body) || body.includes(credentials) || (!hasKey && body.includes(SEALED));
        if (statusCode >= 500 || !isJson || isTold || leaks)
          failed.push({ n, which, statusCode, body: body.slice(0, 200) });
      }
    }
    expect(failed.slice(0, 5)).toEqual([]);
    expect([...statuses]).toEqual(expect.arrayContaining([200, 400, 401, 404, 405, 413, 415]));
    for (const line of [...ours.logged, ...theirs.logged])
      if (line.includes(credentials) || line.includes(token) || line.includes('"error"'))
        failed.push({ line });
    expect(failed).toEqual([]);
  }, 60_000);
});
