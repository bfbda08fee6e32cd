import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { makeTimers } from "../../../lambda/dedup/timers.ts";

const payload = {
  engine: "close-window",
  partition: "WINDOW#1",
  window: "1-a",
  alertId: "a",
  reach: 0,
  opened: 1,
  closes: 2,
} as const;
type Request = {
  readonly method: string | undefined;
  readonly path: string | undefined;
  readonly body: Record<string, unknown>;
};

let server: Server;
let requests: Request[];
let answer: { status: number; type?: string };

beforeEach(async () => {
  requests = [];
  answer = { status: 200 };
  process.env["AWS_ACCESS_KEY_ID"] = "test";
  process.env["AWS_SECRET_ACCESS_KEY"] = "test";
  process.env["AWS_REGION"] = "eu-central-1";
  server = createServer((request, response) => {
    let text = "";
    request.on("data", (part: Buffer) => (text += part.toString()));
    request.on("end", () => {
      requests.push({
        method: request.method,
        path: request.url,
        body: JSON.parse(text) as Record<string, unknown>,
      });
      const headers = answer.type === undefined ? {} : { "x-amzn-errortype": answer.type };
      response.writeHead(answer.status, { "content-type": "application/json", ...headers });
      response.end(answer.status === 200 ? '{"ScheduleArn":"arn:aws:scheduler:x"}' : '{"Message":"no"}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
afterEach(() => new Promise((resolve) => server.close(resolve)));

const timers = () =>
  makeTimers({
    functionArn: () => "arn:aws:lambda:eu-central-1:123456789012:function:detector",
    roleArn: "arn:aws:iam::123456789012:role/timers",
    group: "engine",
    deadLetterArn: "arn:aws:sqs:eu-central-1:123456789012:dead",
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
  });
const soon = (): number => Date.now() + 5_000;

describe("timers", () => {
  it("are schedules that run once, at a whole second in UTC, and delete themselves", async () => {
    const at = Date.parse("2099-11-20T17:15:00.001Z");
    await timers()("cloudtrail-engine-1", at, payload, soon());
    expect(requests).toMatchObject([
      {
        method: "POST",
        path: "/schedules/cloudtrail-engine-1",
        body: {
          GroupName: "engine",
          ScheduleExpression: "at(2099-11-20T17:15:01)",
          ScheduleExpressionTimezone: "UTC",
          FlexibleTimeWindow: { Mode: "OFF" },
          ActionAfterCompletion: "DELETE",
          Target: {
            Arn: "arn:aws:lambda:eu-central-1:123456789012:function:detector",
            RoleArn: "arn:aws:iam::123456789012:role/timers",
            Input: JSON.stringify(payload),
            RetryPolicy: { MaximumEventAgeInSeconds: 86_400, MaximumRetryAttempts: 185 },
            DeadLetterConfig: { Arn: "arn:aws:sqs:eu-central-1:123456789012:dead" },
          },
        },
      },
    ]);
  });

  it("are never in the past", async () => {
    const before = Date.now();
    await timers()("cloudtrail-engine-1", 0, payload, soon());
    const expression = String(requests[0]?.body["ScheduleExpression"]);
    expect(Date.parse(`${expression.slice(3, -1)}Z`)).toBeGreaterThan(before);
  });

  it("are there already when another made them", async () => {
    answer = { status: 409, type: "ConflictException" };
    await expect(timers()("cloudtrail-engine-1", 0, payload, soon())).resolves.toBeUndefined();
  });

  it("reject when they could not be made", async () => {
    answer = { status: 400, type: "ValidationException" };
    await expect(timers()("cloudtrail-engine-1", 0, payload, soon())).rejects.toThrow("no");
  });
});
