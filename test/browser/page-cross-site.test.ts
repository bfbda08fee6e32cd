import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { soon } from "../lambda/cases/stores.ts";
import { manyAlerts, type Stage, startStage } from "../lib/page/stage.ts";
import { startBrowser } from "./chromium.ts";

/** Another site in the browser of somebody who has the page open: it can neither read nor change anything. */

const [alert] = manyAlerts(1);
const ID = alert?.id ?? "";
let browser: Browser;
let stage: Stage;
let other: Server;
let evil: Page;
let base: string;
/** What the other server was sent in Cookie, as programs read it that run there. */
let handed = "";

beforeAll(async () => {
  browser = await startBrowser();
  stage = await startStage(manyAlerts(1));
  base = `http://127.0.0.1:${stage.page.port}`;
  other = createServer(({ headers }, response) => {
    handed ||= headers.cookie ?? "";
    response.writeHead(200, { "content-type": "text/html" }).end("<h1>Win a phone</h1>");
  });
  await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
  const context = await browser.newContext();
  context.setDefaultTimeout(10_000);
  const own = await context.newPage();
  await own.goto(stage.page.url);
  await own.getByRole("listbox", { name: "Alerts" }).getByRole("option").first().waitFor();
  evil = await context.newPage();
  // Another port of this machine: the same site to cookies, and so the strongest of other origins.
  await evil.goto(`http://127.0.0.1:${(other.address() as AddressInfo).port}/`);
});
afterAll(async () => {
  await browser.close();
  await stage.close();
  other.closeAllConnections();
  await new Promise((resolve) => other.close(resolve));
});

const statusNow = async () => (await stage.stores.cases.read(ID, soon()))?.row.status;
/** Runs a script in the other site; its value, or the words of what it threw. */
const there = (script: string): Promise<unknown> =>
  evil.evaluate(`(async () => { try { ${script} } catch (error) { return "threw " + error.message; } })()`);

describe("another site in the same browser", () => {
  it("cannot read: not by fetch, not without CORS, not as an event source, script, style or frame", async () => {
    for (const path of ["/", "/api/rows", "/api/stream", `/api/cases/${ID}`]) {
      for (const more of ["", 'headers: { "x-engine-page": "1" },'])
        expect(
          await there(`return (await fetch("${base}${path}", { credentials: "include", ${more} })).text();`),
        ).toMatch(/^threw /);
      expect(
        await there(
          `const reply = await fetch("${base}${path}", { credentials: "include", mode: "no-cors" }); return reply.type + await reply.text();`,
        ),
      ).toMatch(/^(?:opaque$|threw )/);
    }
    const outcome = (tag: string, key: string, value: string) =>
      there(
        `return new Promise((done) => { const one = document.createElement("${tag}"); one.onload = () => done("loaded"); one.onerror = () => done("refused"); one.${key} = "${value}"; if ("${tag}" === "link") one.rel = "stylesheet"; document.head.append(one); });`,
      );
    expect(await outcome("script", "src", `${base}/app.js`)).toBe("refused");
    expect(await outcome("link", "href", `${base}/app.css`)).toBe("refused");
    expect(
      await there(
        `return new Promise((done) => { const source = new EventSource("${base}/api/stream", { withCredentials: true }); source.onopen = () => done("open"); source.onerror = () => { source.close(); done("refused"); }; });`,
      ),
    ).toBe("refused");
    expect(
      await there(
        `return new Promise((done) => { const socket = new WebSocket("${base.replace("http", "ws")}/api/stream"); socket.onopen = () => done("open"); socket.onerror = () => done("refused"); });`,
      ),
    ).toBe("refused");
    const frame = await there(
      `return new Promise((done) => { const one = document.createElement("iframe"); one.onload = () => { try { done(one.contentDocument === null ? "nothing" : one.contentDocument.body.innerText); } catch { done("nothing"); } }; one.src = "${base}/"; document.body.append(one); });`,
    );
    expect(frame).toBe("nothing");
  });

  it("is handed the cookie, for browsers do not tell ports apart, and gets nothing for it", async () => {
    expect(handed).toContain(`engine-page-${stage.page.port}=`);
    const [, value = ""] = handed.split("=");
    for (const key of ["1", value])
      for (const path of ["/api/rows", `/api/cases/${ID}`, "/api/stream"]) {
        const headers = {
          cookie: handed,
          origin: base,
          "x-engine-page": key,
          "sec-fetch-site": "same-origin",
        };
        expect((await fetch(`${base}${path}`, { headers })).status).toBe(403);
      }
    expect((await fetch(`${base}/?token=${value}`, { headers: { cookie: handed } })).status).toBe(403);
    expect(await there("return JSON.stringify(localStorage);")).toBe("{}");
  });

  it("cannot change: not by fetch, beacon or form", async () => {
    const url = `${base}/api/cases/${ID}/changes`;
    const body = `JSON.stringify({ status: "acknowledged" })`;
    await there(
      `await fetch("${url}", { method: "POST", credentials: "include", mode: "no-cors", body: ${body} });`,
    );
    await there(
      `await fetch("${url}", { method: "POST", credentials: "include", headers: { "content-type": "application/json", "x-engine-page": "1" }, body: ${body} });`,
    );
    await there(`navigator.sendBeacon("${url}", new Blob([${body}], { type: "text/plain" }));`);
    const answered = evil.waitForResponse(
      (response) => response.url() === url && response.request().isNavigationRequest(),
    );
    await there(
      `const form = document.createElement("form"); form.method = "POST"; form.action = "${url}"; form.enctype = "text/plain"; const field = document.createElement("input"); field.name = '{"status":"acknowledged","x":"'; field.value = '"}'; form.append(field); document.body.append(form); form.submit();`,
    );
    expect((await answered).status()).toBe(403);
    expect(await statusNow()).toBe("open");
  });

  it("cannot get in by another name for this machine", async () => {
    const rebound = await startBrowser(["--host-resolver-rules=MAP evil.example 127.0.0.1"]);
    try {
      const page = await rebound.newPage();
      const token = new URL(stage.page.url).search;
      const reply = await page.goto(`http://evil.example:${stage.page.port}/${token}`);
      expect(reply?.status()).toBe(403);
      expect(await page.context().cookies()).toEqual([]);
    } finally {
      await rebound.close();
    }
  });
});
