/**
 * Slack's markup as HTML, with all that Slack does to a text, mentions, links and emoji codes included: a preview that
 * were kinder than Slack would hide the very mistakes that it is there to show.
 *
 *     mrkdwnToHtml({ type: "mrkdwn", verbatim: true, text: "*Who* `alice`" })   // '<b class="">Who</b> <code …'
 */
import type { Mrkdwn, PlainText } from "../../lambda/destinations/slack-text.ts";
import { element, escapeHtml, link } from "./html.ts";

type Markup = {
  readonly sign: RegExp;
  /** `words` are the groups of the match; `inner` renders a part that has markup itself. */
  readonly html: (words: readonly string[], inner: (text: string) => string) => string;
};

const EMOJI: Markup = {
  sign: /:([a-z0-9_+'-]+):/,
  html: ([name = ""]) => element("span", "emoji", escapeHtml(`:${name}:`)),
};

/** What Slack reads in every mrkdwn text. Where two begin at one place, the first in this list is taken. */
const ALWAYS: readonly Markup[] = [
  {
    sign: /```([^]+?)```/,
    html: ([code = ""]) => element("pre", "code", literal(code.replace(/^\n|\n$/g, ""))),
  },
  { sign: /`([^`\n]+)`/, html: ([code = ""]) => element("code", "code", literal(code)) },
  { sign: /<([!@#][^<>\n]*)>/, html: ([who = ""]) => element("span", "mention", literal(who)) },
  {
    sign: /<([^<>|\n]+)(?:\|([^<>\n]*))?>/,
    html: ([url = "", label = ""]) => link(decoded(url), "link", literal(label || url)),
  },
  { sign: /(?<!\w)\*([^*\n]+)\*(?!\w)/, html: ([text = ""], inner) => element("b", "", inner(text)) },
  { sign: /(?<!\w)_([^_\n]+)_(?!\w)/, html: ([text = ""], inner) => element("i", "", inner(text)) },
  { sign: /(?<!\w)~([^~\n]+)~(?!\w)/, html: ([text = ""], inner) => element("s", "", inner(text)) },
  EMOJI,
  { sign: /\n/, html: () => "<br>" },
];

/** What it reads besides, unless the text is verbatim. */
const UNLESS_VERBATIM: readonly Markup[] = [
  { sign: /(https?:\/\/[^\s<>]+)/, html: ([url = ""]) => link(decoded(url), "link", literal(url)) },
  { sign: /(?<!\w)@(here|channel|everyone)\b/, html: ([who = ""]) => element("span", "mention", `@${who}`) },
];

/** A text object of Slack as HTML. */
export function textToHtml(text: PlainText | Mrkdwn): string {
  if (text.type === "mrkdwn")
    return render(text.text, text.verbatim ? ALWAYS : [...ALWAYS, ...UNLESS_VERBATIM]);
  return text.emoji ? render(text.text, [EMOJI]) : literal(text.text);
}

function render(text: string, markups: readonly Markup[]): string {
  let first: { readonly match: RegExpExecArray; readonly markup: Markup } | undefined;
  for (const markup of markups) {
    const match = markup.sign.exec(text);
    if (match !== null && (first === undefined || match.index < first.match.index)) first = { match, markup };
  }
  if (first === undefined) return literal(text);
  const { match, markup } = first;
  const inner = (part: string): string => render(part, markups);
  return (
    literal(text.slice(0, match.index)) +
    markup.html(match.slice(1), inner) +
    render(text.slice(match.index + match[0].length), markups)
  );
}

function literal(text: string): string {
  return escapeHtml(decoded(text));
}

/** Slack knows three entities and no others. */
function decoded(text: string): string {
  return text.replace(/&(?:lt|gt|amp);/g, (entity) => ({ "&lt;": "<", "&gt;": ">" })[entity] ?? "&");
}
