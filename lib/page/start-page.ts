/**
 * Starts the page's server on 127.0.0.1, with a key of its own that only the printed address holds.
 *
 *     const page = await startPage(ports, { port: 0 });
 *     page.url        // http://127.0.0.1:51234/?token=…
 *     await page.close();
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { getRequestListener } from "@hono/node-server";
import type { Hono } from "hono";
import { buildApp } from "./build-app.ts";
import { newToken } from "./guard.ts";
import { makePageApp } from "./page-app.ts";
import type { PagePorts } from "./ports.ts";
import { watchRows } from "./row-watch.ts";

/** A page that is served. */
export type Page = {
  /** The address to open, with the run's key in it. */
  readonly url: string;
  readonly port: number;
  /** An alert has arrived: look soon. */
  poke(): void;
  close(): Promise<void>;
};

/** The port that was asked for is taken. */
class PagePortError extends Error {
  override readonly name = "PagePortError";
}

/** Bundles the app and listens. Rejects with the reason where the port cannot be had; 0 takes any free one. */
export async function startPage(ports: PagePorts, { port }: { readonly port: number }): Promise<Page> {
  const files = await buildApp();
  const watch = watchRows(ports);
  const token = newToken();
  let app: Hono | undefined;
  const listener = getRequestListener(
    (request) => app?.fetch(request) ?? new Response("starting", { status: 503 }),
  );
  const server = createServer({ requestTimeout: 30_000 }, (request, response) => {
    void listener(request, response);
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      const taken = `port ${port} of 127.0.0.1 is in use; stop what listens there, or give another port for the page`;
      reject(error.code === "EADDRINUSE" ? new PagePortError(taken) : error);
    });
    server.listen(port, "127.0.0.1", resolve);
  });
  const bound = (server.address() as AddressInfo).port;
  app = makePageApp(ports, { port: bound, token }, files, watch);
  return {
    port: bound,
    url: `http://127.0.0.1:${bound}/?token=${token}`,
    poke: () => watch.poke(),
    close: async () => {
      watch.stop();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };
}
