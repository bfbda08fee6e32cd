import { request } from "node:http";
import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cookieValue } from "../../../lib/page/guard.ts";
import { manyAlerts, type Stage, startStage } from "./stage.ts";

/** Who may ask the page's server anything: requests as browsers, other programs and attackers send them. */

type Reply = {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
};
type Sent = { readonly method?: string; readonly headers?: Record<string, string>; readonly body?: string };

let stage: Stage;
let token: string;
const [alert] = manyAlerts(1);
beforeAll(async () => {
  stage = await startStage(manyAlerts(1));
  token = new URL(stage.page.url).searchParams.get("token") ?? "";
});
afterAll(() => stage.close());

/** Sends exactly these headers. */
function send(path: string, { method = "GET", headers = {}, body = "" }: Sent = {}): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const sent = request(
      { host: "127.0.0.1", port: stage.page.port, path, method, headers: { host: host(), ...headers } },
      (reply) => {
        let text = "";
        reply.on("data", (chunk: Buffer) => (text += chunk.toString()));
        reply.on("end", () => resolve({ status: reply.statusCode ?? 0, headers: reply.headers, body: text }));
      },
    );
    sent.on("error", reject);
    sent.end(body);
  });
}
const host = () => `127.0.0.1:${stage.page.port}`;
const cookie = () => `engine-page-${stage.page.port}=${cookieValue({ token })}`;
/** What the page itself sends. */
const own = (more: Record<string, string> = {}) => ({
  cookie: cookie(),
  "x-engine-page": token,
  "sec-fetch-site": "same-origin",
  ...more,
});
const changing = (more: Record<string, string> = {}) =>
  own({ origin: `http://${host()}`, "content-type": "application/json", ...more });
const change = (headers: Record<string, string>, body = '{"status":"acknowledged"}') =>
  send(`/api/cases/${alert?.id}/changes`, { method: "POST", headers, body });

describe("the page's door", () => {
  it("gives the document and a cookie that scripts and other sites cannot use for the key", async () => {
    const { status, headers, body } = await send(`/?token=${token}`);
    expect({ status, body }).toEqual({ status: 200, body: expect.stringContaining("/app.js") as string });
    expect(body + JSON.stringify(headers)).not.toContain(token);
    expect(headers["set-cookie"]).toEqual([`${cookie()}; Path=/; HttpOnly; SameSite=Strict`]);
    expect((await send("/", { headers: { cookie: cookie() } })).status).toBe(200);
  });

  it("opens nothing for the cookie alone, which browsers send to every port of this machine", async () => {
    const value = cookieValue({ token });
    expect((await send("/app.js", { headers: { cookie: cookie() } })).status).toBe(200);
    for (const key of ["", "1", value, token.slice(1), `${token}x`]) {
      const wrong = { "x-engine-page": key };
      for (const path of ["/api/rows", "/api/about", "/api/stream", `/api/cases/${alert?.id}`])
        expect((await send(path, { headers: own(wrong) })).status).toBe(403);
      expect((await change(changing(wrong))).status).toBe(403);
    }
    expect((await send("/api/rows", { headers: { cookie: cookie() } })).status).toBe(403);
    expect((await send(`/?token=${value}`, { headers: { cookie: cookie() } })).status).toBe(403);
  });

  it("lets nobody in without the key: not the document, the program, the calls nor the stream", async () => {
    for (const path of [
      "/",
      "/app.js",
      "/app.css",
      "/icon.svg",
      "/api/about",
      "/api/rows",
      "/api/stream",
      "/nothing",
    ]) {
      for (const headers of [
        {},
        { cookie: `engine-page-${stage.page.port}=${"x".repeat(43)}`, "x-engine-page": token },
      ])
        expect((await send(path, { headers })).status).toBe(403);
    }
    for (const wrong of ["", "x", token.slice(1), `${token}x`])
      expect((await send(`/?token=${wrong}`)).status).toBe(403);
  });

  it.each([
    ["another name for this machine, as DNS rebinding uses", { host: "evil.example" }],
    ["the right name at another port", { host: "127.0.0.1:1" }],
    ["a request that another site's page made", { "sec-fetch-site": "cross-site" }],
    [
      "a request from another port of this machine, which is the same site",
      { "sec-fetch-site": "same-site" },
    ],
    ["another origin", { origin: "http://127.0.0.1:8080" }],
    ["an origin of nothing", { origin: "null" }],
    ["no key in the page's own header", { "x-engine-page": "" }],
  ])("refuses %s, with the cookie and all", async (_, wrong) => {
    expect((await send("/api/rows", { headers: own() })).status).toBe(200);
    expect((await send("/api/rows", { headers: own(wrong) })).status).toBe(403);
    expect((await send("/api/stream", { headers: own(wrong) })).status).toBe(403);
    expect((await change(changing(wrong))).status).toBe(403);
    expect((await stage.stores.cases.read(alert?.id ?? "", Date.now() + 9999))?.row.status).toBe("open");
  });

  it("takes no change without an origin, and none as a form sends it", async () => {
    const without = own({ "content-type": "application/json" });
    expect((await change(without)).status).toBe(403);
    const form = changing({ "content-type": "application/x-www-form-urlencoded" });
    expect((await change(form, "status=acknowledged")).status).toBe(400);
    expect((await change(changing({ "content-type": "text/plain" }))).status).toBe(400);
  });

  it("answers no preflight, and allows no origin", async () => {
    const headers = { origin: "http://evil.example", "access-control-request-method": "POST" };
    const { status, headers: got } = await send("/api/rows", { method: "OPTIONS", headers });
    expect(status).toBe(403);
    expect(Object.keys(got).filter((name) => name.startsWith("access-control"))).toEqual([]);
  });

  it("upgrades nothing to a WebSocket", async () => {
    const status = await new Promise<string>((resolve, reject) => {
      const socket = connect(stage.page.port, "127.0.0.1", () =>
        socket.write(
          `GET /api/stream HTTP/1.1\r\nHost: ${host()}\r\nOrigin: http://evil.example\r\nCookie: ${cookie()}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: eA==\r\nSec-WebSocket-Version: 13\r\n\r\n`,
        ),
      );
      socket.once("data", (data: Buffer) => {
        socket.destroy();
        resolve(data.toString().split("\r\n", 1)[0] ?? "");
      });
      socket.once("error", reject);
    });
    expect(status).toBe("HTTP/1.1 403 Forbidden");
  });

  it("sends the policy with every reply, refusals too", async () => {
    for (const headers of [own(), {}]) {
      const { headers: got } = await send("/api/about", { headers });
      expect(got["content-security-policy"]).toContain(
        "default-src 'none'; script-src 'self'; style-src 'self'",
      );
      expect(got["content-security-policy"]).not.toContain("unsafe");
      expect(got).toMatchObject({
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
        "cache-control": "no-store",
      });
    }
  });
});

const post = (path: string, body: unknown) =>
  send(path, {
    method: "POST",
    headers: changing(),
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
const get = async (path: string) => (await send(path, { headers: own() })).status;

describe("the page's calls", () => {
  it("change a case under the person's name, and say what is wrong with a bad change", async () => {
    const path = `/api/cases/${alert?.id}/changes`;
    for (const [body, words] of [
      [{}, "Give a status or a comment."],
      [{ status: "closed" }, "Closing needs a reason."],
      [{ status: "gone" }, "status"],
      [{ comment: "x", by: "somebody else" }, "by"],
      ["{", "The body is not valid JSON."],
    ] as const) {
      const { status, body: said } = await post(path, body);
      expect({ status, said }).toEqual({ status: 400, said: expect.stringContaining(words) as string });
    }
    expect((await post(path, { status: "acknowledged" })).status).toBe(200);
    const found = await stage.stores.cases.read(alert?.id ?? "", Date.now() + 9999);
    expect(found?.history).toMatchObject([{ by: "tester", to: "acknowledged" }]);
    expect(found?.history).toHaveLength(1);
    expect((await post(path, { status: "closed", reason: "expected" })).status).toBe(200);
    const { status, body } = await post(path, { status: "acknowledged" });
    expect({ status, body }).toEqual({
      status: 409,
      body: expect.stringContaining("reopen it first") as string,
    });
  });

  it("know unknown ids, scopes, formats and cursors, and say so", async () => {
    const none = "0".repeat(32);
    expect(await get(`/api/cases/${none}`)).toBe(404);
    expect(await get("/api/cases/constructor")).toBe(404);
    expect(await get(`/api/cases/${none}/scopes/details`)).toBe(404);
    expect(await get(`/api/cases/${alert?.id}/scopes/__proto__`)).toBe(404);
    expect(await get(`/api/cases/${alert?.id}/formats/constructor`)).toBe(404);
    expect(await get("/api/rows?cursor=%00%ff")).toBe(400);
    expect((await post(`/api/cases/${none}/changes`, { status: "acknowledged" })).status).toBe(404);
    expect(await get("/api/nothing")).toBe(404);
  });

  it("take no more than they can use", async () => {
    expect((await post(`/api/cases/${alert?.id}/changes`, { comment: "x".repeat(70_000) })).status).toBe(413);
    const { status, body } = await post("/api/why", { text: "x".repeat(262_145) });
    expect(status).toBe(413);
    expect(body).toContain("256 KB");
  });

  it("leave no stream behind that nobody reads", async () => {
    for (let n = 0; n < 40; n++)
      expect((await send("/api/stream", { method: "HEAD", headers: own() })).status).toBe(200);
  });

  it("stream what is new to those who listen", async () => {
    const chunks: string[] = [];
    const sent = request({
      host: "127.0.0.1",
      port: stage.page.port,
      path: "/api/stream",
      headers: { host: host(), ...own() },
    });
    sent.on("error", () => undefined);
    sent.on("response", (reply) => reply.on("data", (chunk: Buffer) => chunks.push(chunk.toString())));
    sent.end();
    await expect.poll(() => chunks.join("")).toContain("event: hello");
    const next = manyAlerts(9).at(-1);
    if (next !== undefined) await stage.tell(next);
    await expect.poll(() => chunks.join("")).toContain(next?.id);
    sent.destroy();
  });
});
