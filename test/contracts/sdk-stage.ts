/** The other side of a destination that speaks through the AWS SDK: by script, or as a server that the SDK really calls. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, vi } from "vitest";
import type { Reply } from "./destinations.ts";

/** Takes what would be sent as JSON, and answers as the SDK does after its own attempts; the last reply repeats. */
export function sdkStage(replies: readonly Reply[]): {
  readonly sent: string[];
  readonly answer: (input: unknown) => Promise<Record<string, unknown>>;
} {
  const sent: string[] = [];
  const answer = async (input: unknown): Promise<Record<string, unknown>> => {
    const reply = replies[Math.min(sent.length, replies.length - 1)];
    sent.push(JSON.stringify(input));
    if (reply === "refuse") throw new Error("connect ECONNREFUSED");
    if (reply === "hang" || reply === undefined) throw sdkError("TimeoutError", "timed out");
    if ("error" in reply) throw new Error(reply.error);
    if (reply.status >= 300) throw sdkError("ServiceException", reply.body ?? "", reply.status);
    return JSON.parse(reply.body ?? "{}") as Record<string, unknown>;
  };
  return { sent, answer };
}

/** An error as the SDK throws it. */
export function sdkError(name: string, message: string, httpStatusCode?: number): Error {
  return Object.assign(new Error(message), {
    name,
    ...(httpStatusCode === undefined ? {} : { $metadata: { httpStatusCode } }),
  });
}

/** A request that the SDK made. */
type SdkRequest = { readonly path: string; readonly authorization: string; readonly body: string };

/** AWS on this machine. */
export type ServedAws = {
  readonly endpoint: string;
  readonly requests: SdkRequest[];
  readonly close: () => void;
};

/** Serves AWS on this machine; `answers` go out in turn, the last one repeats, "hang" never answers. */
export async function serveAws(
  answers: readonly ({ readonly status: number; readonly body: object; readonly type?: string } | "hang")[],
): Promise<ServedAws> {
  const requests: SdkRequest[] = [];
  const server: Server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => (body += chunk.toString()));
    request.on("end", () => {
      const answer = answers[Math.min(requests.length, answers.length - 1)];
      requests.push({ path: request.url ?? "", authorization: request.headers.authorization ?? "", body });
      if (answer === "hang" || answer === undefined) return;
      const type = answer.type === undefined ? {} : { "x-amzn-errortype": answer.type };
      response.writeHead(answer.status, { "content-type": "application/json", ...type });
      response.end(JSON.stringify(answer.body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  vi.stubEnv("AWS_ACCESS_KEY_ID", "testing");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "testing");
  vi.stubEnv("AWS_REGION", "eu-west-1");
  const close = (): void => {
    server.closeAllConnections();
    server.close();
    vi.unstubAllEnvs();
  };
  expect(server.listening).toBe(true);
  return { endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests, close };
}
