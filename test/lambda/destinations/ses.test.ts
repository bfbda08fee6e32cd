import type { SendEmailCommandInput } from "@aws-sdk/client-sesv2";
import { afterEach, describe, expect, it } from "vitest";
import type { Alert } from "../../../lambda/alerts/alert-schema.ts";
import type { Destination } from "../../../lambda/destinations/destination.ts";
import { mailHtml } from "../../../lambda/destinations/mail-html.ts";
import { makeSes, ses } from "../../../lambda/destinations/ses.ts";
import {
  destinationContract,
  firstOf,
  type Limit,
  NO_DEADLINE,
  type Reply,
  type Stage,
  summaryOf,
} from "../../contracts/destinations.ts";
import { sdkError, sdkStage, type ServedAws, serveAws } from "../../contracts/sdk-stage.ts";
import { sampleAlert } from "../alerts/sample.ts";
import { checkMail, mailOf } from "./mail-rules.ts";

const SETTINGS = {
  id: "mail",
  type: "ses",
  from: "alerts@example.com",
  to: ["security@example.com", "on-call@example.org"],
} as const;

function stage(replies: readonly Reply[]): Stage {
  const { sent, answer } = sdkStage(replies);
  const destination = makeSes(SETTINGS, async (mail) => {
    const { MessageId } = (await answer(mail)) as { MessageId?: string };
    return MessageId;
  });
  return { destination, sent, now: () => Date.now() };
}

/** A record of so many short fields, and so many characters more, spread over them. */
function wideAlert(fields: number, padding: number): Alert {
  const each = Math.floor(padding / fields);
  const values = Array.from({ length: fields }, (_, at) => [
    `k${String(at).padStart(4, "0")}`,
    "x".repeat(1 + each + (at < padding % fields ? 1 : 0)),
  ]);
  return { ...sampleAlert(), record: Object.fromEntries(values) as Alert["record"] };
}

/** As many as leave about 1,500 bytes of the HTML to grow by: a field that grows by more than a few is written otherwise. */
const FIELDS = ((): number => {
  const [one = 0, two = 0] = [1, 2].map((fields) =>
    Buffer.byteLength(mailHtml(firstOf(wideAlert(fields, 0)))),
  );
  return Math.floor((98_500 - one) / (two - one));
})();

const LIMITS: readonly Limit[] = [
  {
    of: "the subject's 150 characters",
    max: 150,
    measure: (body) => mailOf(body).subject.length,
    grow: (padding) => firstOf(sampleAlert({}, { name: "x".repeat(padding + 1) })),
    saysCut: (body) => mailOf(body).subject.endsWith("…"),
  },
  {
    of: "the 100,000 bytes that Gmail shows",
    max: 100_000,
    measure: (body) => Buffer.byteLength(mailOf(body).html),
    grow: (padding) => firstOf(wideAlert(FIELDS, padding)),
    saysCut: (body) => /… \d+ more fields, which/.test(mailOf(body).html),
  },
];

async function inputOf(settings: object): Promise<SendEmailCommandInput> {
  const { answer, sent } = sdkStage([{ status: 200 }]);
  const destination = makeSes({ ...SETTINGS, ...settings }, async (mail) => {
    await answer(mail);
    return undefined;
  });
  await destination.deliver(firstOf(), NO_DEADLINE);
  return JSON.parse(sent[0] ?? "") as SendEmailCommandInput;
}

/** A destination that SES refuses in this way. */
function refused(name: string, message: string, status = 400): Destination {
  return makeSes(SETTINGS, () => Promise.reject(sdkError(name, message, status)));
}

const many = (count: number): string[] => Array.from({ length: count }, (_, at) => `a${at}@example.com`);

describe("the e-mail destination", () => {
  destinationContract({
    make: stage,
    taken: { status: 200, body: JSON.stringify({ MessageId: "<0102018f@eu-west-1.amazonses.com>" }) },
    budget: 10_000,
    checkBody: checkMail,
    limits: LIMITS,
  });

  it("sends one mail to all recipients, under the configuration set if there is one", async () => {
    expect(await inputOf({})).toMatchObject({
      FromEmailAddress: "alerts@example.com",
      Destination: { ToAddresses: ["security@example.com", "on-call@example.org"] },
    });
    expect(await inputOf({})).not.toHaveProperty("ConfigurationSetName");
    expect(await inputOf({ configurationSet: "alerts" })).toMatchObject({ ConfigurationSetName: "alerts" });
  });

  it("wants no repeats: a mail that was sent cannot be changed", () => {
    expect(stage([]).destination.updates).toBe(false);
  });

  it("makes a thread of an alert's mails, by the first one's receipt where it is known", async () => {
    const { destination, sent } = stage([
      { status: 200, body: '{"MessageId":"<m1@eu-west-1.amazonses.com>"}' },
    ]);
    const receipt = await destination.deliver(firstOf(), NO_DEADLINE);
    expect(receipt).toBe("<m1@eu-west-1.amazonses.com>");
    await destination.deliver({ ...summaryOf(), receipt: receipt ?? "" }, NO_DEADLINE);
    await destination.deliver(summaryOf(), NO_DEADLINE);
    const [first, summary, orphan] = sent.map((body) => mailOf(body));
    const root = `<${sampleAlert().id}.alert@example.com>`;
    expect(first?.headers).toEqual({
      References: root,
      "Auto-Submitted": "auto-generated",
      Importance: "high",
    });
    expect(summary?.headers).toMatchObject({
      References: `${root} <m1@eu-west-1.amazonses.com>`,
      "In-Reply-To": "<m1@eu-west-1.amazonses.com>",
    });
    expect(orphan?.headers).toMatchObject({ References: root, "In-Reply-To": root });
    expect(summary?.subject).toBe(`Re: ${first?.subject}`);
  });

  it("puts no receipt into a header that could break it", async () => {
    const { destination, sent } = stage([{ status: 200 }]);
    for (const receipt of ["<a>\r\nBcc: eve@example.com", "a@b", `<${"x".repeat(500)}>`, "<a> <b>"]) {
      await destination.deliver({ ...summaryOf(), receipt }, NO_DEADLINE);
    }
    const root = `<${sampleAlert().id}.alert@example.com>`;
    expect(sent.map((body) => mailOf(body).headers["In-Reply-To"])).toEqual([root, root, root, root]);
  });

  it("writes the subject as it is, for SES to encode, and lets no part of it pass as encoded already", async () => {
    const { destination, sent } = stage([{ status: 200 }]);
    await destination.deliver(
      firstOf(sampleAlert({}, { name: "Schlüssel =?utf-8?B?4oCu?= weg" })),
      NO_DEADLINE,
    );
    expect(mailOf(sent[0] ?? "").subject).toBe("[HIGH] ec2.amazonaws.com: Schlüssel = ?utf-8?B?4oCu?= weg");
  });

  it("marks as important what is severe, and nothing else", async () => {
    for (const [severity, importance] of [
      ["critical", "high"],
      ["medium", undefined],
    ] as const) {
      const { destination, sent } = stage([{ status: 200 }]);
      await destination.deliver(firstOf({ ...sampleAlert(), severity }), NO_DEADLINE);
      expect(mailOf(sent[0] ?? "").headers["Importance"]).toBe(importance);
    }
  });

  it.each([
    [
      "MessageRejected",
      "Email address is not verified. The following identities failed the check in region EU-WEST-1: alerts@example.com",
      "verify these identities",
    ],
    ["MessageRejected", "Transaction failed: virus", "the message itself"],
    ["MailFromDomainNotVerifiedException", "not verified", "DNS records"],
    ["AccountSuspendedException", "suspended", "Support Center"],
    ["BadRequestException", "Illegal address", "Illegal address"],
  ])("gives up when SES says %s, with the cure (%s)", async (name, message, cure) => {
    const failure = refused(name, message).deliver(firstOf(), NO_DEADLINE);
    await expect(failure).rejects.toMatchObject({ retryable: false, status: 400, destination: "mail" });
    await expect(failure).rejects.toThrow(`sending mail from alerts@example.com failed: ${name}: ${message}`);
    await expect(failure).rejects.toThrow(cure);
  });

  it.each([
    ["SendingPausedException", "Email sending is paused", 400, undefined],
    ["TooManyRequestsException", "Maximum sending rate exceeded.", 429, undefined],
    ["TooManyRequestsException", "Daily message quota exceeded.", 429, 3_600_000],
    ["LimitExceededException", "Daily message quota exceeded.", 400, 3_600_000],
    ["NotFoundException", "Configuration set <alerts> does not exist.", 404, undefined],
    ["AccessDeniedException", "not authorized to perform `ses:SendEmail'", 403, undefined],
  ])("tries again later when SES says %s (%s)", async (name, message, status, retryAfter) => {
    await expect(refused(name, message, status).deliver(firstOf(), NO_DEADLINE)).rejects.toMatchObject({
      retryable: true,
      status,
      retryAfter,
    });
  });

  it("may send from its address only, by the identities that SES looks at, and its configuration set", () => {
    const arn = "arn:${Partition}:ses:${Region}:${Account}";
    const conditions = { StringEquals: { "ses:FromAddress": "alerts@ops.example.com" } };
    const own = {
      ...SETTINGS,
      from: "alerts@ops.example.com",
      to: ["security@example.com", "ops@example.com"],
    };
    expect(ses.permissions(own)).toEqual([
      {
        actions: ["ses:SendEmail"],
        resources: [
          `${arn}:identity/alerts@ops.example.com`,
          `${arn}:identity/ops.example.com`,
          `${arn}:identity/example.com`,
          `${arn}:identity/security@example.com`,
          `${arn}:identity/ops@example.com`,
        ],
        conditions,
      },
    ]);
    const elsewhere = ses.permissions({ ...own, to: [own.from], region: "us-east-1", configurationSet: "c" });
    expect(elsewhere[0]?.resources).toEqual([
      "arn:${Partition}:ses:us-east-1:${Account}:identity/alerts@ops.example.com",
      "arn:${Partition}:ses:us-east-1:${Account}:identity/ops.example.com",
      "arn:${Partition}:ses:us-east-1:${Account}:identity/example.com",
      "arn:${Partition}:ses:us-east-1:${Account}:configuration-set/c",
    ]);
  });

  it.each([
    [{}, undefined],
    [{ to: many(50), region: "us-gov-west-1", configurationSet: "a_b-c" }, undefined],
    [{ to: many(51) }, "to must be a list of at most 50"],
    [{ to: [] }, "to must name at least one"],
    [{ to: ["a@example.com", "A@example.com"] }, "twice"],
    [{ to: "security@example.com" }, "to must be"],
    [{ to: ["Eve <eve@example.com>"] }, "to must be"],
    [{ from: "alerts" }, "from must be"],
    [{ from: "alerts@example.com\r\nBcc: eve@example.com" }, "from must be"],
    [{ from: `${"a".repeat(65)}@example.com` }, "from must be"],
    [{ from: `a@${"b".repeat(60)}.${"c".repeat(200)}.com` }, "from must be"],
    [{ region: "Ireland" }, "region must be"],
    [{ configurationSet: "a b" }, "configurationSet must be"],
    [{ endpoint: "http://192.0.2.1" }, "in clear"],
  ])("judges the settings %j", (settings, problem) => {
    const problems = ses.check({ ...SETTINGS, ...settings });
    expect(problems).toHaveLength(problem === undefined ? 0 : 1);
    expect(problems.join("")).toContain(problem ?? "");
  });
});

describe("the e-mail destination's client", () => {
  let served: ServedAws | undefined;
  afterEach(() => served?.close());

  it.each([
    [undefined, "eu-west-1", "<m1@eu-west-1.amazonses.com>"],
    ["us-east-1", "us-east-1", "<m1@email.amazonses.com>"],
  ])(
    "sends through the SDK in the Region %s and gives the mail's Message-ID",
    async (region, signed, receipt) => {
      served = await serveAws([{ status: 200, body: { MessageId: "m1" } }]);
      const own = region === undefined ? {} : { region };
      const destination = ses.make({ ...SETTINGS, ...own, endpoint: served.endpoint });
      expect(await destination.deliver(firstOf(), NO_DEADLINE)).toBe(receipt);
      expect(served.requests.map(({ path }) => path)).toEqual(["/v2/email/outbound-emails"]);
      expect(served.requests[0]?.authorization).toContain(`/${signed}/ses/aws4_request`);
      checkMail(served.requests[0]?.body ?? "");
    },
  );

  it("turns the service's refusal into a DeliveryError with its cure", async () => {
    served = await serveAws([
      { status: 400, body: { message: "Email address is not verified." }, type: "MessageRejected" },
    ]);
    const destination = ses.make({ ...SETTINGS, endpoint: served.endpoint });
    await expect(destination.deliver(firstOf(), NO_DEADLINE)).rejects.toMatchObject({
      retryable: false,
      status: 400,
      message: expect.stringMatching(/MessageRejected: Email address is not verified\.; verify/) as string,
    });
  });

  it("makes one attempt, since a second copy would be seen", async () => {
    served = await serveAws([{ status: 500, body: { message: "down" } }]);
    const destination = ses.make({ ...SETTINGS, endpoint: served.endpoint });
    await expect(destination.deliver(firstOf(), NO_DEADLINE)).rejects.toMatchObject({ retryable: true });
    expect(served.requests).toHaveLength(1);
  });

  it("gives up at the deadline when the service does not answer", async () => {
    served = await serveAws(["hang"]);
    const destination = ses.make({ ...SETTINGS, endpoint: served.endpoint });
    await expect(destination.deliver(firstOf(), Date.now() + 300)).rejects.toMatchObject({ retryable: true });
  });
});
