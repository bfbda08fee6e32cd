import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it, vi } from "vitest";
import { fetchSecretFromAws } from "../../../lambda/destinations/fetch-secret.ts";
import { openSecret } from "../../../lambda/destinations/secrets.ts";

const ARN = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:datadog-AbCdEf";

type Seen = { readonly target: string; readonly body: unknown; readonly authorization: string };

describe("fetchSecretFromAws", () => {
  let server: Server | undefined;
  afterEach(() => {
    server?.close();
    vi.unstubAllEnvs();
  });

  /** AWS that answers every call alike, at the endpoint of the environment. */
  async function serve(status: number, answer: object): Promise<Seen[]> {
    const seen: Seen[] = [];
    server = createServer((request, response) => {
      let text = "";
      request.on("data", (chunk: Buffer) => (text += chunk.toString()));
      request.on("end", () => {
        seen.push({
          target: String(request.headers["x-amz-target"]),
          body: JSON.parse(text) as unknown,
          authorization: request.headers.authorization ?? "",
        });
        response
          .writeHead(status, { "content-type": "application/x-amz-json-1.1" })
          .end(JSON.stringify(answer));
      });
    });
    await new Promise<void>((resolve) => server?.listen(0, "127.0.0.1", resolve));
    vi.stubEnv("AWS_ENDPOINT_URL", `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    vi.stubEnv("AWS_REGION", "eu-central-1");
    vi.stubEnv("AWS_ACCESS_KEY_ID", "testing");
    vi.stubEnv("AWS_SECRET_ACCESS_KEY", "testing");
    return seen;
  }

  it("reads a secret by its ARN from Secrets Manager, in the secret's Region", async () => {
    const seen = await serve(200, { SecretString: "the-key" });
    expect(await fetchSecretFromAws(ARN)).toBe("the-key");
    expect(seen).toMatchObject([{ target: "secretsmanager.GetSecretValue", body: { SecretId: ARN } }]);
    expect(seen[0]?.authorization).toContain("/eu-west-1/secretsmanager/");
  });

  it("reads a secret by its name from Secrets Manager, in the Lambda's Region", async () => {
    const seen = await serve(200, { SecretString: "the-key" });
    expect(await fetchSecretFromAws("prod/a:b/datadog")).toBe("the-key");
    expect(seen[0]?.body).toEqual({ SecretId: "prod/a:b/datadog" });
    expect(seen[0]?.authorization).toContain("/eu-central-1/secretsmanager/");
  });

  it.each(["ssm:/prod/datadog", "ssm:datadog"])("reads %s from SSM, decrypted", async (reference) => {
    const seen = await serve(200, { Parameter: { Type: "SecureString", Value: "the-key" } });
    expect(await fetchSecretFromAws(reference)).toBe("the-key");
    expect(seen).toMatchObject([
      { target: "AmazonSSM.GetParameter", body: { Name: reference.slice(4), WithDecryption: true } },
    ]);
    expect(seen[0]?.authorization).toContain("/eu-central-1/ssm/");
  });

  it("refuses a parameter that lies there in clear, without showing it", async () => {
    await serve(200, { Parameter: { Type: "String", Value: "the-key" } });
    const failure: unknown = await openSecret("ssm:/prod/datadog", "datadog", "apiKey")
      .read()
      .catch((error: unknown) => error);
    expect(failure).toMatchObject({
      retryable: true,
      message:
        "reading the secret ssm:/prod/datadog failed: NotSecureString: the parameter is in clear: store it again with --type SecureString --overwrite",
    });
  });

  it("says which secret is missing", async () => {
    await serve(400, { __type: "ParameterNotFound" });
    await expect(openSecret("ssm:/prod/nobody", "pager", "routingKey").read()).rejects.toMatchObject({
      retryable: true,
      destination: "pager",
      message: expect.stringContaining(
        "reading the secret ssm:/prod/nobody failed: ParameterNotFound",
      ) as string,
    });
  });
});
