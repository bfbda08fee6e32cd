import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { DeliveryError } from "../../../lambda/destinations/destination.ts";
import { HTTP_PORTS, post, type Post } from "../../../lambda/destinations/http.ts";
import type { Judge } from "../../../lambda/destinations/http-answer.ts";
import type { Reply } from "../../contracts/destinations.ts";
import { httpStage, STAGE_NOW } from "../../contracts/http-stage.ts";

const REQUEST: Post = {
  destination: "d",
  url: "https://api.example/x",
  body: "{}",
  secrets: [],
  deadline: STAGE_NOW + 15_000,
  recognisesCopies: true,
};

async function failureOf(request: Partial<Post>, replies: readonly Reply[]): Promise<DeliveryError> {
  const stage = httpStage(replies);
  const error: unknown = await post({ ...REQUEST, ...request }, stage.ports).catch((cause: unknown) => cause);
  expect(error).toBeInstanceOf(DeliveryError);
  return error as DeliveryError;
}

/** As Slack answers: 200, and whether it was taken in the body. */
const slack: Judge = ({ status, body }) => {
  if (status !== 200) return undefined;
  const { ok, error } = JSON.parse(body) as { ok: boolean; error?: string };
  if (ok) return "taken";
  return { says: `answered 200 and refused it: ${error}`, again: error === "ratelimited" ? "soon" : "never" };
};

describe("post", () => {
  it("gives back the answer that took the message", async () => {
    const { ports } = httpStage([{ status: 201, body: '{"id":7}', headers: { "x-request-id": "r" } }]);
    const answer = await post(REQUEST, ports);
    expect([answer.status, answer.body, answer.headers.get("x-request-id")]).toEqual([201, '{"id":7}', "r"]);
  });

  it("lets a medium refuse by the body what the status calls taken", async () => {
    const refused = { status: 200, body: '{"ok":false,"error":"channel_not_found"}' };
    expect(await failureOf({ judge: slack }, [refused])).toMatchObject({
      retryable: false,
      status: 200,
      message: "api.example answered 200 and refused it: channel_not_found",
    });
    const { ports, requests } = httpStage([
      { status: 200, body: '{"ok":false,"error":"ratelimited"}', headers: { "retry-after": "2" } },
      { status: 200, body: '{"ok":true}' },
    ]);
    await post({ ...REQUEST, judge: slack }, ports);
    expect(requests).toHaveLength(2);
  });

  it("goes by the status where the judge stumbles: what was taken must not be sent again", async () => {
    const { ports, requests } = httpStage([{ status: 200, body: "no json" }]);
    await post({ ...REQUEST, judge: slack }, ports);
    expect(requests).toHaveLength(1);
  });

  it.each([400, 402, 404, 405, 413, 415, 422, 451, 300, 304])(
    "calls %i a refusal for good",
    async (status) => {
      expect(await failureOf({}, [{ status }])).toMatchObject({
        retryable: false,
        status,
        retryAfter: undefined,
      });
    },
  );

  it.each([401, 403])("calls %i a refused secret, which somebody may mend", async (status) => {
    const error = await failureOf({}, [{ status, headers: { "retry-after": "60" } }]);
    expect(error).toMatchObject({ retryable: true, secretRefused: true, retryAfter: 60_000 });
  });

  it.each([408, 425, 429, 500, 501, 502, 503, 504, 529])("tries %i again", async (status) => {
    const { ports, requests } = httpStage([{ status }, { status: 202 }]);
    await post(REQUEST, ports);
    expect(requests).toHaveLength(2);
  });

  it("takes a secret out of an answer before it cuts it: half a key is still half a key", async () => {
    const key = "k".repeat(300);
    for (const at of [0, 100, 250, 350, 399]) {
      const error = await failureOf({ secrets: [key] }, [{ status: 400, body: `${"x".repeat(at)}${key}` }]);
      expect(error.message).not.toContain("kk");
    }
  });

  it("names what it is told to in place of the host", async () => {
    const error = await failureOf({ name: "the webhook" }, [{ status: 400 }]);
    expect(error.message).toBe("the webhook answered 400");
  });
});

function requestTo(url: string): Post {
  return { ...REQUEST, url, deadline: Date.now() + 60_000 };
}

describe("post over a real connection", () => {
  let server: Server | undefined;
  afterEach(() => {
    server?.closeAllConnections();
    server?.close();
  });

  async function serve(listener: RequestListener): Promise<string> {
    server = createServer(listener);
    await new Promise<void>((resolve) => server?.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  }

  it("does not follow a redirect", async () => {
    const seen: string[] = [];
    const url = await serve(({ url: path = "" }, response) => {
      seen.push(path);
      response.writeHead(307, { location: "/elsewhere" }).end();
    });
    await expect(post(requestTo(url))).rejects.toMatchObject({ status: 307, retryable: true });
    expect(seen).toEqual(["/"]);
  });

  it("calls a message taken whose answer breaks off after a 200", async () => {
    let requests = 0;
    const url = await serve((_, response) => {
      requests++;
      response.writeHead(200, { "content-length": "1000" });
      response.write("half", () => response.destroy());
    });
    expect(await post(requestTo(url))).toMatchObject({ status: 200, body: "" });
    expect(requests).toBe(1);
  });

  it("reads no more of an endless answer than it needs", async () => {
    const url = await serve((_, response) => {
      response.writeHead(400);
      const pour = (): void => {
        while (response.write("x".repeat(65_536)) && !response.destroyed);
        if (!response.destroyed) response.once("drain", pour);
      };
      response.once("error", () => undefined);
      pour();
    });
    await expect(post(requestTo(url))).rejects.toMatchObject({ status: 400, retryable: false });
  });

  it("says that nobody answered when nobody did", async () => {
    const url = await serve(() => undefined);
    const ports = { ...HTTP_PORTS, timeout: () => AbortSignal.timeout(20) };
    const late = post({ ...requestTo(url), deadline: Date.now() + 100 }, ports);
    await expect(late).rejects.toThrow(
      /^127\.0\.0\.1:\d+ did not answer within \d+ ms \(gave up after 1 attempt\)$/,
    );
  });

  it("says that nobody is there when nobody is", async () => {
    const url = await serve(() => undefined);
    server?.close();
    await expect(post({ ...requestTo(url), deadline: Date.now() + 200 })).rejects.toMatchObject({
      retryable: true,
      message: expect.stringContaining("could not be reached: ECONNREFUSED") as string,
    });
  });
});
