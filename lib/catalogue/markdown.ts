/**
 * Writes text of rule files into Markdown as text and nothing else. Rules come from many hands and from other people's
 * repositories; the catalogue is read on a site that renders HTML, images and links, so whatever would become one of them
 * is escaped, and what would hide or turn text around is shown as `\u…`. Links lead where they say.
 *
 *   textOf("<b>*")          // \<b\>\*
 *   paragraphOf("# One")    // \# One
 */
import { printable } from "../../lambda/loader/problem.ts";
import { codeSpan } from "../replay/markdown.ts";

const MAX_CODE = 300;

/** What has a meaning inside of a line. */
const INLINE = /[\\`*_[\]<>&~|$]/g;

/** A URL in a text, without the punctuation of the sentence around it. */
const URL_IN_TEXT = /https?:\/\/[^\s<>]*[^\s<>.,;:!?'"()[\]]/g;

/**
 * Text as it stands, on one line. Of its URLs GitHub makes links by itself, and escapes inside of one would break it, so
 * they are written as links that show where they lead.
 */
export function textOf(text: string): string {
  const line = oneLine(text);
  let written = "";
  let at = 0;
  for (const { 0: url, index } of line.matchAll(URL_IN_TEXT)) {
    if (!URL.canParse(url)) continue;
    written += escaped(line.slice(at, index)) + plainLink(url);
    at = index + url.length;
  }
  return written + escaped(line.slice(at));
}

function escaped(text: string): string {
  return text.replace(INLINE, String.raw`\$&`);
}

/** Text that is a paragraph of its own, where a beginning such as `#` or `1.` has a meaning too. */
export function paragraphOf(text: string): string {
  return textOf(text).replace(/^(\d*)([-#+=.)])/, String.raw`$1\$2`);
}

/** Text in a code span, for names that people copy; in a table or outside. */
export function codeOf(text: string): string {
  return codeSpan(text, MAX_CODE);
}

/** A link. The URL was validated; in its normal form nothing in it can end the link. */
export function linkTo(url: string, text: string): string {
  return `[${textOf(text)}](${destination(url)})`;
}

/** A link that shows where it leads. */
export function plainLink(url: string): string {
  return `<${normal(url)}>`;
}

function destination(url: string): string {
  const href = normal(url);
  return /[()]/.test(href) ? `<${href}>` : href;
}

/** A bar would end the cell of a table, a backtick begin code. */
function normal(url: string): string {
  return new URL(url).href.replaceAll("|", "%7C").replaceAll("`", "%60");
}

/** Makes the anchors that GitHub gives to headings, which it tells apart by their order. */
export function createAnchors(): (heading: string) => string {
  const taken = new Map<string, number>();
  return (heading) => {
    const plain = oneLine(heading)
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\p{M}\p{Pc} -]/gu, "")
      .replaceAll(" ", "-");
    const times = taken.get(plain) ?? 0;
    taken.set(plain, times + 1);
    return times === 0 ? plain : `${plain}-${times}`;
  };
}

function oneLine(text: string): string {
  return printable(text.replace(/\s+/g, " ").trim());
}
