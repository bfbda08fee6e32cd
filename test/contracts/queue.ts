/** What every queue must do that redelivery rests on: the embedded SQS, and the model on an injected clock. */
import { expect, it } from "vitest";
import type { Received } from "../faults/queue-model.ts";

/** A queue, with the passing of time. Everything in seconds. */
export type QueueUnderTest = {
  send(body: string, delay: number): Promise<void>;
  receive(max: number, visibility: number): Promise<Received[]>;
  changeVisibility(receiptHandle: string, seconds: number): Promise<void>;
  delete(receiptHandle: string): Promise<void>;
  /** What its dead-letter queue holds. */
  deadLetters(): Promise<readonly string[]>;
  wait(seconds: number): Promise<void>;
};

const bodies = (messages: readonly Received[]): string[] => messages.map(({ body }) => body).toSorted();

/** Runs the contract; `open` makes an empty queue whose messages go to the dead-letter queue after two receives. */
export function testQueue(open: () => Promise<QueueUnderTest>): void {
  it("brings a message when its delay is over", async () => {
    const queue = await open();
    await queue.send("now", 0);
    await queue.send("later", 1);
    expect(bodies(await queue.receive(10, 60))).toEqual(["now"]);
    await queue.wait(1.1);
    expect(bodies(await queue.receive(10, 60))).toEqual(["later"]);
  });

  it("takes a delay of a quarter of an hour", async () => {
    const queue = await open();
    await queue.send("x", 900);
    expect(await queue.receive(10, 60)).toEqual([]);
  });

  it("hides what was received, and brings it again, counted, when that is over", async () => {
    const queue = await open();
    await queue.send("a", 0);
    const [first] = await queue.receive(10, 1);
    expect(first).toMatchObject({ body: "a", receives: 1 });
    expect(await queue.receive(10, 1)).toEqual([]);
    await queue.wait(1.1);
    const [second] = await queue.receive(10, 1);
    expect(second).toMatchObject({ body: "a", receives: 2, messageId: first?.messageId });
  });

  it("hides a message longer, or shows it at once, by its visibility", async () => {
    const queue = await open();
    await queue.send("a", 0);
    const [first] = await queue.receive(10, 1);
    await queue.changeVisibility(first?.receiptHandle ?? "", 30);
    await queue.wait(1.1);
    expect(await queue.receive(10, 1)).toEqual([]);
    await queue.changeVisibility(first?.receiptHandle ?? "", 0);
    expect(await queue.receive(10, 1)).toHaveLength(1);
  });

  it("refuses to hide a message for more than twelve hours", async () => {
    const queue = await open();
    await queue.send("a", 0);
    const [first] = await queue.receive(10, 60);
    await expect(queue.changeVisibility(first?.receiptHandle ?? "", 12 * 3600 + 60)).rejects.toThrow(/./);
    await queue.changeVisibility(first?.receiptHandle ?? "", 11 * 3600);
  });

  it("forgets what was deleted, and no other", async () => {
    const queue = await open();
    await queue.send("a", 0);
    await queue.send("b", 0);
    for (const { body, receiptHandle } of await queue.receive(10, 1))
      if (body === "a") await queue.delete(receiptHandle);
    await queue.wait(1.1);
    expect(bodies(await queue.receive(10, 60))).toEqual(["b"]);
  });

  it("moves what was received too often to the dead-letter queue", async () => {
    const queue = await open();
    await queue.send("a", 0);
    for (let n = 0; n < 2; n++) {
      const [received] = await queue.receive(10, 60);
      await queue.changeVisibility(received?.receiptHandle ?? "", 0);
    }
    expect(await queue.receive(10, 60)).toEqual([]);
    expect(await queue.deadLetters()).toEqual(["a"]);
  });
}
