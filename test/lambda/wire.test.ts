import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { RuleSetError, wire } from "../../lambda/wire.ts";
import { sampleAlert, sampleMatch, sampleRecord, sampleRule } from "./alerts/sample.ts";

const topic = { id: "topic", type: "sns", topicArn: "arn:aws:sns:eu-west-1:123456789012:alerts" };
const config = {
  destinations: [topic],
  routing: { match: "first", routes: [], otherwise: ["topic"] },
  keepDays: 90,
  table: "State",
  redeliveryUrl: "http://127.0.0.1:1/redelivery",
  deadDeliveriesUrl: "http://127.0.0.1:1/dead",
  timers: { roleArn: "arn:aws:iam::123456789012:role/timers", group: "engine", deadLetterArn: "arn:aws:sqs" },
  canaryRoleArn: "arn:aws:iam::123456789012:role/canary",
} as const;

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "engine-wire-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

function wireWith(rules: string | undefined) {
  const file = join(folder, "rules.json");
  if (rules !== undefined) writeFileSync(file, rules);
  return wire(config, pathToFileURL(file), { write: () => undefined, functionArn: () => "arn" });
}

describe("wire", () => {
  it("compiles the rules and makes the destinations", async () => {
    const { engine, destinations, routing } = wireWith(
      JSON.stringify({ rules: [sampleRule()], conditions: {}, lists: {}, suppressions: [] }),
    );
    expect([...destinations]).toMatchObject([["topic", { id: "topic", type: "sns" }]]);
    expect(routing).toEqual(config.routing);
    expect((await engine.evaluate(sampleRecord(), 0)).matches).toEqual([sampleMatch()]);
  });

  it("has values of dynamic lists exactly where the rule set has such lists", () => {
    const list = { description: "x", kind: "exact", values: [] };
    const rules = (lists: unknown) => JSON.stringify({ rules: [], conditions: {}, lists, suppressions: [] });
    expect(wireWith(rules({ fixed: list })).lists).toBeUndefined();
    expect(wireWith(rules({ fixed: list, l: { ...list, dynamic: {} } })).lists?.asOf).toBeTypeOf("function");
  });

  it("tells its destinations where cases are, when that is configured", async () => {
    const file = join(folder, "rules.json");
    writeFileSync(file, JSON.stringify({ rules: [], conditions: {}, lists: {}, suppressions: [] }));
    const bodies: string[] = [];
    const server = createServer((request, response) => {
      request.setEncoding("utf8");
      request.on("data", (piece: string) => bodies.push(piece));
      request.on("end", () => response.end("{}"));
    });
    await once(server.listen(0, "127.0.0.1"), "listening");
    try {
      const { port } = server.address() as AddressInfo;
      const hook = { id: "hook", type: "webhook", secret: "x", endpoint: `http://127.0.0.1:${port}/` };
      const linked = {
        ...config,
        destinations: [hook],
        caseUrl: "https://security.example.com/alerts/{id}",
      };
      const { destinations } = wire(linked, pathToFileURL(file), {
        write: () => undefined,
        functionArn: () => "arn",
      });
      const alert = sampleAlert();
      await destinations.get("hook")?.deliver({ alert, kind: "first" }, Date.now() + 10_000);
      expect(bodies.join("")).toContain(`https://security.example.com/alerts/${alert.id}`);
    } finally {
      server.close();
    }
  });

  it("names every claim anew, sleeps as long as asked and knows its canary", async () => {
    const { newOwner, clock, isCanary } = wireWith(
      JSON.stringify({ rules: [], conditions: {}, lists: {}, suppressions: [] }),
    );
    expect(newOwner()).not.toBe(newOwner());
    const before = clock.now();
    await clock.sleep(20);
    expect(clock.now() - before).toBeGreaterThanOrEqual(18);
    const calledOff = new AbortController();
    const long = clock.sleep(60_000, calledOff.signal);
    calledOff.abort();
    await expect(long).rejects.toThrow(/abort/i);
    expect(isCanary(sampleRecord(), 0)).toBe(false);
  });

  it.each([
    [undefined, "cannot be read as JSON"],
    ["{cut", "cannot be read as JSON"],
    ["null", "is no rule set"],
    ['{"rules":{},"conditions":{}}', "is no rule set"],
    ['{"rules":[]}', "is no rule set"],
    ['{"rules":[],"conditions":null}', "is no rule set"],
    ['{"rules":[],"conditions":{}}', "is no rule set"],
    ['{"rules":[],"conditions":{},"lists":{}}', "is no rule set"],
    ['{"rules":[],"conditions":{},"lists":[],"suppressions":[]}', "is no rule set"],
  ])("refuses the rule set %j with the cure", (text, problem) => {
    expect(() => wireWith(text)).toThrow(RuleSetError);
    expect(() => wireWith(text)).toThrow(problem);
    expect(() => wireWith(text)).toThrow("deploy the stack again");
  });
});
