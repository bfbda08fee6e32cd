/**
 * Invokes a deployed detector and waits for its answer. Lambda's SDK is not among the dependencies for this one call: it
 * is one signed request (Signature Version 4), with the credentials that the SDK's other clients find.
 *
 *     const result = await invokeDetector(arn, { engine: "send-test" }, { credentials });
 *     result.ok && result.value   // what the function returned
 */
import { createHash, createHmac } from "node:crypto";

/** Credentials as the SDK's clients resolve them. */
export type Credentials = {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
};

/** How the function answered. */
export type DetectorAnswer =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly error: string };

/** The world, so that tests need no AWS. */
export type InvokeOptions = {
  readonly credentials: () => Promise<Credentials>;
  readonly fetch?: typeof fetch;
  readonly now?: () => Date;
  /** Instead of Lambda's own. */
  readonly endpoint?: string | undefined;
};

/** A function runs for a quarter of an hour at most. */
const LIMIT_MS = 910_000;

/** Invokes the function with this ARN. Rejects when Lambda cannot be reached or refuses the call. */
export async function invokeDetector(
  arn: string,
  event: unknown,
  { credentials, fetch: send = fetch, now = () => new Date(), endpoint }: InvokeOptions,
): Promise<DetectorAnswer> {
  const [, partition, , region = ""] = arn.split(":");
  const domain = partition === "aws-cn" ? "amazonaws.com.cn" : "amazonaws.com";
  const base = endpoint ?? `https://lambda.${region}.${domain}`;
  const url = new URL(`/2015-03-31/functions/${encodeURIComponent(arn)}/invocations`, base);
  const body = JSON.stringify(event);
  const request = { method: "POST", url, body, region, service: "lambda", now: now() };
  const response = await send(url, {
    method: "POST",
    headers: { "content-type": "application/json", ...signRequest(request, await credentials()) },
    body,
    signal: AbortSignal.timeout(LIMIT_MS),
  });
  const text = await response.text();
  if (!response.ok) {
    const cure = response.status === 403 ? "; allow lambda:InvokeFunction on it to whoever runs this" : "";
    throw new Error(`Lambda answered ${response.status} for ${arn}: ${text.slice(0, 300)}${cure}`);
  }
  const value = text === "" ? undefined : (JSON.parse(text) as unknown);
  if (response.headers.get("x-amz-function-error") === null) return { ok: true, value };
  const said = (value as { readonly errorMessage?: unknown } | undefined)?.errorMessage;
  return { ok: false, error: typeof said === "string" ? said : "the function failed and did not say why" };
}

/** A request to sign. */
export type Unsigned = {
  readonly method: string;
  readonly url: URL;
  readonly body: string;
  readonly region: string;
  readonly service: string;
  readonly now: Date;
  /** Headers to sign beside the host and the date, with lower-case names. */
  readonly headers?: Readonly<Record<string, string>>;
};

/** The headers that sign a request ("Create a signed AWS API request"). */
export function signRequest(
  { method, url, body, region, service, now, headers = {} }: Unsigned,
  { accessKeyId, secretAccessKey, sessionToken }: Credentials,
): Record<string, string> {
  const time = now.toISOString().replaceAll(/[-:]|\.\d{3}/gu, "");
  const scope = `${time.slice(0, 8)}/${region}/${service}/aws4_request`;
  const signed: Record<string, string> = {
    ...headers,
    host: url.host,
    "x-amz-date": time,
    ...(sessionToken === undefined ? {} : { "x-amz-security-token": sessionToken }),
  };
  const names = Object.keys(signed).toSorted();
  // Every service but S3 wants the path encoded once more than it travels.
  const path = url.pathname.split("/").map(encodeURIComponent).join("/");
  const query = [...url.searchParams]
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
    .toSorted()
    .join("&");
  const canonical = [
    method,
    path,
    query,
    ...names.map((name) => `${name}:${signed[name] ?? ""}`),
    "",
    names.join(";"),
    sha256(body),
  ].join("\n");
  const text = ["AWS4-HMAC-SHA256", time, scope, sha256(canonical)].join("\n");
  const key = [time.slice(0, 8), region, service, "aws4_request"].reduce<string | Buffer>(
    (secret, part) => createHmac("sha256", secret).update(part).digest(),
    `AWS4${secretAccessKey}`,
  );
  const signature = createHmac("sha256", key).update(text).digest("hex");
  const { host: _, ...sent } = signed;
  return {
    ...sent,
    authorization: `AWS4-HMAC-SHA256 Credential=${accessKeyId}/${scope}, SignedHeaders=${names.join(";")}, Signature=${signature}`,
  };
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
