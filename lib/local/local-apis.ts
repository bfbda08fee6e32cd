/**
 * Both APIs on this machine, as they run behind function URLs: on 127.0.0.1, out of reach of web pages, with the same keys
 * and the same words. One server serves both, since the Lacework one has all its paths below /api/.
 *
 *     const apis = await serveLocalApis(run, { port: 0 });
 *     apis.url           // http://127.0.0.1:51235
 *     apis.credentials   // CTE_0123456789ABCDEF01234567:…, of a key that was made for this run
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { getRequestListener } from "@hono/node-server";
import { makeApi } from "../../lambda/api/app.ts";
import { makeKeyStore } from "../../lambda/api/make-key-store.ts";
import { makeScopeReader } from "../../lambda/cases/scopes.ts";
import { makeLaceworkApi } from "../../lambda/lacework/app.ts";
import { openLocalCases } from "./local-cases.ts";
import type { LocalRun } from "./local-run.ts";
import { foreign } from "./local-server.ts";

const REQUESTS_PER_HOUR = 1_000_000;
const PATIENCE_MS = 30_000;

/** The APIs of a run. */
export type LocalApis = {
  readonly url: string;
  readonly port: number;
  /** ID:SECRET of the run's own key, which may read and change. */
  readonly credentials: string;
  close(): Promise<void>;
};

/** The port that was asked for is taken. */
class ApiPortError extends Error {
  override readonly name = "ApiPortError";
}

/** Serves the APIs of a run; `port` 0 takes any free one. Rejects with the reason where the port cannot be had. */
export async function serveLocalApis(
  run: Pick<LocalRun, "services" | "outputs" | "region">,
  { port, log = () => undefined }: { readonly port: number; readonly log?: (line: string) => void },
): Promise<LocalApis> {
  const { table, cases } = openLocalCases(run);
  const now = Date.now;
  const keys = makeKeyStore(table, now);
  const { key, secret } = await keys.create(
    { name: "this machine", access: "write", requestsPerHour: REQUESTS_PER_HOUR },
    now() + PATIENCE_MS,
  );
  const ports = { cases, readScope: makeScopeReader({ cases, now }), keys, log, now };
  const [ours, lacework] = [makeApi(ports), makeLaceworkApi(ports)];
  const listener = getRequestListener((request) =>
    new URL(request.url).pathname.startsWith("/api/") ? lacework.fetch(request) : ours.fetch(request),
  );
  const server = createServer({ requestTimeout: PATIENCE_MS }, (request, response) => {
    const reason = foreign(request.headers, request.socket.localPort ?? 0);
    if (reason === undefined) void listener(request, response);
    else
      response
        .writeHead(403, { "content-type": "application/json", connection: "close" })
        .end(JSON.stringify({ message: reason }));
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      const taken = `port ${port} of 127.0.0.1 is in use; stop what listens there, or give another port for the APIs`;
      reject(error.code === "EADDRINUSE" ? new ApiPortError(taken) : error);
    });
    server.listen(port, "127.0.0.1", resolve);
  });
  const bound = (server.address() as AddressInfo).port;
  return {
    url: `http://127.0.0.1:${bound}`,
    port: bound,
    credentials: `${key.id}:${secret}`,
    close: async () => {
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };
}
