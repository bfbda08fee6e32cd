/**
 * The links of a message: to the case, to the record, to the runbook and to what the rule refers to. They come from the engine and
 * from the rule's author, never from the record: an address in a user agent must not become something to click on.
 *
 *     glanceLinks(alert)   // [{ label: "Record in CloudTrail", url: "https://eu-west-1.console.aws.amazon.com/…" }, …]
 */
import type { Alert } from "../alerts/alert-schema.ts";
import { isLinkable } from "./case-link.ts";

/** What the link to a case is called. */
export const CASE = "Open the case";

export type Link = { readonly label: string; readonly url: string };

const MAX_REFERENCES = 2;
/** A runbook is a sentence or a link, and often a sentence with one. */
const ADDRESS = /https:\/\/[^\s<>"'`|\\^{}]+/;
/** Ends a sentence, not an address. */
const END_OF_SENTENCE = /[.,;:!?)\]]+$/;

/** The links in the order of their use. */
export function glanceLinks({ links, rule }: Alert): Link[] {
  const runbook = ADDRESS.exec(rule.runbook ?? "")?.[0].replace(END_OF_SENTENCE, "");
  const found: readonly (readonly [string, string | undefined])[] = [
    [CASE, links.case],
    ["Record in CloudTrail", links.record],
    ["Runbook", runbook],
    ...rule.references.slice(0, MAX_REFERENCES).map((url) => [nameOf(url), url] as const),
  ];
  const seen = new Set<string>();
  return found.flatMap(([label, given]) => {
    const url = safeAddress(given, label === CASE);
    if (url === undefined || seen.has(url)) return [];
    seen.add(url);
    return [{ label, url }];
  });
}

/** Where a reference leads: "About stop-start-recorder (docs.aws.amazon.com)". */
function nameOf(text: string): string {
  if (!URL.canParse(text)) return "";
  const { host, pathname } = new URL(text);
  const page = pathname.split("/").findLast((part) => part !== "");
  return `About ${page === undefined ? host : `${page.replace(/\.html?$/, "")} (${host})`}`;
}

/**
 * The address in its canonical form, which holds only characters that mean nothing to a medium; https only, but for a
 * page on the reader's own machine.
 */
function safeAddress(text: string | undefined, isOwn: boolean): string | undefined {
  if (text === undefined || /\s/.test(text) || !URL.canParse(text)) return undefined;
  const url = new URL(text);
  const isSafe = url.protocol === "https:" || (isOwn && isLinkable(url));
  return isSafe && url.username === "" && url.password === ""
    ? url.href.replace(/[|()']/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
    : undefined;
}
