import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it, vi } from "vitest";
import { DeliveryError } from "../../../lambda/destinations/destination.ts";
import { secretKey } from "../../../lambda/destinations/secrets.ts";

const ARN = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:datadog-AbCdEf";
const keyOf = (text: string | undefined) => secretKey(ARN, "datadog", async () => text).read();

describe("secretKey", () => {
  it.each([
    ["plain-key", "plain-key"],
    [" plain-key\n", "plain-key"],
    ['{"apiKey":"json-key"}', "json-key"],
    [' {"apiKey":" json-key "} ', "json-key"],
  ])("finds the key in %j", async (text, key) => {
    expect(await keyOf(text)).toBe(key);
  });

  it.each([
    [undefined],
    [""],
    ["  "],
    ["{broken SECRET"],
    ['{"key":"SECRET"}'],
    ['{"apiKey":7}'],
    ["two words SECRET"],
    ["SECRET\r\nX-Evil: 1"],
    ["{}"],
  ])("refuses %j without repeating it, with the cure", async (text) => {
    const failure: unknown = await keyOf(text).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(DeliveryError);
    expect(failure).toMatchObject({ destination: "datadog", retryable: true, cause: undefined });
    expect((failure as DeliveryError).message).toContain('JSON {"apiKey": "…"}');
    expect((failure as DeliveryError).message).not.toContain("SECRET");
  });

  it("keeps a failure for half a minute, so that many deliveries do not read in vain, and then reads again", async () => {
    let [clock, reads] = [0, 0];
    const fetchSecret = async (): Promise<string> => {
      if (reads++ === 0) throw Object.assign(new Error("denied"), { name: "AccessDeniedException" });
      return "key";
    };
    const key = secretKey(ARN, "datadog", fetchSecret, () => clock);
    for (clock of [0, 0, 29_999]) {
      await expect(key.read()).rejects.toMatchObject({
        retryable: true,
        message: expect.stringContaining("AccessDeniedException: denied") as string,
      });
    }
    expect(reads).toBe(1);
    clock = 30_000;
    expect(await key.read()).toBe("key");
    clock = 10_000_000;
    expect(await key.read()).toBe("key");
    expect(reads).toBe(2);
  });

  it("renews once for all that are refused at the same time, and then not for five minutes", async () => {
    let [clock, reads] = [0, 0];
    const key = secretKey(
      ARN,
      "datadog",
      async () => `key-${++reads}`,
      () => clock,
    );
    await key.read();
    expect(await Promise.all([key.renew("key-1"), key.renew("key-1"), key.renew("key-1")])).toEqual([
      "key-2",
      "key-2",
      "key-2",
    ]);
    expect(await key.renew("key-1")).toBe("key-2");
    clock = 299_999;
    expect(await key.renew("key-2")).toBe("key-2");
    expect(reads).toBe(2);
    clock = 300_000;
    expect(await key.renew("key-2")).toBe("key-3");
    expect(await key.read()).toBe("key-3");
    expect(reads).toBe(3);
  });

  it("goes on with the key it has when renewing fails, and does not renew at once again", async () => {
    let reads = 0;
    const key = secretKey(
      ARN,
      "datadog",
      async () => (reads++ === 0 ? "key" : undefined),
      () => 0,
    );
    await key.read();
    await expect(key.renew("key")).rejects.toThrow("holds no key");
    expect(await key.read()).toBe("key");
    expect(await key.renew("key")).toBe("key");
    expect(reads).toBe(2);
  });
});

describe("secretKey from Secrets Manager", () => {
  let server: Server | undefined;
  afterEach(() => {
    server?.close();
    vi.unstubAllEnvs();
  });

  it("reads the secret through the SDK, in the secret's Region, at the endpoint of the environment", async () => {
    let seen = "";
    server = createServer((request, response) => {
      request.on("data", (chunk: Buffer) => (seen += chunk.toString()));
      request.on("end", () => {
        seen += request.headers.authorization ?? "";
        response
          .writeHead(200, { "content-type": "application/x-amz-json-1.1" })
          .end('{"SecretString":"the-key"}');
      });
    });
    await new Promise<void>((resolve) => server?.listen(0, "127.0.0.1", resolve));
    vi.stubEnv("AWS_ENDPOINT_URL", `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    vi.stubEnv("AWS_ACCESS_KEY_ID", "testing");
    vi.stubEnv("AWS_SECRET_ACCESS_KEY", "testing");
    expect(await secretKey(ARN, "datadog").read()).toBe("the-key");
    expect(seen).toContain(`"SecretId":"${ARN}"`);
    expect(seen).toContain("/eu-west-1/secretsmanager/");
  });
});
