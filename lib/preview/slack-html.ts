/** A message of Slack as HTML, near enough to judge its order, length and escaping by. Blocks that we do not send are refused. */
import type { RichText, SlackBlock, SlackMessage } from "../../lambda/destinations/slack-blocks.ts";
import { element, escapeHtml, link } from "./html.ts";
import { textToHtml } from "./mrkdwn.ts";

/** The message; a reply in a thread has no attachments. */
export function slackToHtml({ blocks, attachments = [] }: Partial<SlackMessage>): string {
  return element(
    "div",
    "slack",
    ...(blocks ?? []).map((block) => blockToHtml(block)),
    ...attachments.map(
      ({ color, blocks: inner }) =>
        `<div class="attachment" style="border-color: ${escapeHtml(color)}">${inner.map((block) => blockToHtml(block)).join("")}</div>`,
    ),
  );
}

function blockToHtml(block: SlackBlock): string {
  switch (block.type) {
    case "header":
      return element("h3", "header", textToHtml(block.text));
    case "section":
      return "text" in block
        ? element("div", "section", textToHtml(block.text))
        : element(
            "div",
            "fields",
            ...block.fields.map((field) => element("div", "field", textToHtml(field))),
          );
    case "rich_text":
      return element(
        "div",
        "rich-text",
        ...block.elements.map(({ elements }) =>
          element("div", "", ...elements.map((text) => richTextToHtml(text))),
        ),
      );
    case "actions":
      return element(
        "div",
        "actions",
        ...block.elements.map(({ text, url }) => link(url, "button", textToHtml(text))),
      );
    case "context":
      return element("div", "context", ...block.elements.map((text) => textToHtml(text)));
    default:
      throw new Error(`the preview cannot show ${JSON.stringify(block satisfies never)}`);
  }
}

function richTextToHtml({ text, style }: RichText): string {
  const shown = escapeHtml(text).replaceAll("\n", "<br>");
  return style?.bold ? element("b", "", shown) : shown;
}
