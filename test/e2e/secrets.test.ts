/**
 * One canary in every secret of every destination, and a search through all that the product makes and says: what is
 * synthesised and deployed, logs, errors with their causes, items of the table, redeliveries and dead letters, against
 * other sides that quote what they were sent in every disguise, and a secret store that answers nonsense.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { App } from "aws-cdk-lib";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { deliverAlerts } from "../../lambda/delivery/deliver-alerts.ts";
import { makeDatadog } from "../../lambda/destinations/datadog.ts";
import type { Destination } from "../../lambda/destinations/destination.ts";
import type { HttpPorts } from "../../lambda/destinations/http.ts";
import { makePagerDuty } from "../../lambda/destinations/pagerduty.ts";
import { DESTINATION_TYPES } from "../../lambda/destinations/registry.ts";
import type { SecretField } from "../../lambda/destinations/secret-value.ts";
import { openSecret, type Secret } from "../../lambda/destinations/secrets.ts";
import { makeSlack } from "../../lambda/destinations/slack.ts";
import { makeTeams } from "../../lambda/destinations/teams.ts";
import { makeWebhook } from "../../lambda/destinations/webhook.ts";
import { readConfig } from "../../lib/config.ts";
import { EngineStack } from "../../lib/engine-stack.ts";
import { sampleAlert } from "../lambda/alerts/sample.ts";
import { makeStage } from "../lambda/delivery/stage.ts";
import { NO_BUNDLING, ONE_RULE } from "../lib/synthesise.ts";

const CANARIES = {
  "slack.secret": "https://hooks.slack.com/services/T0CNRYSLK1/B0CNRYSLK2/CnRySlk3qW8eR7tY6uI5",
  "slack.secret as bot": "xoxb-7301946582-CnRyBot4zX9cV8bN7mK6",
  "teams.secret": "https://prod-1.logic.example/workflows/CnRyTms5aa11/x?sig=CnRyTms6-pO0iU9_yT8",
  "pagerduty.secret": "CnRyPgd7lK3jH4gF5dS6aP7oI8uY9tRe",
  "datadog.secret": "CnRyDtd8-5fa0c1b2d3e4f5a6b7c8d9e0",
  "webhook.secret": "https://alerts.example/CnRyHok9/wE4rT5yU6iO7?key=CnRyHok0pL9kJ8hG7f",
  "webhook.signingSecret": "CnRySig1/mN2bV3cX4zL5kJ6hG7fD8s+A9",
} as const;
type Planted = keyof typeof CANARIES;

/** What only a secret has: its parts without the words and hosts that everybody knows. */
const MARKS = Object.values(CANARIES)
  .flatMap((value) => [value, Buffer.from(value).toString("base64")])
  .flatMap((value) => value.split(/[/?=&:]|xoxb-/))
  .filter((part) => part.length >= 10 && /[A-Z]/.test(part) && /\d/.test(part))
  .flatMap((part) =>
    Array.from({ length: part.length - 7 }, (_, at) => part.slice(at, at + 8).toLowerCase()),
  );

/** The marks that a text holds, seen through case, escapes and hidden characters. */
function leaksIn(text: string): string[] {
  const plain = text
    .toLowerCase()
    .replace(/\\+u200b|\u200b/g, "")
    .replace(/\\+u([0-9a-f]{4})|%([0-9a-f]{2})/g, (_, u: string | undefined, p: string | undefined) =>
      String.fromCodePoint(Number.parseInt(u ?? p ?? "", 16)),
    );
  return MARKS.filter((mark) => plain.includes(mark));
}

function filesBelow(directory: string): string[] {
  return readdirSync(directory, { recursive: true, encoding: "utf8" })
    .map((name) => join(directory, name))
    .filter((path) => statSync(path).isFile());
}

const DISGUISES: readonly (readonly [string, (sent: string) => string])[] = [
  ["as it is", (sent) => sent],
  ["as JSON", (sent) => JSON.stringify({ error: sent })],
  ["cut short", (sent) => `bad key ${sent.slice(0, Math.ceil(sent.length * 0.6))}***`],
  ["without its beginning", (sent) => `bad key …${sent.slice(7)}`],
  ["in lower case", (sent) => sent.toLowerCase()],
  ["in upper case", (sent) => sent.toUpperCase()],
  ["in Base64, off by two", (sent) => Buffer.from(`x:${sent}`).toString("base64")],
  ["percent-encoded", (sent) => sent.replace(/[^a-z\d]/gi, (one) => `%${one.codePointAt(0)?.toString(16)}`)],
  ["encoded twice", (sent) => sent.replace(/[^a-z\d]/gi, (one) => `%25${one.codePointAt(0)?.toString(16)}`)],
  ["with escapes", (sent) => sent.replaceAll("-", String.raw`\u002d`).replaceAll("/", String.raw`\/`)],
  ["as HTML", (sent) => sent.replaceAll("&", "&amp;").replaceAll("/", "&#47;").replaceAll("=", "&#x3d;")],
  ["with a character that nobody sees", (sent) => `${sent.slice(0, -6)}\u200b${sent.slice(-6)}`],
];

/** What every destination is made with, and what each of them sent. */
function plant(echo: (sent: string) => Response, ports: Pick<HttpPorts, "now" | "sleep">) {
  const carried = new Set<Planted>();
  const portsFor = (...planted: readonly Planted[]): HttpPorts => ({
    ...ports,
    random: () => 0.5,
    timeout: () => new AbortController().signal,
    fetch: async (url, { headers, body }) => {
      const sent = [url, ...Object.values(headers), Buffer.from(body).toString()].join(" ");
      for (const one of planted) if (sent.includes(CANARIES[one])) carried.add(one);
      return echo(planted.map((one) => CANARIES[one]).join(" "));
    },
  });
  const secret = (planted: Planted, field: SecretField): Secret =>
    openSecret("prod/planted", planted, field, async () => CANARIES[planted], ports.now);
  const given = { secret: "prod/planted" };
  const destinations: readonly Destination[] = [
    makeSlack({ id: "slack", ...given }, secret("slack.secret", "url"), portsFor("slack.secret")),
    makeSlack(
      { id: "bot", ...given, api: "bot", channel: "C0123456789" },
      secret("slack.secret as bot", "token"),
      portsFor("slack.secret as bot"),
    ),
    makeTeams({ id: "teams", ...given }, secret("teams.secret", "url"), portsFor("teams.secret")),
    makePagerDuty(
      { id: "pager", ...given },
      secret("pagerduty.secret", "routingKey"),
      portsFor("pagerduty.secret"),
    ),
    makeDatadog(
      { id: "datadog", ...given, site: "datadoghq.eu" },
      secret("datadog.secret", "apiKey"),
      portsFor("datadog.secret"),
    ),
    makeWebhook(
      { id: "webhook", ...given, signingSecret: "prod/signing" },
      {
        address: secret("webhook.secret", "url"),
        signingKey: secret("webhook.signingSecret", "signingKey"),
      },
      portsFor("webhook.secret", "webhook.signingSecret"),
    ),
  ];
  return { destinations, carried };
}

/** Delivers one alert to all, and gives everything that was written, logged and thrown. */
async function everythingSaid(status: number, disguise: (sent: string) => string) {
  const errors: string[] = [];
  const stage = makeStage([]);
  const { destinations, carried } = plant((sent) => new Response(disguise(sent), { status }), {
    now: () => stage.time.now(),
    sleep: (milliseconds) => stage.time.sleep(milliseconds),
  });
  const watched = destinations.map((one): Destination => {
    const { id, type, updates } = one;
    const deliver: Destination["deliver"] = (...args) =>
      one.deliver(...args).catch((error: unknown) => {
        errors.push(inspect(error, { depth: 20, showHidden: true, maxStringLength: Infinity }));
        throw error;
      });
    return { id, type, updates, deliver };
  });
  const ports = { ...stage.ports, destinations: new Map(watched.map((one) => [one.id, one])) };
  const alert = sampleAlert();
  const part = { alert, part: "first" as const, destinations: watched.map(({ id }) => id) };
  await stage.play(deliverAlerts([part], ports, stage.invocation()));
  const { lines, letters, queued, memory } = stage;
  return { said: JSON.stringify([errors, lines, letters, queued, memory.items()]), errors, carried };
}

// On virtual time nothing waits for a file: what a delivery loads has to be there.
beforeAll(async () => {
  await Promise.all([
    import("../../lambda/destinations/slack-blocks.ts"),
    import("../../lambda/destinations/teams-card.ts"),
    import("../../lambda/destinations/pagerduty-event.ts"),
    import("../../lambda/destinations/datadog-event.ts"),
  ]);
});

describe("a canary in every secret", () => {
  it("is planted in every setting that names one", () => {
    const settings = [...DESTINATION_TYPES].flatMap(([type, declared]) =>
      Object.entries(declared.settings)
        .filter(([, { kind }]) => kind === "secret")
        .map(([name]) => `${type}.${name}`),
    );
    expect(new Set(Object.keys(CANARIES).map((name) => name.split(" ")[0]))).toEqual(new Set(settings));
  });

  it("would be found: each is searched for, in every disguise", () => {
    for (const [name, value] of Object.entries(CANARIES)) {
      for (const [how, disguise] of DISGUISES.filter(([one]) => !/HTML|Base64|twice/.test(one)))
        expect([name, how, leaksIn(disguise(value)).length > 0]).toEqual([name, how, true]);
    }
    expect(leaksIn("https://hooks.slack.com answered 404: no_service")).toEqual([]);
  });

  it.each(DISGUISES)("is in nothing that is said of a delivery, quoted %s", async (_, disguise) => {
    for (const status of [200, 307, 400, 401, 403, 404, 500]) {
      const { said, errors, carried } = await everythingSaid(status, disguise);
      expect([status, leaksIn(said)]).toEqual([status, []]);
      expect(errors.length).toBeGreaterThanOrEqual(status === 200 ? 1 : 6);
      // The signing key only signs: it never leaves.
      expect(carried.size).toBe(Object.keys(CANARIES).length - 1);
      expect(said).toContain("secret");
    }
  });

  it("is in no error when the secret store answers nonsense", async () => {
    const { "datadog.secret": canary } = CANARIES;
    let answer = "";
    const server = createServer((_, response) => {
      response.writeHead(200, { "content-type": "application/x-amz-json-1.1" }).end(answer);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    for (const name of ["AWS_ENDPOINT_URL_SECRETS_MANAGER", "AWS_ENDPOINT_URL_SSM"]) vi.stubEnv(name, url);
    for (const name of ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"]) vi.stubEnv(name, "testing");
    vi.stubEnv("AWS_REGION", "eu-west-1");
    try {
      const answers = [canary, `{"SecretString":"${canary}`, `{"SecretString":${canary}}`, `<p>${canary}`];
      for (answer of [...answers, `{"Parameter":{"Type":"String","Value":"${canary}"}}`]) {
        for (const reference of ["prod/x", "ssm:/prod/x"]) {
          const error: unknown = await openSecret(reference, "d", "apiKey")
            .read()
            .catch((cause: unknown) => cause);
          expect(error).toMatchObject({ name: "DeliveryError", retryable: true });
          expect(leaksIn(inspect(error, { depth: 20, showHidden: true }))).toEqual([]);
        }
      }
    } finally {
      vi.unstubAllEnvs();
      server.close();
    }
  });

  it("is refused where the name of a secret belongs, with or without its scheme, and repeated nowhere", () => {
    const types = {
      slack: { secret: "" },
      teams: { secret: "" },
      pagerduty: { secret: "" },
      datadog: { secret: "", site: "datadoghq.eu" },
      webhook: { secret: "", signingSecret: "prod/signing" },
    } as const;
    for (const [name, value] of Object.entries(CANARIES)) {
      const [type = "", setting = ""] = name.split(" ")[0]?.split(".") ?? [];
      for (const pasted of [value, value.replace("https://", "")]) {
        const one = { type, ...types[type as keyof typeof types], secret: "prod/x", [setting]: pasted };
        const { problems } = readConfig({ destinations: { one } });
        expect([name, problems.length]).toEqual([name, 1]);
        expect([name, leaksIn(problems.join("\n"))]).toEqual([name, []]);
      }
    }
  });

  it("is repeated by no problem of any other setting that it was pasted into", () => {
    for (const [type, declared] of DESTINATION_TYPES) {
      for (const name of [...Object.keys(declared.settings), "endpoint"]) {
        for (const value of Object.values(CANARIES)) {
          for (const pasted of [value, [value]]) {
            const one = { type, [name]: pasted };
            const { problems } = readConfig({ destinations: { one } });
            const all = [...problems, ...declared.check({ id: "one", ...one })].join("\n");
            expect([type, name, leaksIn(all)]).toEqual([type, name, []]);
          }
        }
      }
    }
  });

  it("is in nothing that is synthesised, even where the environment holds it", () => {
    for (const [name, value] of Object.entries(CANARIES))
      vi.stubEnv(name.toUpperCase().replace(/\W/g, "_"), value);
    const outdir = mkdtempSync(join(tmpdir(), "engine-canary-"));
    try {
      const { config, problems } = readConfig({
        destinations: {
          slack: { type: "slack", secret: "prod/slack" },
          teams: { type: "teams", secret: "prod/teams" },
          pager: { type: "pagerduty", secret: "ssm:/prod/pagerduty" },
          datadog: { type: "datadog", site: "datadoghq.eu", secret: "prod/datadog" },
          webhook: { type: "webhook", secret: "prod/webhook", signingSecret: "prod/signing" },
        },
      });
      expect(problems).toEqual([]);
      const app = new App({ outdir, context: { ...NO_BUNDLING, "aws:cdk:bundling-stacks": ["**"] } });
      const ruleSet = { rules: ONE_RULE, conditions: {}, lists: {}, suppressions: [] };
      const env = { account: "123456789012", region: "us-east-1" };
      const { stackName } = new EngineStack(app, "CloudTrailEngine", { config, ruleSet, env });
      app.synth();
      const files = filesBelow(outdir);
      for (const name of [`${stackName}.template.json`, "tree.json", "config.json", "index.mjs"])
        expect(files.some((path) => path.endsWith(`/${name}`))).toBe(true);
      for (const path of files) expect([path, leaksIn(readFileSync(path, "utf8"))]).toEqual([path, []]);
    } finally {
      vi.unstubAllEnvs();
      rmSync(outdir, { recursive: true });
    }
  }, 60_000);
});
