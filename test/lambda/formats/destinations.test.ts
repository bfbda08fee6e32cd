import { describe, expect, it } from "vitest";
import type { z } from "zod";
import { toldAlertSchema } from "../../../lambda/cases/told-alert.ts";
import { datadog, makeDatadog } from "../../../lambda/destinations/datadog.ts";
import type { Destination } from "../../../lambda/destinations/destination.ts";
import { eventbridge, makeEventBridge } from "../../../lambda/destinations/eventbridge.ts";
import { DESTINATION_TYPES } from "../../../lambda/destinations/registry.ts";
import { makeSns } from "../../../lambda/destinations/sns.ts";
import { makeWebhook, webhook } from "../../../lambda/destinations/webhook.ts";
import { FORMAT_NAMES, type FormatName } from "../../../lambda/formats/formats.ts";
import { destinationContract, firstOf, NO_DEADLINE } from "../../contracts/destinations.ts";
import { asffSchema } from "../../contracts/formats/asff-schema.ts";
import { ecsSchema } from "../../contracts/formats/ecs-schema.ts";
import { unnumberedLaceworkSchema } from "../../contracts/formats/lacework-schema.ts";
import { ocsfSchema } from "../../contracts/formats/ocsf-schema.ts";
import { httpStage, stageSecret } from "../../contracts/http-stage.ts";
import { sdkStage } from "../../contracts/sdk-stage.ts";
import { sampleAlert } from "../alerts/sample.ts";

const SCHEMAS: Readonly<Record<FormatName, z.ZodType>> = {
  alert: toldAlertSchema,
  ecs: ecsSchema,
  ocsf: ocsfSchema,
  asff: asffSchema,
  lacework: unnumberedLaceworkSchema,
};
const HUGE = sampleAlert({
  responseElements: { big: "é\u202e".repeat(150_000), more: ["x".repeat(200_000)] },
});
const TOPIC = "arn:aws:sns:eu-west-1:123456789012:alerts";
const BUS = "arn:aws:events:eu-west-1:123456789012:event-bus/alerts";

type Sent = { readonly document: unknown; readonly bytes: number; readonly limit: number };

async function webhookSends(alert: typeof HUGE, format?: FormatName): Promise<Sent> {
  const stage = httpStage([{ status: 200 }]);
  const address = stageSecret(stage, ["https://hooks.example.com/in"], "url", "hook");
  const settings = { id: "hook", secret: "hook", ...(format === undefined ? {} : { format }) };
  await makeWebhook(settings, { address, signingKey: undefined }, stage.ports).deliver(
    firstOf(alert),
    NO_DEADLINE,
  );
  const body = String(stage.sent[0]);
  return { document: JSON.parse(body), bytes: Buffer.byteLength(body), limit: 262_144 };
}

async function busSends(alert: typeof HUGE, format?: FormatName): Promise<Sent> {
  const { answer, sent } = sdkStage([{ status: 200 }]);
  const settings = { id: "bus", busArn: BUS, ...(format === undefined ? {} : { format }) };
  await makeEventBridge(settings, answer).deliver(firstOf(alert), NO_DEADLINE);
  const { Detail } = JSON.parse(String(sent[0])) as { Detail: string };
  return { document: JSON.parse(Detail), bytes: Buffer.byteLength(Detail), limit: 1_000_000 };
}

async function topicSends(alert: typeof HUGE, format?: FormatName): Promise<Sent> {
  let message = "";
  const settings = { id: "topic", topicArn: TOPIC, ...(format === undefined ? {} : { format }) };
  await makeSns(settings, async (input) => void (message = String(input.Message))).deliver(
    firstOf(alert),
    NO_DEADLINE,
  );
  return { document: JSON.parse(message), bytes: Buffer.byteLength(message), limit: 262_144 };
}

async function logSends(alert: typeof HUGE, format?: FormatName): Promise<Sent> {
  const stage = httpStage([{ status: 202 }]);
  const secret = stageSecret(stage, ["k".repeat(32)], "apiKey", "dd");
  const given = { id: "dd", site: "datadoghq.eu", secret: "dd", api: "logs" } as const;
  const settings = { ...given, ...(format === undefined ? {} : { format }) };
  await makeDatadog(settings, secret, stage.ports).deliver(firstOf(alert), NO_DEADLINE);
  const body = String(stage.sent[0]);
  const [log] = JSON.parse(body) as [Record<string, unknown>];
  return { document: log[format ?? "alert"], bytes: Buffer.byteLength(body) - 2, limit: 1_000_000 };
}

const SENDERS = [
  ["webhook", webhookSends],
  ["eventbridge", busSends],
  ["sns", topicSends],
] as const;

describe.each(SENDERS)("%s in a format", (_name, send) => {
  it.each(FORMAT_NAMES)(
    "sends %s by that format's own schema, a huge alert within the limit",
    async (format) => {
      for (const alert of [sampleAlert(), HUGE]) {
        const { document, bytes, limit } = await send(alert, format);
        expect(SCHEMAS[format].safeParse(document).error).toBeUndefined();
        expect(bytes).toBeLessThanOrEqual(limit);
      }
    },
  );

  it("sends the alert document unless told otherwise", async () => {
    expect((await send(sampleAlert())).document).toEqual((await send(sampleAlert(), "alert")).document);
  });
});

describe("a log for Datadog in a format", () => {
  it.each(["ecs", "ocsf", "asff", "lacework"] as const)(
    "holds %s under its name, not the alert",
    async (format) => {
      for (const alert of [sampleAlert(), HUGE]) {
        const { document, bytes, limit } = await logSends(alert, format);
        expect(SCHEMAS[format].safeParse(document).error).toBeUndefined();
        expect(bytes).toBeLessThanOrEqual(limit);
      }
    },
  );

  it("is refused of events, which have a shape of their own", () => {
    const settings = { id: "dd", type: "datadog", site: "datadoghq.eu", secret: "dd", format: "ecs" };
    expect(datadog.check(settings)).toEqual([expect.stringContaining("set api to logs")]);
    expect(datadog.check({ ...settings, api: "logs" })).toEqual([]);
  });
});

describe("the setting", () => {
  it.each([
    [webhook, { secret: "prod/hook" }],
    [eventbridge, { busArn: BUS }],
  ])("names the formats there are", (type, settings) => {
    const problems = type.check({ id: "x", type: "x", ...settings, format: "xml" });
    expect(problems).toEqual(['format must be one of alert, ecs, ocsf, asff, lacework, got "xml"']);
  });

  it("is no setting of media with a shape of their own", () => {
    for (const name of ["slack", "teams", "pagerduty", "ses", "security-hub"])
      expect(DESTINATION_TYPES.get(name)?.settings).not.toHaveProperty("format");
  });
});

function checkBody(body: string): void {
  expect(Buffer.byteLength(body)).toBeLessThanOrEqual(262_144);
  expect(ocsfSchema.safeParse(JSON.parse(body)).error).toBeUndefined();
}

/** The whole contract once more, in the format that carries the record as text inside its JSON. */
describe("the webhook destination in OCSF", () => {
  destinationContract({
    make: (replies) => {
      const stage = httpStage(replies);
      const address = stageSecret(stage, ["https://hooks.example.com/in"], "url", "hook");
      const given = { id: "hook", secret: "hook", format: "ocsf" } as const;
      const destination: Destination = makeWebhook(given, { address, signingKey: undefined }, stage.ports);
      return { ...stage, destination };
    },
    taken: { status: 200, body: "ok" },
    secret: "https://hooks.example.com/in",
    budget: 20_000,
    checkBody,
    limits: [
      {
        of: "a body's 262,144 bytes",
        max: 262_144,
        measure: (body) => Buffer.byteLength(body),
        grow: (padding) => firstOf(sampleAlert({ responseElements: { big: "x".repeat(padding) } })),
        saysCut: (body) => body.includes("This message was shortened to fit"),
      },
    ],
  });
});
