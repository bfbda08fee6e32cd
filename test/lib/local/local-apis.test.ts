import { request } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openTable } from "../../../lambda/state/table.ts";
import { LOCAL_CREDENTIALS } from "../../../lib/local/queues.ts";
import { type LocalApis, serveLocalApis } from "../../../lib/local/local-apis.ts";
import { newAlert, storesOver } from "../../lambda/cases/stores.ts";
import { type LocalDynamo, startDynamo } from "../../lambda/state/dynalite.ts";

/** Over HTTP, as a program on this machine asks. */

let dynamo: LocalDynamo;
let apis: LocalApis;
let run: Parameters<typeof serveLocalApis>[0];
beforeAll(async () => {
  dynamo = await startDynamo("State");
  run = {
    services: { queues: "", tables: dynamo.endpoint },
    outputs: { StateTable: "State" },
    region: "us-east-1",
  };
  const table = openTable({
    name: "State",
    endpoint: dynamo.endpoint,
    region: "us-east-1",
    credentials: LOCAL_CREDENTIALS,
  });
  const { tell, cases } = storesOver(table);
  const { id } = await tell(newAlert(new Date().toISOString()));
  await cases.publish(id, Date.now() + 20_000);
  apis = await serveLocalApis(run, { port: 0 });
});
afterAll(async () => {
  await apis.close();
  await dynamo.stop();
});

/** A request with exactly these headers, which fetch would not send. */
async function raw(
  path: string,
  headers: Record<string, string>,
  chunks: readonly string[] = [],
  method = "GET",
) {
  return new Promise<{ status: number; body: string }>((resolve, reject) => {
    const sent = request({ host: "127.0.0.1", port: apis.port, path, method, headers }, (answer) => {
      let body = "";
      answer.on("data", (chunk) => (body += String(chunk)));
      answer.on("end", () => resolve({ status: answer.statusCode ?? 0, body }));
    });
    sent.on("error", reject);
    for (const chunk of chunks) sent.write(chunk);
    sent.end();
  });
}

describe("the APIs of a local run", () => {
  it("answer with the run's key: list, case, change", async () => {
    const headers = { "x-api-key": apis.credentials, "content-type": "application/json" };
    const listed = await fetch(`${apis.url}/alerts`, { headers });
    expect(listed.status).toBe(200);
    const { alerts } = (await listed.json()) as { alerts: { id: string }[] };
    expect(alerts).toHaveLength(1);
    const path = `${apis.url}/alerts/${alerts[0]?.id}`;
    const change = JSON.stringify({ status: "closed", reason: "expected" });
    expect((await fetch(path, { method: "PATCH", headers, body: change })).status).toBe(200);
    const bearer = { authorization: `Bearer ${apis.credentials}` };
    expect(await (await fetch(path, { headers: bearer })).json()).toMatchObject({
      row: { status: "closed" },
    });
  });

  it("speak to Lacework's clients below /api/", async () => {
    const [keyId, secret = ""] = apis.credentials.split(":");
    const minted = await fetch(`${apis.url}/api/v2/access/tokens`, {
      method: "POST",
      headers: { "x-lw-uaks": secret, "content-type": "application/json" },
      body: JSON.stringify({ keyId, expiryTime: 3600 }),
    });
    const { token } = (await minted.json()) as { token: string };
    const alerts = await fetch(`${apis.url}/api/v2/Alerts`, { headers: { authorization: token } });
    expect(await alerts.json()).toMatchObject({ paging: { rows: 1 }, data: [{ alertId: 1 }] });
  });

  it("are closed without a key, to web pages, and under another name", async () => {
    expect((await fetch(`${apis.url}/alerts`)).status).toBe(401);
    const key = { "x-api-key": apis.credentials };
    const page = await fetch(`${apis.url}/alerts`, { headers: { ...key, origin: "https://evil.example" } });
    expect(page.status).toBe(403);
    expect((await raw("/alerts", { ...key, host: "evil.example" })).status).toBe(403);
    expect((await raw("/alerts", { ...key, host: `localhost:${apis.port}` })).status).toBe(200);
  });

  it("refuse a body that never says how long it is, once it is longer than 64 KB", async () => {
    const headers = {
      "x-api-key": apis.credentials,
      "content-type": "application/json",
      "transfer-encoding": "chunked",
    };
    const { status, body } = await raw(
      `/alerts/${"0".repeat(32)}`,
      headers,
      Array(10).fill(" ".repeat(9_000)),
      "PATCH",
    );
    expect({ status, says: body.includes("65536 bytes") }).toEqual({ status: 413, says: true });
  });

  it("answer noise of the wire with a refusal and live on", async () => {
    const key = { "x-api-key": apis.credentials };
    for (const path of ["//", "/%", "/alerts/%zz", "/alerts?%", "/alerts?a=%ff", "/alerts//details", "*"])
      expect({ path, isRefused: (await raw(path, key)).status >= 400 }).toEqual({ path, isRefused: true });
    expect((await raw("/alerts", key)).status).toBe(200);
  });

  it("say which port is taken", async () => {
    await expect(serveLocalApis(run, { port: apis.port })).rejects.toThrow(
      `port ${apis.port} of 127.0.0.1 is in use`,
    );
  });
});
