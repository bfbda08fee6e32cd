/** What every message of Slack must be, whatever is in the alert; and how a reader sees it. */
import { expect } from "vitest";
import type { SlackBlock, SlackMessage } from "../../../lambda/destinations/slack-blocks.ts";
import type { Mrkdwn, PlainText } from "../../../lambda/destinations/slack-text.ts";
import { slackToHtml } from "../../../lib/preview/slack-html.ts";

export type SlackBody = Omit<SlackMessage, "attachments"> &
  Partial<SlackMessage> & { readonly channel?: string; readonly ts?: string; readonly thread_ts?: string };

export function slackBody(body: string): SlackBody {
  return JSON.parse(body) as SlackBody;
}

/** All blocks, those of attachments too. */
export function blocksOf({ blocks, attachments = [] }: SlackBody): SlackBlock[] {
  return [...blocks, ...attachments.flatMap((attachment) => attachment.blocks)];
}

/** The characters of all blocks together, and of what is around their texts; a line break is one. */
export function sizeOf({ blocks, attachments }: SlackBody): number {
  return JSON.stringify({ blocks, attachments }).replace(/\\./g, "_").length;
}

export function blockOf<T extends SlackBlock["type"]>(
  message: SlackBody,
  type: T,
): Extract<SlackBlock, { type: T }> {
  return blocksOf(message).find((block) => block.type === type) as Extract<SlackBlock, { type: T }>;
}

/** The sentence under the header. */
export function sentenceOf({ blocks }: SlackBody): string {
  const second = blocks[1];
  return second?.type === "section" && "text" in second ? second.text.text : "";
}

/** The text under a label of the details. */
export function fieldOf(message: SlackBody, label: string): string {
  const fields = blocksOf(message).flatMap((block) => ("fields" in block ? block.fields : []));
  return fields.find(({ text }) => text.startsWith(`*${label}*\n`))?.text ?? "";
}

/** The request's section. */
export function requestOf(message: SlackBody): string {
  const texts = blocksOf(message).flatMap((block) => ("text" in block ? [block.text.text] : []));
  return texts.find((text) => text.startsWith("*Request*")) ?? "";
}

/** The message as a reader sees it: text without any markup. */
export function readerSees(message: SlackBody): string {
  return slackToHtml(message)
    .replace(/<br>/g, "\n")
    .replace(/<[^>]*>/g, "")
    .replace(/&(?:lt|gt|quot|#39|amp);/g, (entity) => ENTITIES[entity] ?? "");
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&lt;": "<",
  "&gt;": ">",
  "&quot;": '"',
  "&#39;": "'",
  "&amp;": "&",
};

/** Throws when a message breaks a limit of Slack's, or when Slack would make anything but text of a text. */
export function checkSlack(body: string): void {
  const message = slackBody(body);
  expect(message.text.length).toBeLessThanOrEqual(40_000);
  expect(blocksOf(message).length).toBeLessThanOrEqual(50);
  expect(sizeOf(message)).toBeLessThanOrEqual(10_000);
  for (const block of blocksOf(message)) checkBlock(block);
  // What the preview, which reads markup as Slack does, makes of it: bold labels, code, and buttons of ours.
  const html = slackToHtml(message);
  expect(html).not.toMatch(/class="(?:mention|emoji|link)"|<[is] /);
  for (const [, bold] of html.matchAll(/<b class="">([^<]*)<\/b>/g))
    expect(bold).toMatch(/^(?:<br>)?[\w &;]+(?:: )?$/);
  // The notification's text is mrkdwn: two spans of code and nothing else.
  expect(message.text).toMatch(/^`[^`\n]+` `[^`\n]+`$/);
  expect(message.text).not.toMatch(/[<>]|&(?!amp;|lt;|gt;)/);
}

function checkBlock(block: SlackBlock): void {
  switch (block.type) {
    case "header":
      checkText(block.text, 150);
      return;
    case "section":
      if ("text" in block) return checkText(block.text, 3000);
      within(block.fields.length, 10);
      for (const field of block.fields) checkText(field, 2000);
      return;
    case "actions":
      within(block.elements.length, 25);
      for (const { text, url } of block.elements) {
        checkText(text, 75);
        expect(url.length).toBeLessThanOrEqual(3000);
        expect(new URL(url).protocol).toBe("https:");
      }
      return;
    case "context":
      within(block.elements.length, 10);
      for (const element of block.elements) checkText(element, 3000);
      return;
    case "rich_text": {
      const texts = block.elements.flatMap(({ elements }) => elements.map(({ text }) => text));
      expect(texts.every((text) => text !== "")).toBe(true);
      return;
    }
  }
}

function checkText(text: PlainText | Mrkdwn, limit: number): void {
  within(text.text.length, limit);
  expect(text.text).not.toMatch(/[<>]|&(?!amp;|lt;|gt;)/);
  expect(text).toMatchObject(text.type === "mrkdwn" ? { verbatim: true } : { emoji: false });
}

function within(count: number, most: number): void {
  expect(count).toBeGreaterThanOrEqual(1);
  expect(count).toBeLessThanOrEqual(most);
}
