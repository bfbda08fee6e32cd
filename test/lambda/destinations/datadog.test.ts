import { describe, expect, it } from "vitest";
import { datadog, makeDatadog } from "../../../lambda/destinations/datadog.ts";
import type { DatadogEvent } from "../../../lambda/destinations/datadog-event.ts";
import { DATADOG_SITES } from "../../../lambda/destinations/datadog-sites.ts";
import {
  destinationContract,
  firstOf,
  type Limit,
  NO_DEADLINE,
  type Reply,
  summaryOf,
} from "../../contracts/destinations.ts";
import { httpDestinationContract, type HttpDestinationStage } from "../../contracts/http-destinations.ts";
import { httpStage, STAGE_NOW, stageSecret } from "../../contracts/http-stage.ts";
import { sampleAlert } from "../alerts/sample.ts";

const SECRET = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:datadog-AbCdEf";
const KEYS = ["0123456789abcdef-not-a-real-key", "fedcba9876543210-not-a-real-key"] as const;
const TAKEN: Reply = { status: 202, body: '{"status":"ok"}' };
const SETTINGS = { id: "datadog", site: "datadoghq.eu", secret: SECRET, tags: ["team:security"] } as const;

function stageOf(api: "events" | "logs", site: string = SETTINGS.site) {
  return (replies: readonly Reply[], keys: readonly string[] = [KEYS[0]]): HttpDestinationStage => {
    const stage = httpStage(replies);
    const secret = stageSecret(stage, keys, "apiKey", SECRET);
    return {
      ...stage,
      destination: makeDatadog({ ...SETTINGS, site, api }, secret, stage.ports),
      reads: secret.reads,
    };
  };
}

const HTTP = {
  taken: TAKEN,
  secrets: KEYS,
  refusal: { status: 403, body: '{"errors":["Forbidden"]}' },
  refusalHeals: true,
  takesWebPages: false,
} as const;

const eventOf = (body: string): DatadogEvent => JSON.parse(body) as DatadogEvent;
const saysCut = (text: string): boolean => /…$|more fields: the record|shortened to Datadog's/m.test(text);

const EVENT_LIMITS: readonly Limit[] = [
  {
    of: "the title's 100 characters",
    max: 100,
    measure: (body) => eventOf(body).title.length,
    grow: (padding) => firstOf(sampleAlert({}, { name: "x".repeat(padding + 1) })),
    saysCut: (body) => eventOf(body).title.endsWith("…"),
  },
  {
    of: "the text's 4,000 characters",
    max: 4000,
    measure: (body) => eventOf(body).text.length,
    // Each field is shown up to 300 characters.
    grow: (padding) => {
      const fields = Array.from({ length: 20 }, (_, at) =>
        "x".repeat(1 + Math.min(200, Math.max(0, padding - at * 200))),
      );
      return firstOf(
        sampleAlert({ requestParameters: { fields }, userIdentity: null, responseElements: null }),
      );
    },
    saysCut: (body) => saysCut(eventOf(body).text),
  },
];

function checkEvent(body: string): void {
  const event = eventOf(body);
  expect(event.title.length).toBeLessThanOrEqual(100);
  expect(event.text.length).toBeLessThanOrEqual(4000);
  expect(event.text.match(/%%%/g)).toHaveLength(2);
  expect(event.text).toMatch(/^%%%\n[^]*\n%%%$/);
  expect(event.text.match(/```/g)?.length ?? 0).toBeOneOf([0, 2]);
  expect(`${event.title}\n${event.text}`).not.toMatch(/(?<![A-Za-z0-9])@\S/);
  expect(event.aggregation_key).toMatch(/^[\x21-\x7e]{1,100}$/);
  expect(event.tags.length).toBeLessThanOrEqual(100);
  for (const tag of event.tags) expect(tag).toMatch(/^\p{L}[\p{L}\p{N}_\-:./]{0,199}$/u);
  expect(Number.isInteger(event.date_happened)).toBe(true);
}

type Log = {
  readonly ddtags: string;
  readonly date: string;
  readonly eventTime: string;
  readonly alert: { readonly notes?: readonly string[] };
};

function logOf(body: string): Log {
  const [log, ...others] = JSON.parse(body) as Log[];
  expect(others).toEqual([]);
  return log as Log;
}

/** What Datadog counts: the log itself. */
const logBytes = (body: string): number => Buffer.byteLength(body) - "[]".length;

function checkLog(body: string): void {
  const log = logOf(body);
  expect(logBytes(body)).toBeLessThanOrEqual(1_000_000);
  expect(log).toMatchObject({ ddsource: "cloudtrail", alert: { id: expect.any(String) as string } });
  expect(log.ddtags.split(",").length).toBeLessThanOrEqual(100);
  for (const date of [log.date, log.eventTime]) {
    expect(Date.parse(date)).toBeGreaterThan(STAGE_NOW - 18 * 3_600_000);
    expect(Date.parse(date)).toBeLessThanOrEqual(STAGE_NOW);
  }
}

describe("the Datadog destination by the Events API", () => {
  destinationContract({
    make: stageOf("events"),
    secret: KEYS[0],
    budget: 20_000,
    checkBody: checkEvent,
    limits: EVENT_LIMITS,
  });
  httpDestinationContract({ make: stageOf("events"), ...HTTP, recognisesCopies: true });

  it("posts to the Events API of its site with the key in a header, and the owner's tags", async () => {
    const { destination, requests, sent } = stageOf("events", "us5.datadoghq.com")([TAKEN]);
    await destination.deliver(firstOf(), NO_DEADLINE);
    expect(requests[0]?.url).toBe("https://api.us5.datadoghq.com/api/v1/events");
    expect(requests[0]?.headers.get("dd-api-key")).toBe(KEYS[0]);
    expect(eventOf(sent[0] ?? "").tags).toContain("team:security");
  });

  it("names its site and its secret when the key is refused", async () => {
    const { destination } = stageOf("events")([HTTP.refusal]);
    await expect(destination.deliver(firstOf(), NO_DEADLINE)).rejects.toThrow(
      `api.datadoghq.eu answered 403: {"errors":["Forbidden"]}; put a valid API key for datadoghq.eu into the secret ${SECRET}`,
    );
  });

  it("is told of repeats, which join the alert's thread in Datadog", async () => {
    const { destination, sent } = stageOf("events")([TAKEN]);
    expect(destination.updates).toBe(true);
    await destination.deliver(firstOf(), NO_DEADLINE);
    await destination.deliver(summaryOf(), NO_DEADLINE);
    const [first, summary] = sent.map((body) => eventOf(body));
    expect(summary?.aggregation_key).toBe(first?.aggregation_key);
    expect(summary?.title).toMatch(/ \(96 times\)$/);
  });
});

describe("the Datadog destination by the logs intake", () => {
  destinationContract({
    make: stageOf("logs"),
    secret: KEYS[0],
    budget: 20_000,
    checkBody: checkLog,
    limits: [
      {
        of: "a log's 1,000,000 bytes",
        max: 1_000_000,
        measure: logBytes,
        grow: (padding) => firstOf(sampleAlert({ responseElements: { big: "x".repeat(padding) } })),
        saysCut: (body) => logOf(body).alert.notes?.join().includes("shortened to fit") === true,
      },
    ],
  });
  httpDestinationContract({ make: stageOf("logs"), ...HTTP, recognisesCopies: false });

  it("posts a gzipped list of one log to the intake of its site", async () => {
    const { destination, requests, sent } = stageOf("logs", "ap1.datadoghq.com")([TAKEN]);
    await destination.deliver(firstOf(), NO_DEADLINE);
    expect(requests[0]?.url).toBe("https://http-intake.logs.ap1.datadoghq.com/api/v2/logs");
    expect(requests[0]?.headers.get("content-encoding")).toBe("gzip");
    expect(logOf(sent[0] ?? "").ddtags).toContain(",team:security,");
  });

  it("wants no repeats: each would be a log, and a signal, of its own", () => {
    expect(stageOf("logs")([]).destination.updates).toBe(false);
  });
});

describe("the Datadog destination's settings", () => {
  it.each([
    [{ site: "datadoghq.eu", secret: SECRET, tags: ["a:b"], api: "logs" }, []],
    [{ site: "datadoghq.com", secret: "ssm:/prod/datadog", endpoint: "http://127.0.0.1:8080" }, []],
    [{ site: "datadog.com", secret: SECRET }, ["site must be one of"]],
    [
      { site: 1, secret: "0123456789abcdef0123456789abcdef", tags: "a", api: "metrics", endpoint: "ftp://x" },
      ["site", "never the secret itself", "api must be one of events, logs", "tags", "endpoint"],
    ],
    [{ site: "datadoghq.eu", secret: SECRET, tags: ["two tags"] }, ["tags"]],
    [{}, ["site", "secret"]],
  ])("checks %j and reports every problem", (settings, problems) => {
    const found = datadog.check({ id: "datadog", type: "datadog", ...settings });
    expect(found).toHaveLength(problems.length);
    for (const [index, problem] of problems.entries()) expect(found[index]).toContain(problem);
    expect(found.join()).not.toContain("0123456789abcdef");
  });

  it("accepts every Datadog site, and needs no permission but to read its secret", () => {
    for (const site of DATADOG_SITES) {
      const settings = { id: "d", type: "datadog", site, secret: SECRET };
      expect(datadog.check(settings)).toEqual([]);
      expect(datadog.permissions(settings)).toEqual([]);
    }
  });

  it("sends to a local endpoint when it has one", async () => {
    const stage = httpStage([TAKEN]);
    for (const api of ["events", "logs"] as const) {
      const settings = { ...SETTINGS, api, endpoint: "http://127.0.0.1:8126" };
      await makeDatadog(settings, stageSecret(stage, KEYS, "apiKey"), stage.ports).deliver(
        firstOf(),
        NO_DEADLINE,
      );
    }
    expect(stage.requests.map(({ url }) => url)).toEqual([
      "http://127.0.0.1:8126/api/v1/events",
      "http://127.0.0.1:8126/api/v2/logs",
    ]);
  });
});
