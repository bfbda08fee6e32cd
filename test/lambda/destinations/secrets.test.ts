import { describe, expect, it } from "vitest";
import { DeliveryError } from "../../../lambda/destinations/destination.ts";
import { openSecret } from "../../../lambda/destinations/secrets.ts";

const ARN = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:datadog-AbCdEf";

describe("openSecret", () => {
  it("reads the value, and says how the configuration names it", async () => {
    const secret = openSecret(ARN, "datadog", "apiKey", async () => '{"apiKey":"key"}');
    expect([secret.reference, await secret.read()]).toEqual([ARN, "key"]);
  });

  it.each([[undefined], ["{broken SECRET"], ["two words SECRET"], ['{"apiKey":["SECRET"]}']])(
    "refuses %j without repeating it, with the cure",
    async (text) => {
      const read = openSecret(ARN, "datadog", "routingKey", async () => text).read();
      const failure: unknown = await read.catch((error: unknown) => error);
      expect(failure).toBeInstanceOf(DeliveryError);
      expect(failure).toMatchObject({ destination: "datadog", retryable: true, cause: undefined });
      expect((failure as DeliveryError).message).toBe(
        `the secret ${ARN} holds no routingKey: store the value itself as text, or JSON {"routingKey": "…"}`,
      );
    },
  );

  it("calls every failure to read one that a person can mend", async () => {
    const error = Object.assign(new Error("bad name"), {
      name: "ValidationException",
      $metadata: { httpStatusCode: 400 },
    });
    await expect(
      openSecret("x", "datadog", "apiKey", () => Promise.reject(error)).read(),
    ).rejects.toMatchObject({
      retryable: true,
      message: "reading the secret x failed: ValidationException: bad name",
    });
  });

  it("keeps a failure for half a minute, so that many deliveries do not read in vain, and then reads again", async () => {
    let [clock, reads] = [0, 0];
    const fetchSecret = async (): Promise<string> => {
      if (reads++ === 0) throw Object.assign(new Error("denied"), { name: "AccessDeniedException" });
      return "key";
    };
    const key = openSecret(ARN, "datadog", "apiKey", fetchSecret, () => clock);
    for (clock of [0, 0, 29_999]) {
      await expect(key.read()).rejects.toMatchObject({
        retryable: true,
        message: expect.stringContaining("AccessDeniedException: denied") as string,
        cause: undefined,
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
    const key = openSecret(
      ARN,
      "datadog",
      "apiKey",
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
    const key = openSecret(
      ARN,
      "datadog",
      "apiKey",
      async () => (reads++ === 0 ? "key" : undefined),
      () => 0,
    );
    await key.read();
    await expect(key.renew("key")).rejects.toThrow("holds no apiKey");
    expect(await key.read()).toBe("key");
    expect(await key.renew("key")).toBe("key");
    expect(reads).toBe(2);
  });
});
