/**
 * Hostile text in Slack. Slack acts on text in three ways, and each kind of text object needs another answer:
 *
 * - `&`, `<` and `>` everywhere: they begin entities, mentions that page a channel, and links that lie about where they go.
 * - In mrkdwn also `*bold*`, `:skull:` and bare addresses, for which Slack knows no escape: such text stands in a span of
 *   code, where they mean nothing, and which only a backtick could end.
 * - In rich_text nothing: it has structure in place of markup, so most of a message is that.
 *
 * Whether a program of Slack's makes links of bare addresses outside code differs; there they are taken apart.
 *
 *     codeText("<!channel> `x`", 100)   // { type: "mrkdwn", verbatim: true, text: "`&lt;!channel&gt; 'x'`" }
 */
import { fitBeforeEnding, fitText } from "./fit-text.ts";
import { unlinked } from "./mail-words.ts";

/** A text object without markup: a header, a button. */
export type PlainText = { readonly type: "plain_text"; readonly text: string; readonly emoji: false };
/** A text object with Slack's markup; `verbatim` keeps Slack from making links and mentions of what looks like some. */
export type Mrkdwn = { readonly type: "mrkdwn"; readonly text: string; readonly verbatim: true };

const BLANK = "(blank)";

/** Text that is shown as it is, at most `limit` characters once it is escaped; a cut comes before its `ending`. */
export function plainText(text: string, limit: number, ending = ""): PlainText {
  const shown = fitBeforeEnding(unlinked(text), ending, limit, entity);
  return { type: "plain_text", text: shown || BLANK, emoji: false };
}

/** A label of ours in bold, and under it the text as code, together at most `limit`. */
export function labelledCode(label: string, text: string, limit: number): Mrkdwn {
  const head = `*${fitText(label, limit, entity)}*\n`;
  return mrkdwn(head + codeSpan(text, limit - head.length));
}

/** Markup of ours; every text of others in it was escaped. */
export function mrkdwn(text: string): Mrkdwn {
  return { type: "mrkdwn", text, verbatim: true };
}

/** Text as a span of code, at most `limit` long with its backticks; a cut comes before its `ending`. */
export function codeSpan(text: string, limit: number, ending = ""): string {
  return `\`${fitBeforeEnding(text, ending, limit - 2, inCode) || BLANK}\``;
}

/** A character as it may stand in code. */
export function inCode(character: string): string {
  return character === "`" ? "'" : entity(character);
}

/** A character as it may stand in any text object. */
export function entity(character: string): string {
  return ENTITIES[character] ?? character;
}

const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };
