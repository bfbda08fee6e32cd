/**
 * An alert as a message of Slack. What somebody needs at once stands first: the header, one sentence, six facts, why and
 * what to do, the links; the details follow in an attachment, which has the colour of the severity and which Slack
 * folds away when it is long.
 *
 * Slack's limits (FACTS § 6) are on each text. There is another on all blocks of a message together that Slack does not
 * publish: it has refused messages with 11,300 characters of text (`msg_blocks_too_long`), so ours stay below 10,000
 * with everything around the texts. What is too long loses details from their end, and says so.
 *
 *     toSlackMessage({ alert, kind: "first" }).blocks[0]   // { type: "header", text: { text: "🟠 HIGH · Security group …" } }
 */
import type { Alert } from "../alerts/alert-schema.ts";
import { safeJson } from "../alerts/safe-json.ts";
import { isObject, valueAt } from "../record/untrusted.ts";
import type { Notice } from "./destination.ts";
import { fitText } from "./fit-text.ts";
import { type Fact, glance, type Glance } from "./glance.ts";
import type { Link } from "./glance-links.ts";
import { leafLines } from "./leaf-lines.ts";
import { unlinked } from "./mail-words.ts";
import {
  codeSpan,
  inCode,
  labelledCode,
  type Mrkdwn,
  mrkdwn,
  type PlainText,
  plainText,
} from "./slack-text.ts";

/** A piece of a rich_text block: literal text, bold when it is a label of ours. */
export type RichText = {
  readonly type: "text";
  readonly text: string;
  readonly style?: { readonly bold: true };
};

type Button = {
  readonly type: "button";
  readonly text: PlainText;
  readonly url: string;
  readonly action_id: string;
};

/** The blocks of Block Kit that we send. */
export type SlackBlock =
  | { readonly type: "header"; readonly text: PlainText }
  | { readonly type: "section"; readonly text: PlainText | Mrkdwn }
  | { readonly type: "section"; readonly fields: readonly Mrkdwn[] }
  | {
      readonly type: "rich_text";
      readonly elements: readonly [
        { readonly type: "rich_text_section"; readonly elements: readonly RichText[] },
      ];
    }
  | { readonly type: "actions"; readonly elements: readonly Button[] }
  | { readonly type: "context"; readonly elements: readonly Mrkdwn[] };

/** A message but for where it goes; `text` is what a notification shows. */
export type SlackMessage = {
  readonly text: string;
  readonly blocks: readonly SlackBlock[];
  readonly attachments: readonly { readonly color: string; readonly blocks: readonly SlackBlock[] }[];
};

const MAX_MESSAGE = 10_000;
const MAX_HEADER = 150;
const MAX_SECTION = 3_000;
const MAX_FIELDS = 10;
const MAX_BUTTON = 75;
const MAX_URL = 3_000;
/** Ours, for reading at a glance: a field could have 2,000. Together they keep within the message's limit. */
const MAX_SENTENCE = 1_100;
const MAX_FACT = 300;
const MAX_ADVICE = 500;
const MAX_DETAIL = 400;
const MAX_RESOURCES = 1_100;
const MAX_QUESTION = 150;
const MAX_ANSWER = 250;
const MAX_NEWS = 500;
const MAX_LINES = 20;
const LEFT_OUT = "Some details are left out: they are longer than a message of Slack can be.";

const MARKS = { critical: "🔴", high: "🟠", medium: "🟡", low: "🔵", info: "⚪" } as const;
/** In place of the severity's mark, once somebody has done something. */
const STATES = { Acknowledged: "👀", Closed: "✅", Reopened: "🔁" } as const;
const COLORS = {
  critical: "#b00020",
  high: "#e8590c",
  medium: "#f2b600",
  low: "#2f6fde",
  info: "#8a8f98",
} as const;

/** The whole message of an alert. */
export function toSlackMessage(notice: Notice): SlackMessage {
  const shown = glance(notice);
  const top = topBlocks(shown);
  let details: readonly Fact[] = shown.details.slice(0, MAX_FIELDS);
  let isWhole = details.length === shown.details.length;
  const messageWith = (request: readonly SlackBlock[]): SlackMessage => ({
    text: fallbackText(shown),
    blocks: top,
    attachments: [
      {
        color: COLORS[shown.severity],
        blocks: [fieldsBlock(details), ...request, ...(isWhole ? [] : [leftOut()])],
      },
    ],
  });
  const hasRequest = requestBlocks(notice.alert, MAX_SECTION).length > 0;
  for (let room = hasRequest ? MAX_SECTION : 0; room > 0; ) {
    const request = requestBlocks(notice.alert, room);
    const message = messageWith(request);
    const excess = sizeOf(message) - MAX_MESSAGE;
    if (excess <= 0 && request.length > 0) return message;
    room -= Math.max(excess, 50);
  }
  isWhole &&= !hasRequest && sizeOf(messageWith([])) <= MAX_MESSAGE;
  while (sizeOf(messageWith([])) > MAX_MESSAGE && details.length > 1) details = details.slice(0, -1);
  return messageWith([]);
}

/** The short message that stands in the thread when an alert's window has closed: how often, and what was touched. */
export function toThreadReply(notice: Notice): Omit<SlackMessage, "attachments"> {
  const shown = glance(notice);
  const who = shown.facts.filter(({ label }) => label === "Who");
  const all = shown.details.filter((fact) => isResources(fact));
  const touched = all.length > 0 ? all : shown.facts.filter((fact) => isResources(fact));
  return {
    text: fallbackText(shown),
    blocks: [
      { type: "section", text: plainText(shown.sentence, MAX_SENTENCE, shown.endings.sentence) },
      richText([...who, ...touched], MAX_RESOURCES, unlinked),
    ],
  };
}

/** The short message in the thread when somebody did something to the case. */
export function toStatusReply(notice: Notice): Omit<SlackMessage, "attachments"> {
  const shown = glance(notice);
  const text = shown.news?.text ?? "";
  return {
    text: `${codeSpan(unlinked(text), MAX_NEWS)} ${codeSpan(shown.heading, MAX_HEADER, shown.endings.heading)}`,
    blocks: [{ type: "section", text: plainText(text, MAX_NEWS) }],
  };
}

function topBlocks(shown: Glance): SlackBlock[] {
  const state = shown.news?.state;
  return [
    {
      type: "header",
      text: plainText(
        `${state === undefined ? MARKS[shown.severity] : `${STATES[state]} ${state} ·`} ${shown.heading}`,
        MAX_HEADER,
        shown.endings.heading,
      ),
    },
    ...(state === undefined || shown.news === undefined
      ? []
      : [{ type: "section", text: plainText(shown.news.text, MAX_NEWS) } as const]),
    { type: "section", text: plainText(shown.sentence, MAX_SENTENCE, shown.endings.sentence) },
    richText(shown.facts, MAX_FACT, unlinked),
    ...(shown.answers.length === 0 ? [] : [answersBlock(shown.answers)]),
    // The rule's own words: an address there may be a link.
    ...(shown.advice.length === 0 ? [] : [richText(shown.advice, MAX_ADVICE)]),
    ...buttons(shown.links),
  ];
}

/** One line a fact. The texts are literal: rich_text has no markup. */
function richText(facts: readonly Fact[], limit: number, shown = (text: string): string => text): SlackBlock {
  const elements = facts.flatMap(({ label, value }, index): RichText[] => [
    { type: "text", text: `${index === 0 ? "" : "\n"}${label}: `, style: { bold: true } },
    { type: "text", text: fitText(shown(value), limit) },
  ]);
  return { type: "rich_text", elements: [{ type: "rich_text_section", elements }] };
}

/** One line an answer, of which only our own word is bold. */
function answersBlock(answers: Glance["answers"]): SlackBlock {
  const elements = answers.flatMap(({ label, word, value }, index): RichText[] => {
    const because = fitText(unlinked(value.slice(word.length)), MAX_ANSWER);
    return [
      { type: "text", text: `${index === 0 ? "" : "\n"}${fitText(unlinked(label), MAX_QUESTION)} ` },
      { type: "text", text: word, style: { bold: true } },
      ...(because === "" ? [] : [{ type: "text", text: because } as const]),
    ];
  });
  return { type: "rich_text", elements: [{ type: "rich_text_section", elements }] };
}

function isResources({ label }: Fact): boolean {
  return /^Resources?(?: touched)?$/.test(label);
}

function buttons(links: readonly Link[]): SlackBlock[] {
  const elements = links
    .filter(({ url }) => url.length <= MAX_URL)
    .map(
      ({ label, url }, index): Button => ({
        type: "button",
        text: plainText(label, MAX_BUTTON),
        url,
        action_id: `link-${index}`,
      }),
    );
  return elements.length === 0 ? [] : [{ type: "actions", elements }];
}

function fieldsBlock(details: readonly Fact[]): SlackBlock {
  return {
    type: "section",
    fields: details.map((fact) =>
      labelledCode(fact.label, fact.value, isResources(fact) ? MAX_RESOURCES : MAX_DETAIL),
    ),
  };
}

function requestBlocks({ record }: Alert, room: number): SlackBlock[] {
  const request = valueAt(record, "requestParameters");
  const head = "*Request*\n```\n";
  const foot = "\n```";
  const total = room - head.length - foot.length + 1;
  const lines = isObject(request) ? leafLines(request, { total, lines: MAX_LINES }, inCode) : [];
  return lines.length === 0 ? [] : [{ type: "section", text: mrkdwn(head + lines.join("\n") + foot) }];
}

function leftOut(): SlackBlock {
  return { type: "context", elements: [mrkdwn(LEFT_OUT)] };
}

/** What a notification shows; Slack shows it nowhere else when there are blocks. */
function fallbackText({ heading, sentence, endings }: Glance): string {
  return `${codeSpan(heading, MAX_HEADER, endings.heading)} ${codeSpan(sentence, MAX_SENTENCE, endings.sentence)}`;
}

/** Characters of everything in it; a quotation mark is one, though JSON writes two. */
function sizeOf({ blocks, attachments }: SlackMessage): number {
  return safeJson({ blocks, attachments }).replace(/\\(?:u[0-9a-f]{4}|.)/g, "_").length;
}
