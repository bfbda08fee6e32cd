/**
 * A page that shows notices as every medium that people read shows them, side by side: for whoever works on messages, and
 * for the tests that open it in a browser with hostile alerts. One file of HTML that loads nothing.
 *
 *     writeFileSync("preview.html", previewPage([{ name: "a first notice", notice: { alert, kind: "first" } }]))
 */
import { formatAlertForPeople } from "../../lambda/alerts/text.ts";
import type { Notice } from "../../lambda/destinations/destination.ts";
import { mailHtml } from "../../lambda/destinations/mail-html.ts";
import { mailText } from "../../lambda/destinations/mail-text.ts";
import { toSlackMessage, toStatusReply, toThreadReply } from "../../lambda/destinations/slack-blocks.ts";
import { toTeamsMessage } from "../../lambda/destinations/teams-card.ts";
import { element, escapeHtml } from "./html.ts";
import { PREVIEW_STYLE } from "./preview-style.ts";
import { slackToHtml } from "./slack-html.ts";
import { teamsToHtml } from "./teams-html.ts";

/** A notice with a name for its heading. */
export type Example = { readonly name: string; readonly notice: Notice };

/** A medium on the page; it shows nothing of a notice that it would not get. */
type Medium = { readonly name: string; readonly show: (notice: Notice) => string | undefined };

/** The media on the page. A new one that people read is a line here. */
const MEDIA: readonly Medium[] = [
  { name: "Slack", show: (notice) => slackToHtml(toSlackMessage(notice)) },
  {
    name: "Slack, in the thread",
    show: (notice) =>
      notice.kind === "summary"
        ? slackToHtml(toThreadReply(notice))
        : notice.kind === "status"
          ? slackToHtml(toStatusReply(notice))
          : undefined,
  },
  { name: "Teams", show: (notice) => teamsToHtml(toTeamsMessage(notice).attachments[0].content) },
  { name: "Mail", show: (notice) => framed(mailHtml(notice)) },
  { name: "Mail as text", show: (notice) => element("pre", "plain", escapeHtml(mailText(notice))) },
  {
    name: "Terminal",
    show: ({ alert }) => element("pre", "plain", escapeHtml(formatAlertForPeople(alert))),
  },
];

/** A whole document in a frame of its own, in which no script runs. */
function framed(html: string): string {
  return `<iframe class="mail" sandbox="" title="the mail" srcdoc="${escapeHtml(html)}"></iframe>`;
}

/** The page. The policy in its head is a second wall: nothing in it depends on it. */
export function previewPage(examples: readonly Example[]): string {
  return [
    '<!doctype html><html lang="en"><head><meta charset="utf-8">',
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">",
    '<meta name="viewport" content="width=device-width"><title>Messages of CloudTrail Engine</title>',
    `<style>${PREVIEW_STYLE}</style></head><body>`,
    ...examples.map((example) => exampleToHtml(example)),
    "</body></html>",
  ].join("\n");
}

function exampleToHtml({ name, notice }: Example): string {
  const shown = MEDIA.flatMap((medium) => {
    const html = medium.show(notice);
    return html === undefined
      ? []
      : [element("article", "medium", element("h2", "", escapeHtml(medium.name)), html)];
  });
  return element(
    "section",
    "example",
    element("h1", "", escapeHtml(name)),
    element("div", "media", ...shown),
  );
}
