import type { AwsSecurityFinding } from "@aws-sdk/client-securityhub";
import { afterEach, describe, expect, it } from "vitest";
import type { Destination, Notice } from "../../../lambda/destinations/destination.ts";
import { makeSecurityHub, securityHub } from "../../../lambda/destinations/security-hub.ts";
import {
  destinationContract,
  firstOf,
  NO_DEADLINE,
  type Stage,
  summaryOf,
} from "../../contracts/destinations.ts";
import { ANSWERS, answersOf, closedOf } from "../../contracts/notices.ts";
import { sdkError, sdkStage, type ServedAws, serveAws } from "../../contracts/sdk-stage.ts";
import { sampleAlert } from "../alerts/sample.ts";
import { ASFF_LIMITS, findingOf } from "../formats/asff-growth.ts";
import { checkFinding, PRODUCT } from "../formats/asff-limits.ts";

const SETTINGS = { id: "hub", type: "security-hub" } as const;
const HUB = "arn:aws:securityhub:eu-west-1:123456789012:hub/default";

function stage(replies: Parameters<typeof sdkStage>[0]): Stage {
  const { sent, answer } = sdkStage(replies);
  const hub = { hubArn: async () => HUB, importFinding: answer };
  return { destination: makeSecurityHub(SETTINGS, hub), sent, now: () => Date.now() };
}

/** A destination whose hub takes the request and refuses the finding. */
function refusing(ErrorCode: string, ErrorMessage = "no"): Destination {
  return makeSecurityHub(
    { ...SETTINGS, productArn: PRODUCT },
    {
      hubArn: () => Promise.reject(new Error("needless")),
      importFinding: async () => ({
        FailedCount: 1,
        SuccessCount: 0,
        FailedFindings: [{ Id: "x", ErrorCode, ErrorMessage }],
      }),
    },
  );
}

describe("the Security Hub destination", () => {
  destinationContract({
    make: stage,
    taken: { status: 200, body: JSON.stringify({ FailedCount: 0, SuccessCount: 1 }) },
    budget: 10_000,
    checkBody: (body) => checkFinding(findingOf(body)),
    limits: ASFF_LIMITS,
  });

  it("is told of repeats, which update the finding, and gives the finding's id as its receipt", async () => {
    const { destination } = stage([{ status: 200 }]);
    expect(destination.updates).toBe(true);
    expect(await destination.deliver(firstOf(), NO_DEADLINE)).toBe(`cloudtrail-engine/${sampleAlert().id}`);
  });

  it("asks once which account and Region it is in, and again only when that failed", async () => {
    const { sent, answer } = sdkStage([{ status: 200 }]);
    let asked = 0;
    const hubArn = async (): Promise<string> => {
      asked++;
      if (asked === 1) throw sdkError("InternalException", "down", 500);
      return HUB.replace("aws:", "aws-us-gov:").replace("eu-west-1", "us-gov-west-1");
    };
    const destination = makeSecurityHub(SETTINGS, { hubArn, importFinding: answer });
    await expect(destination.deliver(firstOf(), NO_DEADLINE)).rejects.toMatchObject({ retryable: true });
    await destination.deliver(firstOf(), NO_DEADLINE);
    await destination.deliver(firstOf(), NO_DEADLINE);
    expect(asked).toBe(2);
    expect(findingOf(sent[0] ?? "")).toMatchObject({
      ProductArn: "arn:aws-us-gov:securityhub:us-gov-west-1:123456789012:product/123456789012/default",
      AwsAccountId: "123456789012",
      Resources: expect.arrayContaining([expect.objectContaining({ Partition: "aws-us-gov" })]) as unknown[],
    });
  });

  it("archives the finding of a closed case, and each notice of one alert is newer than the ones before", async () => {
    const sent: string[] = [];
    const destination = makeSecurityHub(SETTINGS, {
      hubArn: async () => HUB,
      importFinding: async (finding) => {
        sent.push(JSON.stringify(finding));
        return {};
      },
    });
    const { alert } = summaryOf();
    const since = { answers: ANSWERS, at: "2026-11-20T10:15:41.000Z" };
    const done = { ...closedOf(alert), at: "2026-11-20T11:30:00.000Z" };
    const story: readonly Notice[] = [
      firstOf(),
      answersOf(),
      // Of a record that is older than the answers are.
      { alert: { ...sampleAlert(), count: 2 }, kind: "repeat", ...since },
      { alert, kind: "summary", ...since },
      done,
      { ...done, kind: "answers", alert: { ...done.alert, count: 97 } },
    ];
    for (const notice of story) await destination.deliver(notice, NO_DEADLINE);
    const findings = sent.map((body) => findingOf(body));
    const times = findings.map(({ UpdatedAt = "" }) => UpdatedAt);
    expect(new Set(times).size).toBe(times.length);
    expect(times.toSorted()).toEqual(times);
    expect(findings.map(({ RecordState }) => RecordState)).toEqual([
      "ACTIVE",
      "ACTIVE",
      "ACTIVE",
      "ACTIVE",
      "ARCHIVED",
      "ARCHIVED",
    ]);
    expect(findings[4]?.ProductFields).toMatchObject({
      "cloudtrail-engine/lastChange": "Closed by mallory-o-hara as false positive: our own scanner",
      "cloudtrail-engine/answer1":
        "Has a new user been involved in the event in the last 60 days? Yes: first seen today",
    });
  });

  it("leaves a first notice that comes late as old as it is: it must undo nothing", async () => {
    const { destination, sent } = stage([{ status: 200 }]);
    await destination.deliver(
      { ...firstOf(), answers: ANSWERS, at: "2026-11-20T12:00:00.000Z" },
      NO_DEADLINE,
    );
    expect(findingOf(sent[0] ?? "").UpdatedAt).toBe(sampleAlert().endTime);
  });

  it("says what to set when Security Hub does not tell its ARN", async () => {
    const destination = makeSecurityHub(SETTINGS, {
      hubArn: async () => undefined,
      importFinding: async () => ({}),
    });
    await expect(destination.deliver(firstOf(), NO_DEADLINE)).rejects.toThrow("set productArn");
  });

  it("gives up on a finding that is refused for what is in it (InvalidInput in a 200)", async () => {
    const failure = refusing("InvalidInput", "data.Title should NOT be longer\nthan 256").deliver(
      firstOf(),
      NO_DEADLINE,
    );
    await expect(failure).rejects.toMatchObject({ retryable: false, status: 200 });
    await expect(failure).rejects.toThrow(
      "Security Hub refused the finding: InvalidInput: data.Title should NOT be longer than 256",
    );
  });

  it.each(["InternalError", "ThrottlingException", "LimitExceeded", "SomethingNew"])(
    "tries again later when a finding is refused for now (%s in a 200)",
    async (code) => {
      await expect(refusing(code).deliver(firstOf(), NO_DEADLINE)).rejects.toMatchObject({ retryable: true });
    },
  );

  it("waits for a hub that is switched off, and says to switch it on", async () => {
    const inAnswer = refusing("InvalidAccess").deliver(firstOf(), NO_DEADLINE);
    const off = sdkError(
      "InvalidAccessException",
      "Account 123456789012 is not subscribed to AWS Security Hub",
      401,
    );
    const thrown = makeSecurityHub(SETTINGS, {
      hubArn: () => Promise.reject(off),
      importFinding: async () => ({}),
    }).deliver(firstOf(), NO_DEADLINE);
    for (const failure of [inAnswer, thrown]) {
      await expect(failure).rejects.toMatchObject({ retryable: true });
      await expect(failure).rejects.toThrow("enable Security Hub CSPM");
    }
  });

  it("does not take a finding for imported that is counted as failed without a reason", async () => {
    const destination = makeSecurityHub(SETTINGS, {
      hubArn: async () => HUB,
      importFinding: async () => ({ FailedCount: 1 }),
    });
    await expect(destination.deliver(firstOf(), NO_DEADLINE)).rejects.toMatchObject({ retryable: true });
  });

  it("may import into its product and, without its ARN, look at the hub", () => {
    expect(securityHub.permissions(SETTINGS)).toEqual([
      {
        actions: ["securityhub:BatchImportFindings"],
        resources: ["arn:${Partition}:securityhub:${Region}:${Account}:product/${Account}/default"],
      },
      {
        actions: ["securityhub:DescribeHub"],
        resources: ["arn:${Partition}:securityhub:${Region}:${Account}:hub/default"],
      },
    ]);
    expect(securityHub.permissions({ ...SETTINGS, productArn: PRODUCT })).toEqual([
      { actions: ["securityhub:BatchImportFindings"], resources: [PRODUCT] },
    ]);
  });

  it.each([
    [{}, undefined],
    [{ productArn: PRODUCT }, undefined],
    [{ productArn: PRODUCT.replace("product/123456789012", "product/210987654321") }, "productArn"],
    [{ productArn: "arn:aws:securityhub:eu-west-1::product/aws/guardduty" }, "productArn"],
    [{ productArn: 7 }, "productArn"],
  ])("judges the settings %j", (settings, problem) => {
    const problems = securityHub.check({ ...SETTINGS, ...settings });
    expect(problems).toHaveLength(problem === undefined ? 0 : 1);
    expect(problems.join("")).toContain(problem ?? "");
  });
});

describe("the Security Hub destination's client", () => {
  let served: ServedAws | undefined;
  afterEach(() => served?.close());

  it("asks for the hub and imports the finding through the SDK, signed for its own Region", async () => {
    served = await serveAws([
      { status: 200, body: { HubArn: HUB } },
      { status: 200, body: { FailedCount: 0, SuccessCount: 1, FailedFindings: [] } },
    ]);
    const destination = securityHub.make({ ...SETTINGS, endpoint: served.endpoint });
    await destination.deliver(firstOf(), NO_DEADLINE);
    expect(served.requests.map(({ path }) => path)).toEqual(["/accounts", "/findings/import"]);
    expect(served.requests[1]?.authorization).toContain("/eu-west-1/securityhub/aws4_request");
    const { Findings } = JSON.parse(served.requests[1]?.body ?? "") as { Findings: AwsSecurityFinding[] };
    expect(Findings).toHaveLength(1);
    for (const finding of Findings) checkFinding(finding);
  });

  it("goes to the Region that the product is in", async () => {
    served = await serveAws([{ status: 200, body: { FailedCount: 0, SuccessCount: 1 } }]);
    const productArn = PRODUCT.replace("eu-west-1", "us-east-1");
    await securityHub
      .make({ ...SETTINGS, productArn, endpoint: served.endpoint })
      .deliver(firstOf(), NO_DEADLINE);
    expect(served.requests.map(({ path }) => path)).toEqual(["/findings/import"]);
    expect(served.requests[0]?.authorization).toContain("/us-east-1/securityhub/aws4_request");
  });

  it("gives up at the deadline when the service does not answer", async () => {
    served = await serveAws(["hang"]);
    const destination = securityHub.make({ ...SETTINGS, endpoint: served.endpoint });
    await expect(destination.deliver(firstOf(), Date.now() + 300)).rejects.toMatchObject({ retryable: true });
  });
});
