/** SNS's limits on a message, for the tests of both formats. */
import type { PublishCommandInput } from "@aws-sdk/client-sns";
import { expect } from "vitest";
import { toldAlertSchema } from "../../../lambda/cases/told-alert.ts";

/** Bytes of a message with its attributes. */
export function sizeOf({ Message = "", MessageAttributes = {} }: PublishCommandInput): number {
  const attributes = Object.entries(MessageAttributes).map(
    ([name, { DataType, StringValue }]) => `${name}${DataType}${StringValue}`,
  );
  return Buffer.byteLength(Message) + Buffer.byteLength(attributes.join(""));
}

/** Subject and attributes as SNS takes them. */
export function checkEnvelope(input: PublishCommandInput): void {
  expect(sizeOf(input)).toBeLessThanOrEqual(262_144 - 1024);
  expect(input.Subject?.length).toBeLessThan(100);
  expect(input.Subject?.length).toBeGreaterThan(0);
  expect(input.Subject).not.toMatch(/\p{Cc}/u);
  expect(input.Subject?.isWellFormed()).toBe(true);
  for (const { StringValue } of Object.values(input.MessageAttributes ?? {})) {
    expect(StringValue).toMatch(/^[\x20-\x7e\p{L}\p{N}]{1,256}$/u);
  }
}

/** A message whose body is the alert document. */
export function checkMessage(input: PublishCommandInput): void {
  checkEnvelope(input);
  expect(toldAlertSchema.safeParse(JSON.parse(input.Message ?? "")).error).toBeUndefined();
}
