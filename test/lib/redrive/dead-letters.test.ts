import { expect, it } from "vitest";
import { readDeadLetters } from "../../../lib/redrive/dead-letters.ts";

it("says of what the table's stream gave up that cases are missing, and no alert", async () => {
  const bodies = [
    { version: "1.0", DDBStreamBatchInfo: { shardId: "shardId-1", batchSize: 3, streamArn: "arn" } },
    { hello: "there" },
  ];
  const messages = bodies.map((body, at) => ({
    MessageId: `m${at}`,
    ReceiptHandle: "r",
    Body: JSON.stringify(body),
  }));
  const answers = [{ Messages: messages }, {}];
  const send = async () => answers.shift();
  const letters = await readDeadLetters({ send } as Parameters<typeof readDeadLetters>[0], {
    deadDeliveriesUrl: "",
    deadLettersUrl: "http://127.0.0.1/dead",
  });
  expect(letters.map(({ kind, reason }) => [kind, reason])).toEqual([
    [
      "unknown",
      "the cases of 3 stored alerts were not built; the alerts themselves went out (the log says why)",
    ],
    ["unknown", "this message is none of the engine's"],
  ]);
});
