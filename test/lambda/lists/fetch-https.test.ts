import { createServer, request, type RequestListener, type Server } from "node:http";
import type { AddressInfo, LookupFunction } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { httpsSource } from "../../../lambda/lists/fetch-https.ts";
import { problemOfAddress } from "../../../lambda/lists/safe-address.ts";

const servers: Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  }
});

async function serve(listener: RequestListener): Promise<number> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return (server.address() as AddressInfo).port;
}

/** A name server of our own: each name is asked once a connection. */
const names =
  (addresses: Readonly<Record<string, string>>): LookupFunction =>
  (name, options, done) => {
    const address = addresses[name] ?? "127.0.0.1";
    if (options.all === true) done(null, [{ address, family: 4 }]);
    else done(null, address, 4);
  };

const asking = { maxRows: 100, deadline: Date.now() + 60_000 };

/** Over plain HTTP, since a test has no certificate; all else is as it is. */
function fetchList(
  port: number,
  {
    host = "list.example.com",
    allowPrivate = ["127.0.0.0/8"],
    etag = undefined as string | undefined,
    addresses = {},
  } = {},
) {
  const source = httpsSource({ request, lookup: names(addresses) });
  const url = `http://${host}:${port}/list.txt`;
  return source({ type: "https", url, format: "lines", allowPrivate }, { ...asking, etag });
}

describe("a list behind an HTTPS address", () => {
  it("is fetched with its mark, and not again while it has the same", async () => {
    const port = await serve((incoming, answer) => {
      if (incoming.headers["if-none-match"] === '"1"') answer.writeHead(304).end();
      else answer.writeHead(200, { etag: '"1"' }).end("a\n# not b\nc\n");
    });
    expect(await fetchList(port)).toEqual({ kind: "rows", rows: ["a", "c"], etag: '"1"' });
    expect(await fetchList(port, { etag: '"1"' })).toEqual({ kind: "same" });
  });

  it("may not be in a private place, by name, by address, or by a name that turns private", async () => {
    const port = await serve((_, answer) => answer.end("secret"));
    const refusals = [
      fetchList(port, { allowPrivate: [] }),
      fetchList(port, { host: "127.0.0.1", allowPrivate: [] }),
      fetchList(port, { host: "[::1]", allowPrivate: [] }),
      fetchList(port, { host: "2130706433", allowPrivate: [] }),
      fetchList(port, {
        addresses: { "list.example.com": "169.254.169.254" },
        allowPrivate: ["169.254.0.0/16"],
      }),
    ];
    for (const refusal of refusals) await expect(refusal).rejects.toThrow("may not be fetched from");
  });

  it("is followed on its own host alone, and not for ever", async () => {
    let hops = 0;
    const port = await serve((incoming, answer) => {
      hops += 1;
      const to = incoming.url === "/list.txt" ? "/moved.txt" : undefined;
      if (to === undefined) answer.end("x");
      else answer.writeHead(302, { location: to }).end();
    });
    expect(await fetchList(port)).toMatchObject({ rows: ["x"] });
    expect(hops).toBe(2);
    const away = await serve((_, answer) =>
      answer.writeHead(302, { location: "http://169.254.169.254/latest" }).end(),
    );
    await expect(fetchList(away)).rejects.toThrow("sends on to http://169.254.169.254, another place");
    const loop = await serve((_, answer) => answer.writeHead(302, { location: "/list.txt" }).end());
    await expect(fetchList(loop)).rejects.toThrow("more than 3 times");
  });

  it("fails when it is too long, refused, cut off or no text, and says nothing of what it holds", async () => {
    const long = await serve((_, answer) => {
      answer.writeHead(200);
      const piece = "x".repeat(1024 * 1024);
      const more = (): void => {
        while (!answer.destroyed && answer.write(piece));
        if (!answer.destroyed) answer.once("drain", more);
      };
      more();
    });
    await expect(fetchList(long)).rejects.toThrow("more than 10485760 bytes");
    const denied = await serve((_, answer) => answer.writeHead(403).end("token=hunter2"));
    await expect(fetchList(denied)).rejects.toThrow(/answered 403, not 200\.$/u);
    const cut = await serve((_, answer) => {
      answer.writeHead(200, { "content-length": "100" });
      answer.write("a");
      setImmediate(() => answer.destroy());
    });
    await expect(fetchList(cut)).rejects.toThrow("cannot be reached");
    const bytes = await serve((_, answer) => answer.end(Buffer.from([0xff, 0xfe])));
    await expect(fetchList(bytes)).rejects.toThrow("not UTF-8");
  });
});

describe("addresses that lists are fetched from", () => {
  it.each([
    "10.0.0.1",
    "172.16.0.1",
    "192.168.1.1",
    "127.0.0.1",
    "0.0.0.0",
    "100.64.0.1",
    "169.254.169.254",
    "::1",
    "::",
    "fe80::1",
    "fd00::1",
    "::ffff:10.0.0.1",
    "::ffff:169.254.169.254",
    "224.0.0.1",
    "255.255.255.255",
    "nonsense",
  ])("refuses %s", (address) => {
    expect(problemOfAddress(address, [])).toBeDefined();
  });

  it("takes public ones and private ones that are named, and those of credentials never", () => {
    expect(problemOfAddress("93.184.216.34", [])).toBeUndefined();
    expect(problemOfAddress("2606:2800:220:1:248:1893:25c8:1946", [])).toBeUndefined();
    expect(problemOfAddress("10.1.2.3", ["10.1.0.0/16"])).toBeUndefined();
    expect(problemOfAddress("::ffff:10.1.2.3", ["10.1.0.0/16"])).toBeUndefined();
    expect(problemOfAddress("10.2.2.3", ["10.1.0.0/16"])).toContain("private");
    for (const address of ["169.254.169.254", "fd00:ec2::254", "::ffff:169.254.170.2"])
      expect(problemOfAddress(address, ["0.0.0.0/0", "::/0"])).toContain("credentials");
  });
});
