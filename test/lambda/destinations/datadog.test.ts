import { describe, expect, it } from "vitest";
import { datadog, makeDatadog } from "../../../lambda/destinations/datadog.ts";
import type { DatadogEvent } from "../../../lambda/destinations/datadog-event.ts";
import { DATADOG_SITES } from "../../../lambda/destinations/datadog-sites.ts";
import type { HttpOptions, HttpPorts } from "../../../lambda/destinations/http.ts";
import { secretKey } from "../../../lambda/destinations/secrets.ts";
import { destinationContract, NO_DEADLINE, type Reply, type Stage } from "../../contracts/destinations.ts";
import { sampleAlert } from "../alerts/sample.ts";

const SECRET = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:datadog-AbCdEf";
const KEY = "0123456789abcdef-not-a-real-key";
const OK: Reply = { status: 202, body: '{"status":"ok"}' };
const NOW = Date.parse("2026-11-20T10:20:00Z");

type Request = { readonly url: string; readonly key: string | null; readonly options: HttpOptions };

/** Datadog by script, with a clock that only sleeping and timing out move. */
function datadogStage(replies: readonly Reply[], keys: readonly string[] = [KEY], site = "datadoghq.eu") {
  const sent: string[] = [];
  const requests: Request[] = [];
  const pauses: number[] = [];
  let clock = NOW;
  let reads = 0;
  const ports: HttpPorts = {
    now: () => clock,
    random: () => 0.5,
    sleep: async (milliseconds) => {
      pauses.push(milliseconds);
      clock += milliseconds;
    },
    timeout: (milliseconds) => {
      const controller = new AbortController();
      Object.assign(controller.signal, { milliseconds });
      return controller.signal;
    },
    fetch: async (url, options) => {
      const reply = replies[Math.min(requests.length, replies.length - 1)] ?? OK;
      requests.push({ url, key: new Headers(options.headers).get("dd-api-key"), options });
      if (reply === "refuse")
        throw new TypeError("fetch failed", {
          cause: Object.assign(new Error("no"), { code: "ECONNREFUSED" }),
        });
      sent.push(options.body);
      if (reply === "hang") {
        clock += (options.signal as unknown as { milliseconds: number }).milliseconds;
        throw new DOMException("The operation timed out.", "TimeoutError");
      }
      return new Response(reply.body ?? "", { status: reply.status, headers: reply.headers ?? {} });
    },
  };
  const fetchSecret = async (): Promise<string | undefined> => keys[Math.min(reads++, keys.length - 1)];
  const destination = makeDatadog(
    { id: "datadog", site, apiKeySecret: SECRET, tags: ["team:security"] },
    secretKey(SECRET, "datadog", fetchSecret, ports.now),
    ports,
  );
  return {
    destination,
    sent,
    requests,
    pauses,
    now: () => clock,
    wait: (milliseconds: number) => (clock += milliseconds),
    reads: () => reads,
  };
}

function check(body: string): void {
  const event = JSON.parse(body) as DatadogEvent;
  expect(event.title.length).toBeLessThanOrEqual(100);
  expect(event.text.length).toBeLessThanOrEqual(4000);
  expect(event.text.match(/%%%/g)).toHaveLength(2);
  expect(event.text).toMatch(/^%%%\n[^]*\n%%%$/);
  expect(event.text.match(/```/g)?.length ?? 0).toBeOneOf([0, 2]);
  expect(`${event.title}\n${event.text}`).not.toMatch(/(?<![A-Za-z0-9])@\S/);
  expect(event.aggregation_key).toMatch(/^[\x21-\x7e]{1,100}$/);
  for (const tag of event.tags) expect(tag).toMatch(/^\p{L}[\p{L}\p{N}_\-:./]{0,199}$/u);
  expect(Number.isInteger(event.date_happened)).toBe(true);
}

describe("the Datadog destination", () => {
  destinationContract({
    make: (replies): Stage => datadogStage(replies),
    secret: KEY,
    budget: 20_000,
    checkBody: check,
  });

  it("posts to the Events API of its site with the key in a header, follows no redirect and times out", async () => {
    const { destination, requests } = datadogStage([OK], [KEY], "us5.datadoghq.com");
    await destination.deliver(sampleAlert(), NO_DEADLINE);
    expect(requests[0]).toMatchObject({ url: "https://api.us5.datadoghq.com/api/v1/events", key: KEY });
    expect(requests[0]?.options).toMatchObject({
      method: "POST",
      redirect: "error",
      signal: { milliseconds: 5000 },
    });
  });

  it("adds the owner's tags", async () => {
    const { destination, sent } = datadogStage([OK]);
    await destination.deliver(sampleAlert(), NO_DEADLINE);
    expect((JSON.parse(sent[0] ?? "") as DatadogEvent).tags).toContain("team:security");
  });

  it("reads the key once for many deliveries", async () => {
    const { destination, reads } = datadogStage([OK]);
    await Promise.all([
      destination.deliver(sampleAlert(), NO_DEADLINE),
      destination.deliver(sampleAlert(), NO_DEADLINE),
    ]);
    await destination.deliver(sampleAlert(), NO_DEADLINE);
    expect(reads()).toBe(1);
  });

  it.each([401, 403])(
    "reads a key that was refused with %i again and delivers with the new one",
    async (status) => {
      const { destination, requests } = datadogStage([{ status }, OK], ["old-key", "new-key"]);
      await destination.deliver(sampleAlert(), NO_DEADLINE);
      expect(requests.map(({ key }) => key)).toEqual(["old-key", "new-key"]);
    },
  );

  it("does not send again with a key that has not changed, and names the cure", async () => {
    const { destination, requests, reads } = datadogStage([
      { status: 403, body: '{"errors":["Forbidden"]}' },
    ]);
    await expect(destination.deliver(sampleAlert(), NO_DEADLINE)).rejects.toMatchObject({
      retryable: true,
      status: 403,
      message: `api.datadoghq.eu answered 403: {"errors":["Forbidden"]}; put a valid API key for datadoghq.eu into the secret ${SECRET}`,
    });
    expect([requests.length, reads()]).toEqual([1, 2]);
  });

  it("tries one renewed key and no more", async () => {
    const { destination, requests } = datadogStage([{ status: 403 }], ["a", "b", "c"]);
    await expect(destination.deliver(sampleAlert(), NO_DEADLINE)).rejects.toMatchObject({ status: 403 });
    expect(requests.map(({ key }) => key)).toEqual(["a", "b"]);
  });

  it("still heals when the key is rotated long after it was first refused", async () => {
    const { destination, wait } = datadogStage([{ status: 403 }, { status: 403 }, OK], ["old", "old", "new"]);
    await expect(destination.deliver(sampleAlert(), NO_DEADLINE)).rejects.toMatchObject({ status: 403 });
    wait(300_000);
    await expect(destination.deliver(sampleAlert(), NO_DEADLINE)).resolves.toBeUndefined();
  });

  it("reads a key that stays refused once in five minutes, however many deliveries it is refused", async () => {
    const { destination, wait, reads } = datadogStage([{ status: 403 }]);
    for (let delivery = 0; delivery < 10; delivery++) {
      await expect(destination.deliver(sampleAlert(), NO_DEADLINE)).rejects.toMatchObject({ status: 403 });
      wait(30_000);
    }
    expect(reads()).toBe(2);
    await expect(destination.deliver(sampleAlert(), NO_DEADLINE)).rejects.toMatchObject({ status: 403 });
    expect(reads()).toBe(3);
  });

  it("sends nothing after the deadline, with a renewed key either", async () => {
    const { destination, requests } = datadogStage([{ status: 403 }, "hang"], ["old", "new"]);
    await expect(destination.deliver(sampleAlert(), NOW + 2_000)).rejects.toMatchObject({ retryable: true });
    expect(requests.map(({ options }) => options.signal)).toMatchObject([
      { milliseconds: 2_000 },
      { milliseconds: 2_000 },
    ]);
  });

  it.each([
    ["Retry-After in seconds", { "retry-after": "3" }, 3000],
    ["Retry-After as a date", { "retry-after": "Fri, 20 Nov 2026 10:20:04 GMT" }, 4000],
    ["the rate limit's reset", { "x-ratelimit-reset": "7" }, 7000],
    ["nothing", {}, 187.5],
    ["nonsense", { "retry-after": "soon" }, 187.5],
    ["a negative pause", { "retry-after": "-5" }, 187.5],
  ])("waits as long as the other side asks: %s", async (_, headers, pause) => {
    const { destination, pauses } = datadogStage([{ status: 429, headers }, OK]);
    await destination.deliver(sampleAlert(), NO_DEADLINE);
    expect(pauses).toEqual([pause]);
  });

  it("gives up at once when the other side asks for more than there is", async () => {
    const { destination, pauses, requests } = datadogStage([
      { status: 429, headers: { "retry-after": "3600" } },
    ]);
    await expect(destination.deliver(sampleAlert(), NO_DEADLINE)).rejects.toMatchObject({
      retryable: true,
      status: 429,
    });
    expect([pauses.length, requests.length]).toEqual([0, 1]);
  });

  it("doubles its pauses with jitter, and delivers when the other side recovers", async () => {
    const { destination, pauses } = datadogStage(["refuse", { status: 503 }, { status: 500 }, "hang", OK]);
    await destination.deliver(sampleAlert(), NO_DEADLINE);
    expect(pauses).toEqual([187.5, 375, 750, 1500]);
  });

  it("says why the network failed", async () => {
    const { destination } = datadogStage(["refuse"]);
    await expect(destination.deliver(sampleAlert(), NO_DEADLINE)).rejects.toThrow(
      "api.datadoghq.eu could not be reached: ECONNREFUSED",
    );
  });

  it.each([
    [{ site: "datadoghq.eu", apiKeySecret: SECRET, tags: ["a:b"] }, []],
    [{ site: "datadoghq.com", apiKeySecret: "prod/datadog", endpoint: "http://127.0.0.1:8080" }, []],
    [{ site: "datadog.com", apiKeySecret: SECRET }, ["site must be one of"]],
    [
      { site: 1, apiKeySecret: "0123456789abcdef0123456789abcdef", tags: "a", endpoint: "ftp://x" },
      ["endpoint", "site", "never the key", "tags"],
    ],
    [{}, ["site", "apiKeySecret"]],
  ])("checks the settings %j and reports every problem", (settings, problems) => {
    const found = datadog.check({ id: "datadog", type: "datadog", ...settings });
    expect(found).toHaveLength(problems.length);
    for (const [index, problem] of problems.entries()) expect(found[index]).toContain(problem);
    expect(found.join()).not.toContain("0123456789abcdef");
  });

  it("accepts every Datadog site", () => {
    for (const site of DATADOG_SITES) {
      expect(datadog.check({ id: "d", type: "datadog", site, apiKeySecret: SECRET })).toEqual([]);
    }
  });

  it("sends to a local endpoint when it has one", async () => {
    const destination = datadog.make({
      id: "d",
      type: "datadog",
      site: "datadoghq.eu",
      apiKeySecret: SECRET,
    });
    expect(destination).toMatchObject({ id: "d", type: "datadog" });
    const urls: string[] = [];
    const ports: HttpPorts = {
      now: () => NOW,
      random: () => 0,
      sleep: async () => undefined,
      timeout: () => new AbortController().signal,
      fetch: async (url) => {
        urls.push(url);
        return new Response("{}", { status: 202 });
      },
    };
    const settings = {
      id: "d",
      site: "datadoghq.eu",
      apiKeySecret: SECRET,
      endpoint: "http://127.0.0.1:8126",
    };
    await makeDatadog(
      settings,
      secretKey(SECRET, "d", async () => KEY),
      ports,
    ).deliver(sampleAlert(), NO_DEADLINE);
    expect(urls).toEqual(["http://127.0.0.1:8126/api/v1/events"]);
  });
});
