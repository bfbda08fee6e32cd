import { SNSClient, PublishCommand } from "@aws-sdk/client-sns";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { LOCAL_CREDENTIALS, startQueues } from "../../../lib/local/queues.ts";
import type { LocalQueues } from "../../../lib/local/queues.ts";

let queues: LocalQueues;
beforeAll(async () => {
  queues = await startQueues("us-east-1");
});
afterAll(() => queues.close());

describe("the local SNS and SQS", () => {
  it("bring what is published to a subscribed queue, as it was published", async () => {
    const topic = await queues.createTopic("alerts");
    const queue = await queues.createQueue("inbox");
    await queues.subscribe(topic, queue.arn);
    const arrived: string[] = [];
    queues.watch(queue, (body) => arrived.push(body));
    const client = new SNSClient({
      endpoint: queues.url,
      region: "us-east-1",
      credentials: LOCAL_CREDENTIALS,
    });
    await client.send(new PublishCommand({ TopicArn: topic, Message: '{"a":1}', Subject: "s" }));
    client.destroy();
    await vi.waitFor(() => expect(arrived).toEqual(['{"a":1}']));
    await vi.waitFor(async () => expect(await queues.depth(queue)).toBe(0));
  });

  it("count what waits in a queue", async () => {
    const queue = await queues.createQueue("dead");
    await queues.send(queue, "one");
    await queues.send(queue, "two");
    expect(await queues.depth(queue)).toBe(2);
  });

  it("refuse what a page, a form of another site or another user can send: no signature, another's, an Origin", async () => {
    const body = "Action=ListTopics";
    const form = { "content-type": "application/x-www-form-urlencoded" };
    const signedBy = (id: string) => ({
      ...form,
      authorization: `AWS4-HMAC-SHA256 Credential=${id}/20261120/us-east-1/sns/aws4_request`,
    });
    const signed = signedBy(LOCAL_CREDENTIALS.accessKeyId);
    const post = async (headers: Record<string, string>) =>
      (await fetch(queues.url, { method: "POST", headers, body })).status;
    expect(await post(form)).toBe(403);
    for (const id of ["local", "LOCAL", `${LOCAL_CREDENTIALS.accessKeyId}0`])
      expect(await post(signedBy(id))).toBe(403);
    expect(await post({ ...signed, origin: "https://example.com" })).toBe(403);
    expect(await post(signed)).toBe(200);
  });
});
