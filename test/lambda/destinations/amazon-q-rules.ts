/** What a custom notification of Amazon Q may be, for the tests of the format and of the destination. */
import { expect } from "vitest";

export type CustomNotification = {
  readonly version: string;
  readonly source: string;
  readonly id: string;
  readonly content: {
    readonly textType: string;
    readonly title: string;
    readonly description: string;
    readonly nextSteps: readonly string[];
    readonly keywords: readonly string[];
  };
  readonly metadata: {
    readonly threadId: string;
    readonly summary: string;
    readonly eventType: string;
    readonly relatedResources: readonly string[];
    readonly additionalContext: Readonly<Record<string, string>>;
  };
};

/** Throws when a notification has another shape than Amazon Q's, is too long, or lets a text act on the chat. */
export function checkCustomNotification(message: string): CustomNotification {
  const notification = JSON.parse(message) as CustomNotification;
  const { content, metadata } = notification;
  expect(Object.keys(notification).toSorted()).toEqual(["content", "id", "metadata", "source", "version"]);
  expect([notification.version, notification.source, content.textType]).toEqual([
    "1.0",
    "custom",
    "client-markdown",
  ]);
  expect(content.title.length).toBeLessThanOrEqual(200);
  expect(content.description.length).toBeLessThanOrEqual(2500);
  expect(metadata.summary.length).toBeLessThanOrEqual(250);
  for (const step of content.nextSteps) expect(step.length).toBeLessThanOrEqual(600);
  for (const word of [...content.keywords, ...metadata.relatedResources, metadata.eventType])
    expect(word).toMatch(/^[\w.:/@+=,…-]{1,200}$/);
  const shown = [content.title, content.description, metadata.summary, ...content.nextSteps].join("\n");
  expect(shown).not.toMatch(/[<>]|&(?!(?:amp|lt|gt);)/);
  for (const line of shown.split("\n")) expect((line.match(/`/g) ?? []).length % 2).toBe(0);
  // What is outside of code spans holds no markdown link.
  expect(shown.replace(/`[^`\n]*`/g, "")).not.toMatch(/\]\(/);
  return notification;
}
