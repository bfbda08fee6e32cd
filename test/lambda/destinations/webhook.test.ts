import { createHmac } from "node:crypto";
import { describe, expect, it } from "vitest";
import { toldAlertSchema } from "../../../lambda/cases/told-alert.ts";
import { makeWebhook, webhook } from "../../../lambda/destinations/webhook.ts";
import {
  destinationContract,
  firstOf,
  NO_DEADLINE,
  type Reply,
  summaryOf,
} from "../../contracts/destinations.ts";
import { httpDestinationContract, type HttpDestinationStage } from "../../contracts/http-destinations.ts";
import { httpStage, STAGE_NOW, stageSecret } from "../../contracts/http-stage.ts";
import { sampleAlert } from "../alerts/sample.ts";

const ADDRESSES = [
  "https://hooks.example.com/in/0a1b2c3d4e5f?token=first-token",
  "https://hooks.example.com/in/5f4e3d2c1b0a?token=other-token",
] as const;
const SIGNING_KEY = "signing-key-0123456789";
const TAKEN: Reply = { status: 200, body: "ok" };

function stageOf(
  replies: readonly Reply[],
  addresses: readonly string[] = [ADDRESSES[0]],
  signingKeys: readonly string[] | undefined = [SIGNING_KEY],
): HttpDestinationStage {
  const stage = httpStage(replies);
  const address = stageSecret(stage, addresses, "url", "prod/hook");
  const signingKey = stageSecret(stage, signingKeys, "signingKey", "prod/hook-key");
  const given = { id: "hook", secret: "prod/hook", signingSecret: "prod/hook-key" };
  const destination = makeWebhook(given, { address, signingKey }, stage.ports);
  return { ...stage, destination, reads: address.reads };
}

const check = (body: string): void => {
  expect(Buffer.byteLength(body)).toBeLessThanOrEqual(262_144);
  expect(toldAlertSchema.safeParse(JSON.parse(body)).error).toBeUndefined();
};

async function failureOf({ destination }: HttpDestinationStage): Promise<Error> {
  return await destination.deliver(firstOf(), NO_DEADLINE).then(
    () => new Error("it was delivered"),
    (error: unknown) => error as Error,
  );
}

describe("the webhook destination", () => {
  destinationContract({
    make: stageOf,
    taken: TAKEN,
    secret: ADDRESSES[0],
    budget: 20_000,
    checkBody: check,
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
  httpDestinationContract({
    make: stageOf,
    taken: TAKEN,
    secrets: ADDRESSES,
    refusal: { status: 410, body: "gone" },
    refusalHeals: false,
    takesWebPages: true,
    recognisesCopies: true,
  });

  it("posts the alert document to the address in its secret", async () => {
    const { destination, requests } = stageOf([TAKEN]);
    const alert = sampleAlert();
    await destination.deliver(firstOf(alert), NO_DEADLINE);
    expect(requests[0]?.url).toBe(ADDRESSES[0]);
    expect(JSON.parse(requests[0]?.body ?? "")).toEqual(alert);
    expect(requests[0]?.headers.get("content-type")).toBe("application/json");
  });

  it("signs the time and the body, so that a receiver can check both", async () => {
    const { destination, requests } = stageOf([TAKEN]);
    await destination.deliver(firstOf(), NO_DEADLINE);
    const { headers, body } = requests[0] ?? { headers: new Headers(), body: "" };
    const [, time, signature] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(
      headers.get("x-cloudtrail-engine-signature") ?? "",
    ) ?? ["", "", ""];
    expect(Number(time)).toBe(STAGE_NOW / 1000);
    expect(signature).toBe(createHmac("sha256", SIGNING_KEY).update(`${time}.${body}`).digest("hex"));
  });

  it("gives each notice an id that stays the same however often it is sent", async () => {
    const { destination, requests } = stageOf([{ status: 503 }, TAKEN]);
    expect(destination.updates).toBe(false);
    await destination.deliver(firstOf(), NO_DEADLINE);
    await destination.deliver(summaryOf(), NO_DEADLINE);
    const { id } = sampleAlert();
    expect(requests.map(({ headers }) => headers.get("x-cloudtrail-engine-id"))).toEqual([
      id,
      id,
      `${id}-summary-96`,
    ]);
    expect(requests.map(({ headers }) => headers.get("x-cloudtrail-engine-notice"))).toEqual([
      "first",
      "first",
      "summary",
    ]);
  });

  it("sends no signature when there is no key", async () => {
    const stage = httpStage([TAKEN]);
    const address = stageSecret(stage, ADDRESSES, "url");
    const destination = makeWebhook(
      { id: "h", secret: "s" },
      { address, signingKey: undefined },
      stage.ports,
    );
    await destination.deliver(firstOf(), NO_DEADLINE);
    expect(stage.requests[0]?.headers.has("x-cloudtrail-engine-signature")).toBe(false);
  });

  it("reads a rotated signing key again when its signature is refused", async () => {
    const stage = stageOf([{ status: 401 }, TAKEN], [ADDRESSES[0]], ["old-key", "new-key"]);
    await stage.destination.deliver(firstOf(), NO_DEADLINE);
    const { headers, body } = stage.requests[1] ?? { headers: new Headers(), body: "" };
    const signed = createHmac("sha256", "new-key")
      .update(`${STAGE_NOW / 1000}.${body}`)
      .digest("hex");
    expect(headers.get("x-cloudtrail-engine-signature")).toContain(signed);
  });

  it("hopes that a refused signature is mended, and names both secrets", async () => {
    const error = await failureOf(stageOf([{ status: 401, body: "bad signature" }]));
    expect(error).toMatchObject({ retryable: true });
    expect(error.message).toBe(
      "the webhook answered 401: bad signature; put an address and a signing key that the receiver takes into the secret prod/hook or prod/hook-key",
    );
  });

  it.each([404, 410])("gives up for good when nobody is at the address (%i)", async (status) => {
    const error = await failureOf(stageOf([{ status, body: "no such hook" }]));
    expect(error).toMatchObject({ retryable: false, status });
    expect(error.message).toContain("nobody is at the address");
  });

  it("sends less to a receiver that calls the whole too large", async () => {
    const stage = stageOf([{ status: 413 }, TAKEN]);
    const alert = sampleAlert({ responseElements: { big: "x".repeat(100_000) } });
    await stage.destination.deliver(firstOf(alert), NO_DEADLINE);
    expect(stage.sent.map((body) => Buffer.byteLength(body) > 65_536)).toEqual([true, false]);
    expect(stage.sent[1]).toContain("This message was shortened to fit");
    const { destination, sent } = stageOf([{ status: 413 }]);
    await expect(destination.deliver(firstOf(), NO_DEADLINE)).rejects.toMatchObject({ retryable: false });
    expect(sent).toHaveLength(1);
  });

  it("puts no part of its address into an error, whoever quotes it", async () => {
    const echo = "no route /in/0a1b2c3d4e5f?token=first-token, token first-token, key signing-key-0123456789";
    for (const reply of [
      { status: 400, body: echo },
      { status: 502, body: encodeURIComponent(ADDRESSES[0]) },
      { status: 301, headers: { location: ADDRESSES[0] } },
      { error: ADDRESSES[0] },
    ]) {
      const { message } = await failureOf(stageOf([reply]));
      expect(message).not.toMatch(/0a1b2c3d4e5f|first-token|signing-key/);
      expect(message).toContain("the webhook");
    }
  });

  it.each([
    ["http://hooks.example.com/x", "not https"],
    ["hooks.example.com", "no address"],
    ["https://user:pass@hooks.example.com/x", "user name or password"],
    ["https://127.0.0.1/x", "own machine"],
    ["https://localhost/x", "own machine"],
    ["https://api.localhost./x", "own machine"],
    ["https://169.254.169.254/latest/meta-data", "own machine"],
    ["https://0xa9fea9fe/", "own machine"],
    ["https://[::1]/x", "own machine"],
    ["https://[::ffff:169.254.169.254]/x", "own machine"],
    ["https://[fe80::1]/x", "own machine"],
    ["https://[fd00:ec2::254]/x", "own machine"],
  ])("posts nothing to %s, and says why without it", async (address, problem) => {
    const stage = stageOf([TAKEN], [address]);
    const error = await failureOf(stage);
    expect(error).toMatchObject({ retryable: true, secretRefused: true });
    expect(error.message).toContain(problem);
    expect(error.message).not.toContain(address);
    expect(stage.requests).toEqual([]);
  });

  it.each(["https://10.0.0.8/hook", "https://192.0.2.1:8443/x", "https://[2001:db8::1]/x"])(
    "posts to %s, which is the owner's business",
    async (address) => {
      const stage = stageOf([TAKEN], [address]);
      await stage.destination.deliver(firstOf(), NO_DEADLINE);
      expect(stage.requests).toHaveLength(1);
    },
  );

  it("posts to the endpoint of a local run and needs no secret for it", async () => {
    const stage = httpStage([TAKEN]);
    const given = { id: "h", secret: "prod/hook", endpoint: "http://127.0.0.1:9000/hook" };
    await makeWebhook(given, undefined, stage.ports).deliver(firstOf(), NO_DEADLINE);
    expect(stage.requests[0]?.url).toBe("http://127.0.0.1:9000/hook");
  });

  it.each([
    [{ secret: "prod/hook", signingSecret: "prod/hook" }, []],
    [{ secret: "prod/hook" }, []],
    [
      { secret: ADDRESSES[0], signingSecret: 7 },
      ["secret must be the name", "signingSecret must be the name"],
    ],
    [{}, ["secret is missing"]],
  ])("checks the settings %j", (settings, problems) => {
    const found = webhook.check({ id: "h", type: "webhook", ...settings });
    expect(found).toHaveLength(problems.length);
    for (const [index, problem] of problems.entries()) expect(found[index]).toContain(problem);
    expect(found.join()).not.toContain("first-token");
  });
});
