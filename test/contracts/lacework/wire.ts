/** How the clients of the contract tests reach the API: by URL, as over HTTPS, with what they sent kept for the tests. */
import type { KeyOptions, Stage } from "../../lambda/lacework/stage.ts";

type Sent = {
  readonly method: string;
  readonly url: string;
  readonly headers: Headers;
  readonly body: string;
};
export type Received = { readonly status: number; readonly headers: Headers; readonly text: string };
export type Credentials = { readonly id: string; readonly secret: string };

/** The network between a client and the API. */
export type Wire = {
  fetch(
    method: string,
    url: string,
    headers: Readonly<Record<string, string>>,
    body?: unknown,
  ): Promise<Received>;
  readonly sent: Sent[];
  /** What the network does to a request instead of bringing back its answer: the answer is lost, though not the request. */
  lose: (sent: Sent) => number | undefined;
  /** Called before each request. */
  before: (sent: Sent) => Promise<void>;
};

/** The network to the API of a stage; only https gets through. */
function makeWire({ app }: Stage): Wire {
  const wire: Wire = {
    sent: [],
    lose: () => undefined,
    before: async () => undefined,
    async fetch(method, url, headers, body) {
      if (!url.startsWith("https://")) throw new Error(`no https: ${url}`);
      const text = body === undefined ? "" : JSON.stringify(body);
      const sent = { method, url, headers: new Headers(headers), body: text };
      wire.sent.push(sent);
      await wire.before(sent);
      const response = await app.request(url, {
        method,
        headers,
        ...(body === undefined ? {} : { body: text }),
      });
      const lost = wire.lose(sent);
      if (lost !== undefined) return { status: lost, headers: new Headers(), text: "" };
      return { status: response.status, headers: response.headers, text: await response.text() };
    },
  };
  return wire;
}

/** A network to a stage, and the credentials of a new key there. */
export async function connect(
  stage: Stage,
  options: KeyOptions = {},
): Promise<{ readonly wire: Wire; readonly credentials: Credentials }> {
  const { key, secret } = await stage.makeKey(options);
  return { wire: makeWire(stage), credentials: { id: key.id, secret } };
}
