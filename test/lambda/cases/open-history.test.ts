import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { openHistory } from "../../../lambda/cases/lookup-events.ts";
import { serveAws, type ServedAws } from "../../contracts/sdk-stage.ts";

const QUERY = { attribute: "Username", value: "alice" } as const;
const SPAN = { from: 1_795_000_000_000, to: 1_795_169_730_000 };
let aws: ServedAws | undefined;

async function serve(...answers: Parameters<typeof serveAws>[0]): Promise<ServedAws> {
  aws = await serveAws(answers);
  vi.stubEnv("AWS_ENDPOINT_URL_CLOUDTRAIL", aws.endpoint);
  return aws;
}

beforeEach(() => {
  vi.stubEnv("AWS_ACCESS_KEY_ID", "local");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "local");
});
afterEach(() => {
  vi.unstubAllEnvs();
  aws?.close();
});

it("asks AWS for one page in the Region, and goes on where it ended", async () => {
  const { requests } = await serve(
    { status: 200, body: { Events: [{ CloudTrailEvent: '{"eventName":"X"}' }, {}], NextToken: "n" } },
    { status: 200, body: { Events: [] } },
  );
  const ask = openHistory();
  const deadline = Date.now() + 9_000;
  expect(await ask(QUERY, "eu-west-1", SPAN, deadline)).toEqual({
    records: ['{"eventName":"X"}', undefined],
    next: "n",
  });
  expect(await ask(QUERY, "eu-west-1", { ...SPAN, next: "n" }, deadline)).toEqual({ records: [] });
  expect(requests.map(({ body }) => JSON.parse(body) as unknown)).toEqual([
    {
      LookupAttributes: [{ AttributeKey: "Username", AttributeValue: "alice" }],
      StartTime: SPAN.from / 1000,
      EndTime: SPAN.to / 1000,
      MaxResults: 50,
    },
    expect.objectContaining({ NextToken: "n" }),
  ]);
  expect(requests[0]?.authorization).toContain("/eu-west-1/cloudtrail/");
});

it("does not try again when it is throttled: others need the quota too", async () => {
  const { requests } = await serve({
    status: 400,
    type: "ThrottlingException",
    body: { message: "Rate exceeded" },
  });
  await expect(openHistory()(QUERY, "eu-west-1", SPAN, Date.now() + 9_000)).rejects.toThrow("Rate exceeded");
  expect(requests).toHaveLength(1);
});
