import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, describe, expect, it } from "vitest";
import { readApiConfig } from "../../../lambda/api/api-config.ts";
import { serveFunctionUrl } from "../../../lambda/api/function-url.ts";
import { makeStage } from "./stage.ts";

/** An event of format 2.0 as function URLs send it. */
function event(changes: Readonly<Record<string, unknown>> = {}, method = "GET") {
  return {
    version: "2.0",
    rawPath: "/alerts",
    rawQueryString: "",
    headers: { host: "abc.lambda-url.eu-west-1.on.aws" },
    requestContext: {
      accountId: "anonymous",
      domainName: "abc.lambda-url.eu-west-1.on.aws",
      http: { method, path: "/alerts", protocol: "HTTP/1.1", sourceIp: "192.0.2.10" },
    },
    isBase64Encoded: false,
    ...changes,
  };
}

/** What the app is asked, as one text. */
async function seen(given: unknown): Promise<string> {
  const handler = serveFunctionUrl(async (request) => {
    const body = await request.text();
    return new Response(`${request.method} ${request.url} ${body} ${request.headers.get("x-api-key") ?? ""}`);
  });
  return (await handler(given)).body;
}

describe("a function URL", () => {
  it("hands on method, address, headers and body, whether or not the body is in Base64", async () => {
    const all = {
      rawQueryString: "limit=1&rule=a%2Fb",
      headers: { "x-api-key": "k:s", "content-length": "9" },
    };
    expect(await seen(event({ ...all, body: "{}" }, "PATCH"))).toBe(
      "PATCH https://abc.lambda-url.eu-west-1.on.aws/alerts?limit=1&rule=a%2Fb {} k:s",
    );
    const encoded = { body: Buffer.from("\u{1f6a8}").toString("base64"), isBase64Encoded: true };
    expect(await seen(event(encoded, "PATCH"))).toContain("\u{1f6a8}");
    expect(await seen(event({ rawPath: "/alerts/a?b#c" }))).toContain("/alerts/a%3Fb%23c ");
    expect(await seen(event({ body: "ignored" }))).not.toContain("ignored");
  });

  it("gives the app's answer with its headers", async () => {
    const stage = makeStage();
    const handler = serveFunctionUrl((request) => stage.app.fetch(request));
    const refused = await handler(event());
    expect(refused).toMatchObject({ statusCode: 401, isBase64Encoded: false });
    expect(refused.headers).toMatchObject({
      "content-type": "application/problem+json",
      "x-content-type-options": "nosniff",
      "www-authenticate": expect.stringMatching(/^Bearer/) as string,
    });
    const answered = await handler(event({ headers: { "x-api-key": await stage.key() } }));
    expect(answered.statusCode).toBe(200);
    expect(JSON.parse(answered.body)).toMatchObject({ next: "page-2" });
  });

  it.each([
    event({ headers: { "x-api-key": "a\nb" } }),
    event({ headers: { "a b": "c" } }),
    event({ requestContext: { domainName: "a b", http: { method: "GET" } } }),
    event({}, "TRACE"),
    event({}, "A B"),
  ])("answers 400 to what no request can be made of: %j", async (given) => {
    const handler = serveFunctionUrl(() => new Response("reached"));
    const { statusCode, body } = await handler(given);
    expect(statusCode).toBe(400);
    expect(JSON.parse(body)).toMatchObject({
      status: 400,
      detail: expect.stringContaining("plain ASCII") as string,
    });
  });

  it.each([undefined, null, 7, [], {}, { headers: [1], rawPath: 3, body: {}, requestContext: "x" }])(
    "makes the best of the event %j",
    async (given) => {
      expect(await seen(given)).toBe("GET https://localhost/  ");
    },
  );

  it("says so when an answer is larger than Lambda takes", async () => {
    const handler = serveFunctionUrl(() => new Response("x".repeat(6_000_000)));
    const { statusCode, body } = await handler(event());
    expect(statusCode).toBe(500);
    expect(body.length).toBeLessThan(300);
  });
});

describe("the configuration of an API's function", () => {
  const folders: string[] = [];
  afterEach(() => {
    for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
  });
  const fileWith = (content: unknown): URL => {
    const folder = mkdtempSync(join(tmpdir(), "engine-api-"));
    folders.push(folder);
    const path = join(folder, "config.json");
    writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
    return pathToFileURL(path);
  };
  const GOOD = { keepDays: 90, destinationTypes: { slack: "slack", odd: 7 } };
  const TABLE = { ENGINE_TABLE: "State" };

  it("is read from the file and the environment", () => {
    expect(readApiConfig(fileWith(GOOD), TABLE)).toEqual({
      table: "State",
      keepDays: 90,
      destinationTypes: { slack: "slack" },
    });
  });

  it.each([
    [GOOD, {}, "ENGINE_TABLE"],
    [{ ...GOOD, keepDays: 1 }, TABLE, "keepDays"],
    [{ keepDays: 90 }, TABLE, "destinationTypes"],
    ["{", TABLE, "cannot be read as JSON"],
  ])("is refused when it is %j with %j", (content, environment, advice) => {
    expect(() => readApiConfig(fileWith(content), environment)).toThrow(advice);
    expect(() => readApiConfig(fileWith(content), environment)).toThrow("deploy the stack again");
  });
});
