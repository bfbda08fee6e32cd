import { describe, expect, it } from "vitest";
import { serveLacework } from "../../../lambda/lacework/function-url.ts";
import { HOST, makeStage } from "./stage.ts";

const domainName = HOST.slice("https://".length);

function eventOf(method: string, rawPath: string, more: Readonly<Record<string, unknown>> = {}) {
  return {
    version: "2.0",
    rawPath,
    rawQueryString: "",
    requestContext: { domainName, http: { method } },
    ...more,
  };
}

describe("behind a function URL", () => {
  it("a token is minted and pages point to the function's own domain, whatever Host says", async () => {
    const stage = makeStage({ pageRows: 1 });
    await stage.publish("2026-11-20T11:00:00Z");
    await stage.publish("2026-11-20T11:01:00Z");
    const serve = serveLacework(stage.app);
    const { key, secret } = await stage.makeKey();
    const body = Buffer.from(JSON.stringify({ keyId: key.id })).toString("base64");
    const minted = await serve(
      eventOf("POST", "/api/v2/access/tokens", {
        headers: { "x-lw-uaks": secret },
        body,
        isBase64Encoded: true,
      }),
    );
    expect(minted.statusCode).toBe(201);
    const { token } = JSON.parse(minted.body) as { token: string };
    const headers = { authorization: token, host: "evil.example", "x-forwarded-host": "evil.example" };
    const listed = await serve(eventOf("GET", "/api/v2/Alerts", { headers, body: "a GET with a body" }));
    expect(JSON.parse(listed.body)).toMatchObject({
      paging: {
        rows: 1,
        totalRows: 2,
        urls: { nextPage: expect.stringMatching(new RegExp(`^${HOST}/api/v2/Alerts/nextPage`)) },
      },
    });
    const { nextPage } = (JSON.parse(listed.body) as { paging: { urls: { nextPage: string } } }).paging.urls;
    const next = await serve(
      eventOf("GET", "/api/v2/Alerts/nextPage", {
        headers,
        rawQueryString: new URL(nextPage).search.slice(1),
      }),
    );
    expect(JSON.parse(next.body)).toMatchObject({ data: [{ alertId: 1 }] });
  });

  it.each([
    ["no event", undefined],
    ["an event of nothing", {}],
    ["a header that is none", eventOf("GET", "/", { headers: { authorization: "🚨" } })],
    ["a method that is none", eventOf("GE T", "/api/v2/Alerts")],
    ["a method that nobody may send", eventOf("TRACE", "/api/v2/Alerts")],
    [
      "a host that is none",
      { ...eventOf("GET", "/"), requestContext: { domainName: "a b", http: { method: "GET" } } },
    ],
  ])("%s is answered with a message", async (_, event) => {
    const answer = await serveLacework(makeStage().app)(event);
    expect([400, 401]).toContain(answer.statusCode);
    expect(answer.headers["content-type"]).toBe("application/json");
    expect(Object.keys(JSON.parse(answer.body) as object)).toEqual(["message"]);
  });
});
