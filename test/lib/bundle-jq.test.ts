import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ConfigFile } from "../../lambda/config.ts";
import { bundleDetector, bundleEntry, bundleJq } from "../../lib/bundle.ts";
import { ONE_RULE } from "./synthesise.ts";

const CONFIG: ConfigFile = {
  destinations: [{ id: "topic", type: "sns" }],
  routing: { match: "first", routes: [], otherwise: ["topic"] },
  keepDays: 90,
};
const [RULE] = ONE_RULE;
if (RULE === undefined) throw new Error("there is no sample rule");
const setOf = (jq?: string) => ({
  rules: [jq === undefined ? RULE : { ...RULE, jq }],
  conditions: {},
  lists: {},
  suppressions: [],
});

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "engine-bundle-jq-"));
});
afterAll(() => rmSync(directory, { recursive: true }));

describe("jq in the bundle", () => {
  it("is not there without rules that need it", () => {
    const { directory: made } = bundleDetector(setOf(), CONFIG, join(directory, "without"));
    expect(existsSync(join(made, "jq-worker.mjs"))).toBe(false);
    expect(existsSync(join(made, "build"))).toBe(false);
  });

  it("is there for a rule with an expression, and where rules are published later; a cold start evaluates none of it", () => {
    const plain = bundleDetector(setOf(), CONFIG, join(directory, "plain"));
    const withJq = bundleDetector(setOf(".x"), CONFIG, join(directory, "with"));
    const live = bundleDetector(setOf(), CONFIG, join(directory, "live"), [], true);
    for (const { directory: made } of [withJq, live]) {
      expect(statSync(join(made, "jq-worker.mjs")).size).toBeLessThan(200_000);
      expect(statSync(join(made, "build", "jq.wasm")).size).toBeGreaterThan(500_000);
    }
    expect(withJq.startBytes).toBe(plain.startBytes);
  });

  it("judges records from the bundle, outside of the sources", () => {
    const made = join(directory, "run");
    bundleEntry("lambda/jq/evaluate.ts", made);
    bundleJq(made);
    const file = join(made, "ask.mjs");
    writeFileSync(
      file,
      `import { makeJqPort } from ${JSON.stringify(pathToFileURL(join(made, "index.mjs")).href)};
const port = makeJqPort({ limit: 10_000 });
console.log(JSON.stringify(await port.ask({ eventName: "A" }, [{ id: "r", jq: '"made " + .eventName' }])));`,
    );
    const { stdout, stderr, status } = spawnSync(process.execPath, [file], {
      cwd: made,
      encoding: "utf8",
      timeout: 60_000,
      env: {},
    });
    expect(stderr).toBe("");
    expect(JSON.parse(stdout)).toEqual([{ ruleId: "r", matches: true, annotations: ["made A"] }]);
    // It ends by itself: an idle thread keeps no process alive.
    expect(status).toBe(0);
  });
});
