/**
 * S3 in memory, spoken over HTTP: objects with versions, ETags, and conditions on reads and writes, as publishing needs
 * them. (fauxqs has neither versions nor conditions on writes.) As S3 does with whoever may not list a bucket, it can say
 * "access denied" of what is not there.
 */
import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { S3Client } from "@aws-sdk/client-s3";

type StoredVersion = { readonly id: string; body: Buffer; readonly headers: Record<string, string> };

export type BucketStandIn = {
  readonly url: string;
  readonly s3: S3Client;
  /** Versions by `bucket/key`, the last one last. */
  readonly objects: Map<string, StoredVersion[]>;
  /** Method and path of what was asked. */
  readonly requests: string[];
  /** Whether what is not there is said to be denied. */
  denies: boolean;
  /** Whether versions are kept. */
  versioned: boolean;
  put(path: string, body: string): string;
  close(): Promise<void>;
};

export async function startBucket(): Promise<BucketStandIn> {
  const objects = new Map<string, StoredVersion[]>();
  const requests: string[] = [];
  let made = 0;
  const store = (path: string, body: Buffer, headers: Record<string, string>): StoredVersion => {
    made += 1;
    const version = { id: `v${made}`, body, headers };
    objects.set(path, standIn.versioned ? [...(objects.get(path) ?? []), version] : [version]);
    return version;
  };
  const server = createServer((request, response) => {
    void answer(request, response).catch((error: unknown) => {
      response.writeHead(500).end(String(error));
    });
  });
  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "/", "http://s3");
    const path = decodeURIComponent(url.pathname.slice(1));
    requests.push(`${request.method} ${path}`);
    if (url.searchParams.has("versions")) return listed(path, url.searchParams.get("prefix") ?? "", response);
    const kept = objects.get(path) ?? [];
    const current = kept.at(-1);
    if (request.method === "PUT") {
      const body = await bodyOf(request);
      const ifMatch = request.headers["if-match"];
      const ifNone = request.headers["if-none-match"];
      if (ifMatch !== undefined && (current === undefined || etagOf(current) !== ifMatch))
        return refuse(response, 412, "PreconditionFailed");
      if (ifNone === "*" && current !== undefined) return refuse(response, 412, "PreconditionFailed");
      const meta = Object.entries(request.headers).filter(([name]) => name.startsWith("x-amz-meta-"));
      const version = store(path, body, Object.fromEntries(meta) as Record<string, string>);
      const id: Record<string, string> = standIn.versioned ? { "x-amz-version-id": version.id } : {};
      response.writeHead(200, { etag: etagOf(version), ...id }).end();
      return undefined;
    }
    const wanted = url.searchParams.get("versionId");
    const found = wanted === null ? current : kept.find(({ id }) => id === wanted);
    if (found === undefined) {
      if (standIn.denies) return refuse(response, 403, "AccessDenied");
      return refuse(response, 404, wanted === null ? "NoSuchKey" : "NoSuchVersion");
    }
    if (request.headers["if-none-match"] === etagOf(found)) {
      response.writeHead(304, { etag: etagOf(found) }).end();
      return undefined;
    }
    const headers = { ...found.headers, etag: etagOf(found), "x-amz-version-id": found.id };
    response.writeHead(200, { ...headers, "content-length": found.body.byteLength });
    response.end(request.method === "HEAD" ? undefined : found.body);
    return undefined;
  }
  function listed(bucket: string, prefix: string, response: ServerResponse): void {
    const entries = [...objects].flatMap(([path, versions]) => {
      const key = path.slice(bucket.replace(/\/$/, "").length + 1);
      if (!key.startsWith(prefix)) return [];
      return versions
        .toReversed()
        .map(
          ({ id, body }) =>
            `<Version><Key>${key}</Key><VersionId>${id}</VersionId><Size>${body.byteLength}</Size><LastModified>2026-11-20T10:00:00.000Z</LastModified></Version>`,
        );
    });
    response.writeHead(200, { "content-type": "application/xml" });
    response.end(`<?xml version="1.0"?><ListVersionsResult>${entries.join("")}</ListVersionsResult>`);
  }
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const s3 = new S3Client({
    endpoint,
    region: "us-east-1",
    forcePathStyle: true,
    requestChecksumCalculation: "WHEN_REQUIRED",
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
  });
  const standIn: BucketStandIn = {
    url: endpoint,
    s3,
    objects,
    requests,
    denies: false,
    versioned: true,
    put: (path, body) => store(path, Buffer.from(body), {}).id,
    close: async () => {
      s3.destroy();
      server.closeAllConnections();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
      });
    },
  };
  return standIn;
}

function etagOf({ body }: StoredVersion): string {
  return `"${createHash("md5").update(body).digest("hex")}"`;
}

function refuse(response: ServerResponse, status: number, code: string): void {
  response.writeHead(status, { "content-type": "application/xml" });
  response.end(`<?xml version="1.0"?><Error><Code>${code}</Code><Message>${code}</Message></Error>`);
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts);
}
