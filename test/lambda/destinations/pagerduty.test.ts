import { describe, expect, it } from "vitest";
import { makePagerDuty, pagerduty } from "../../../lambda/destinations/pagerduty.ts";
import type { PagerDutyEvent } from "../../../lambda/destinations/pagerduty-event.ts";
import type { Alert } from "../../../lambda/alerts/alert-schema.ts";
import type { HistoryEntry } from "../../../lambda/cases/case-schema.ts";
import type { Notice } from "../../../lambda/destinations/destination.ts";
import {
  destinationContract,
  firstOf,
  NO_DEADLINE,
  type Reply,
  summaryOf,
} from "../../contracts/destinations.ts";
import { answersOf, CLOSED, closedOf, answersSaying } from "../../contracts/notices.ts";
import { httpDestinationContract, type HttpDestinationStage } from "../../contracts/http-destinations.ts";
import { httpStage, stageSecret } from "../../contracts/http-stage.ts";
import { sampleAlert } from "../alerts/sample.ts";

const KEYS = ["R0123456789ABCDEFGHIJKLMNOPQRSTU", "R0123456789ABCDEFGHIJKLMNOPQRSTV"] as const;
const TAKEN: Reply = { status: 202, body: '{"status":"success","message":"Event processed"}' };
const REFUSAL: Reply = {
  status: 400,
  body: '{"status":"invalid event","message":"Event object is invalid","errors":["Invalid routing key"]}',
};

type Sent = PagerDutyEvent & { readonly routing_key: string };
const sentOf = (body: string | undefined): Sent => JSON.parse(body ?? "") as Sent;

function stageOf(replies: readonly Reply[], keys: readonly string[] = [KEYS[0]]): HttpDestinationStage {
  const stage = httpStage(replies);
  const secret = stageSecret(stage, keys, "routingKey", "prod/pagerduty");
  const destination = makePagerDuty({ id: "pager", secret: "prod/pagerduty" }, secret, stage.ports);
  return { ...stage, destination, reads: secret.reads };
}

function check(body: string): void {
  const event = sentOf(body);
  expect(Buffer.byteLength(body)).toBeLessThanOrEqual(512_000);
  expect(event.routing_key).toMatch(/^\w{32}$/);
  expect(event.dedup_key).toMatch(/^[0-9a-f]{32}$/);
  expect(event.event_action).toBeOneOf(["trigger", "acknowledge", "resolve"]);
  const { summary, source, severity, timestamp } = event.payload;
  expect(summary.length).toBeLessThanOrEqual(1024);
  expect(summary).not.toMatch(/\p{Cc}/u);
  expect(source).not.toBe("");
  expect(severity).toBeOneOf(["critical", "error", "warning", "info"]);
  expect(new Date(timestamp).toISOString()).toBe(timestamp);
  for (const { href } of event.links) expect(new URL(href).protocol).toBe("https:");
}

describe("the PagerDuty destination", () => {
  destinationContract({
    make: stageOf,
    taken: TAKEN,
    secret: KEYS[0],
    budget: 20_000,
    checkBody: check,
    limits: [
      {
        of: "the summary's 1,024 characters",
        max: 1024,
        measure: (body) => sentOf(body).payload.summary.length,
        grow: (padding) => firstOf({ ...sampleAlert(), summary: "x".repeat(padding + 1) }),
        saysCut: (body) => sentOf(body).payload.summary.endsWith("…"),
      },
      {
        of: "an event's 512,000 bytes, 1,024 of them for the key",
        max: 512_000 - 1024,
        measure: (body) => Buffer.byteLength(body) - Buffer.byteLength(`"routing_key":"${KEYS[0]}",`),
        grow: (padding) => firstOf(sampleAlert({ responseElements: { big: "x".repeat(padding) } })),
        saysCut: (body) => body.includes("This message was shortened to fit"),
      },
    ],
  });
  httpDestinationContract({
    make: stageOf,
    taken: TAKEN,
    secrets: KEYS,
    refusal: REFUSAL,
    refusalHeals: true,
    takesWebPages: false,
    recognisesCopies: true,
  });

  it("triggers an incident that a phone can read aloud, with details and links", async () => {
    const { destination, sent, requests } = stageOf([TAKEN]);
    const alert = sampleAlert();
    await destination.deliver(firstOf(alert), NO_DEADLINE);
    expect(requests[0]?.url).toBe("https://events.pagerduty.com/v2/enqueue");
    expect(sentOf(sent[0])).toMatchObject({
      routing_key: KEYS[0],
      event_action: "trigger",
      dedup_key: alert.id,
      client: "CloudTrail Engine",
      client_url: alert.links.record,
      payload: {
        summary:
          "ec2.amazonaws.com: Security group opened to the internet: Admin/alice@example.com opened sg-0a1b2c3d to the internet",
        source: "123456789012 eu-west-1",
        severity: "error",
        timestamp: "2026-11-20T10:15:30.000Z",
        component: "ec2",
        class: "ec2.amazonaws.com/security-group-opened",
        custom_details: {
          Who: "alice@example.com as role Admin (AssumedRole, with MFA)",
          From: "192.0.2.10, in the console",
          "Why it fired": "Somebody allowed ingress from any address.",
          "What to do": "Ask the person, then revoke the rule.",
          record: alert.record,
        },
      },
    });
    expect(sentOf(sent[0]).links[0]).toEqual({ href: alert.links.record, text: "Record in CloudTrail" });
  });

  it("makes a link of no address that a caller wrote", async () => {
    const { destination, sent } = stageOf([TAKEN]);
    const hostile = "https://evil.example/x";
    const record = { userAgent: hostile, sourceIPAddress: hostile, requestParameters: { groupId: hostile } };
    await destination.deliver(firstOf(sampleAlert(record)), NO_DEADLINE);
    expect(JSON.stringify(sentOf(sent[0]).links)).not.toContain("evil.example");
    expect(sent[0]).not.toContain("https://evil");
  });

  it("shows the record as people may see it: nothing hidden, reordered or live, in keys either", async () => {
    const { destination, sent } = stageOf([TAKEN]);
    const bad = "a\u202egpj\r\nX: \\\\192.0.2.1\\share https://evil.example www.evil.example";
    const shown = "a\\u202egpj X: [\\\\]192.0.2.1\\share https[:]//evil.example www[.]evil.example";
    const requestParameters = { [bad]: [bad, 7, null, true], groupId: "sg-1" };
    await destination.deliver(firstOf(sampleAlert({ requestParameters })), NO_DEADLINE);
    expect(sentOf(sent[0]).payload.custom_details["record"]).toMatchObject({
      requestParameters: { [shown]: [shown, 7, null, true], groupId: "sg-1" },
    });
  });

  it("tells repeats and the summary to the same incident", async () => {
    const { destination, sent } = stageOf([TAKEN]);
    expect(destination.updates).toBe(true);
    for (const notice of [firstOf(), { ...summaryOf(), kind: "repeat" as const }, summaryOf()])
      await destination.deliver(notice, NO_DEADLINE);
    expect(new Set(sent.map((body) => sentOf(body).dedup_key)).size).toBe(1);
    expect(sentOf(sent[2]).payload.summary).toContain("(96 times)");
  });

  it.each([
    ["open", "trigger"],
    ["acknowledged", "acknowledge"],
    ["closed", "resolve"],
  ] as const)("does to the incident what was done to the alert: %s", async (status, action) => {
    const { destination, sent } = stageOf([TAKEN]);
    await destination.deliver(firstOf({ ...sampleAlert(), status }), NO_DEADLINE);
    expect(sentOf(sent[0]).event_action).toBe(action);
  });

  it("tells answers in the log of the incident, the news first, and changes nothing else of it", async () => {
    const { destination, sent } = stageOf([TAKEN]);
    await destination.deliver(answersOf(), NO_DEADLINE);
    const { event_action, dedup_key, payload } = sentOf(sent[0]);
    expect([event_action, dedup_key]).toEqual(["trigger", sampleAlert().id]);
    expect(payload.summary).toMatch(
      /^Has a new user been involved in the event in the last 60 days\? Yes: first seen today · /,
    );
    expect(payload.custom_details).toMatchObject({
      "Has a new user been involved in the event in the last 60 days?": "Yes: first seen today",
      "Have any of the users involved in the event used the Root account in the last 60 days?": "No",
    });
  });

  it.each<[Notice["kind"], HistoryEntry["to"], Alert["status"], string]>([
    ["status", "acknowledged", "acknowledged", "acknowledge"],
    ["status", "closed", "closed", "resolve"],
    ["status", "open", "open", "trigger"],
    ["status", undefined, "acknowledged", "trigger"],
    ["answers", undefined, "acknowledged", "trigger"],
    ["repeat", undefined, "acknowledged", "trigger"],
    ["summary", undefined, "acknowledged", "trigger"],
    // None of these may open an incident again that somebody closed.
    ["answers", undefined, "closed", "resolve"],
    ["repeat", undefined, "closed", "resolve"],
    ["summary", undefined, "closed", "resolve"],
    ["status", undefined, "closed", "resolve"],
  ])("tells %s to %s of an alert that is %s by %s", async (kind, to, status, action) => {
    const { destination, sent } = stageOf([TAKEN]);
    const { to: _, ...entry } = CLOSED;
    const change = to === undefined ? entry : { ...entry, to };
    await destination.deliver({ alert: { ...sampleAlert(), status }, kind, change }, NO_DEADLINE);
    expect(sentOf(sent[0]).event_action).toBe(action);
  });

  it("makes no link of an address in an answer or a comment", async () => {
    const { destination, sent } = stageOf([TAKEN]);
    const text = "https://evil.example/x";
    const answers = answersSaying(text);
    const notice = closedOf(sampleAlert(), { ...CLOSED, by: text, comment: text });
    for (const kind of ["answers", "status"] as const)
      await destination.deliver({ ...notice, kind, answers }, NO_DEADLINE);
    expect(sent.join()).not.toContain("https://evil");
    expect(sent.join()).toContain("https[:]//evil.example/x");
  });

  it("says who did what first when somebody did something", async () => {
    const { destination, sent } = stageOf([TAKEN]);
    await destination.deliver(closedOf(), NO_DEADLINE);
    const { summary, custom_details } = sentOf(sent[0]).payload;
    expect(summary).toMatch(/^Closed by mallory-o-hara as false positive: our own scanner · ec2/);
    expect(custom_details).toMatchObject({
      "Last change": "Closed by mallory-o-hara as false positive: our own scanner",
    });
  });

  it("opens the case from the incident, and else the record", async () => {
    const links = { ...sampleAlert().links, case: "https://security.example.com/alerts/1" };
    for (const [given, url] of [
      [links, links.case],
      [sampleAlert().links, sampleAlert().links.record],
    ] as const) {
      const { destination, sent } = stageOf([TAKEN]);
      await destination.deliver(firstOf({ ...sampleAlert(), links: given }), NO_DEADLINE);
      expect([sentOf(sent[0]).client_url, sentOf(sent[0]).links[0]?.href]).toEqual([url, url]);
    }
  });

  it.each([
    ["info", "info"],
    ["low", "info"],
    ["medium", "warning"],
    ["high", "error"],
    ["critical", "critical"],
  ] as const)("gives severity %s as %s", async (severity, expected) => {
    const { destination, sent } = stageOf([TAKEN]);
    await destination.deliver(firstOf(sampleAlert({}, { severity })), NO_DEADLINE);
    expect(sentOf(sent[0]).payload.severity).toBe(expected);
  });

  it("sends nothing with what is no routing key: it may be another secret", async () => {
    const { destination, requests } = stageOf([TAKEN], ["https://hooks.example/T0/secret-path"]);
    await expect(destination.deliver(firstOf(), NO_DEADLINE)).rejects.toMatchObject({
      retryable: true,
      message:
        "what is in the secret is no routing key, which has 32 letters and digits; put a valid routing key into the secret prod/pagerduty",
    });
    expect(requests).toEqual([]);
  });

  it("takes any other 400 for a mistake in the event, for good", async () => {
    const body = '{"status":"invalid event","errors":["\'payload.summary\' is missing or blank"]}';
    const { destination } = stageOf([{ status: 400, body }]);
    await expect(destination.deliver(firstOf(), NO_DEADLINE)).rejects.toMatchObject({
      retryable: false,
      secretRefused: false,
    });
  });

  it("posts to the European service when the account is there, and to the endpoint of a local run", async () => {
    const stage = httpStage([TAKEN]);
    for (const changes of [{ region: "eu" }, { endpoint: "http://127.0.0.1:9000" }] as const) {
      const secret = stageSecret(stage, KEYS, "routingKey");
      await makePagerDuty({ id: "p", secret: "s", ...changes }, secret, stage.ports).deliver(
        firstOf(),
        NO_DEADLINE,
      );
    }
    expect(stage.requests.map(({ url }) => url)).toEqual([
      "https://events.eu.pagerduty.com/v2/enqueue",
      "http://127.0.0.1:9000/v2/enqueue",
    ]);
  });

  it.each([
    [{ secret: "prod/pagerduty", region: "eu" }, []],
    [{ secret: "ssm:/prod/pagerduty" }, []],
    [{ secret: KEYS[0] }, ["never the secret itself"]],
    [{ region: "asia" }, ["secret is missing", "region must be one of us, eu"]],
  ])("checks the settings %j", (settings, problems) => {
    const found = pagerduty.check({ id: "p", type: "pagerduty", ...settings });
    expect(found).toHaveLength(problems.length);
    for (const [index, problem] of problems.entries()) expect(found[index]).toContain(problem);
    expect(found.join()).not.toContain(KEYS[0]);
  });
});
