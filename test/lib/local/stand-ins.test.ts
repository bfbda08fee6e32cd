import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { describe, expect, it } from "vitest";
import { startDatadog } from "../../../lib/local/datadog-stand-in.ts";
import { startSecrets } from "../../../lib/local/secrets-stand-in.ts";

const post = (url: string, body: unknown, headers: Record<string, string> = {}) =>
  fetch(`${url}/api/v1/events`, {
    method: "POST",
    headers: { "content-type": "application/json", "dd-api-key": "right", ...headers },
    body: JSON.stringify(body),
  });

describe("the stand-in for Datadog", () => {
  const event = { title: "t", text: "x", tags: ["a:b"] };
  it("takes an event with the right key, and judges what is wrong as Datadog does", async () => {
    const datadog = await startDatadog("right");
    try {
      expect((await post(datadog.url, event)).status).toBe(202);
      expect((await post(datadog.url, event, { "dd-api-key": "wrong" })).status).toBe(403);
      expect((await post(datadog.url, { text: "no title" })).status).toBe(400);
      expect((await post(datadog.url, { title: "t", text: "x".repeat(4001) })).status).toBe(400);
      expect((await fetch(`${datadog.url}/api/v1/series`)).status).toBe(404);
      expect(datadog.events).toEqual([event]);
      expect(datadog.requests()).toBe(5);
    } finally {
      await datadog.close();
    }
  });

  it("fails while it is told to", async () => {
    const datadog = await startDatadog("right");
    try {
      datadog.respondWith(500);
      expect((await post(datadog.url, event)).status).toBe(500);
      datadog.respondWith(202);
      expect((await post(datadog.url, event)).status).toBe(202);
      expect(datadog.events).toHaveLength(1);
    } finally {
      await datadog.close();
    }
  });
});

describe("the stand-in for Secrets Manager", () => {
  it("gives the SDK the made-up value for any secret, and knows no other call", async () => {
    const secrets = await startSecrets("made-up");
    const client = new SecretsManagerClient({
      endpoint: secrets.url,
      region: "us-east-1",
      credentials: { accessKeyId: "local", secretAccessKey: "local" },
    });
    try {
      const { SecretString: value } = await client.send(
        new GetSecretValueCommand({ SecretId: "prod/datadog" }),
      );
      expect(value).toBe("made-up");
      const other = await fetch(secrets.url, {
        method: "POST",
        headers: {
          "content-type": "application/x-amz-json-1.1",
          "x-amz-target": "secretsmanager.ListSecrets",
        },
        body: "{}",
      });
      expect(other.status).toBe(400);
    } finally {
      client.destroy();
      await secrets.close();
    }
  });
});
