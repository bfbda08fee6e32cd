import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { FunctionUrlAnswer } from "../../lambda/api/function-url.ts";
import { bundleApi } from "../../lib/api-function.ts";
import { readConfig } from "../../lib/config.ts";

describe("the bundle of our API", () => {
  let directory: string;
  let handler: (event: unknown) => Promise<FunctionUrlAnswer>;
  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), "engine-api-bundle-"));
    const { config } = readConfig({ destinations: { hook: { type: "webhook", secret: "prod/hook" } } });
    bundleApi("lambda/api/handler.ts", config, directory);
    process.env["ENGINE_TABLE"] = "State";
    ({ handler } = (await import(pathToFileURL(join(directory, "index.mjs")).href)) as {
      handler: typeof handler;
    });
  });
  afterAll(() => rmSync(directory, { recursive: true }));

  it("has its configuration beside it", () => {
    expect(JSON.parse(readFileSync(join(directory, "config.json"), "utf8"))).toEqual({
      keepDays: 90,
      destinationTypes: { topic: "sns", hook: "webhook" },
    });
  });

  it("starts alone and refuses who has no key", async () => {
    const written = vi.spyOn(process.stdout, "write").mockReturnValue(true);
    const answer = await handler({ rawPath: "/alerts", requestContext: { http: { method: "GET" } } });
    expect(answer).toMatchObject({
      statusCode: 401,
      headers: { "content-type": "application/problem+json" },
    });
    expect(String(written.mock.calls[0]?.[0])).toContain('"status":401');
    written.mockRestore();
    expect(handler.length).toBeLessThan(3);
  });
});
