import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import { describe, expect, it } from "vitest";
import { pageCommand } from "../../bin/commands/page.ts";
import { asTable, makeMemoryTable } from "../faults/memory-table.ts";
import { storesOver } from "../lambda/cases/stores.ts";
import { manyAlerts } from "../lib/page/stage.ts";
import { runVerb } from "./run-verb.ts";

const REGION = { AWS_REGION: "eu-west-1" };

/** The verb over a stack in memory. */
async function start(args: readonly string[] = []) {
  const stores = storesOver(asTable(makeMemoryTable()));
  const asked: string[] = [];
  const command = pageCommand(
    (region) => ({
      outputs: async (stack) => {
        asked.push(`${stack} in ${region}`);
        return { StateTable: "State" };
      },
      now: Date.now,
      openCases: (table) => {
        asked.push(table);
        return stores.cases;
      },
      whoAmI: async () => "Admin/alice@example.com",
    }),
    REGION,
  );
  const stopping = new AbortController();
  const io = {
    stdin: new PassThrough(),
    stdout: new PassThrough(),
    stderr: new PassThrough(),
    signal: stopping.signal,
  };
  const printed = text(io.stdout);
  const first = new Promise<string>((resolve) =>
    io.stdout.once("data", (chunk: Buffer) => resolve(chunk.toString().trim())),
  );
  const code = command.run(args, io);
  const stop = async () => {
    stopping.abort();
    const ended = await code;
    io.stdout.end();
    return { code: ended, stdout: await printed };
  };
  return { url: await first, stop, stores, asked };
}

describe("engine page", () => {
  it("serves the cases of a stack's table, changes them under the name of the credentials, and ends with Ctrl-C", async () => {
    const { url, stop, stores, asked } = await start(["--stack", "Mine"]);
    const [alert] = manyAlerts(1);
    if (alert !== undefined) await stores.tell(alert);
    const { origin } = new URL(url);
    const entered = await fetch(url, { redirect: "manual" });
    const cookie = entered.headers.get("set-cookie")?.split(";", 1)[0] ?? "";
    const headers = {
      cookie,
      "x-engine-page": new URL(url).searchParams.get("token") ?? "",
      origin,
      "content-type": "application/json",
    };
    const about = (await (await fetch(`${origin}/api/about`, { headers })).json()) as object;
    expect(about).toMatchObject({
      place: "Mine in eu-west-1",
      person: "Admin/alice@example.com",
      live: false,
      formats: ["alert", "ecs", "ocsf", "asff", "lacework"],
    });
    const body = JSON.stringify({ status: "acknowledged" });
    const path = `${origin}/api/cases/${alert?.id}/changes`;
    const changed = await fetch(path, { method: "POST", headers, body });
    expect(await changed.json()).toMatchObject({
      entry: { by: "Admin/alice@example.com", to: "acknowledged" },
    });
    const details = await fetch(`${origin}/api/cases/${alert?.id}/scopes/details`, { headers });
    expect(await details.json()).toMatchObject({ scope: "details" });
    expect(asked).toEqual(["Mine in eu-west-1", "State"]);
    expect(await stop()).toMatchObject({ code: 0, stdout: `${url}\n` });
    await expect(fetch(url)).rejects.toThrow("fetch failed");
  }, 30_000);

  it("refuses wrong use before it asks AWS anything", async () => {
    for (const [args, words] of [
      [["--port", "x"], "--port takes a port"],
      [["--region", "nowhere"], "is no Region"],
      [["surplus"], 'takes no "surplus"'],
      [["--rules", "/nowhere"], 'There is no folder "/nowhere"'],
    ] as const) {
      const { code, stderr } = await runVerb(["page", "--region", "eu-west-1", ...args]);
      expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(words) as string });
    }
  });
});
