/** What a mail must be to get through SES and to show nothing but text, for tests. */
import type { SendEmailCommandInput } from "@aws-sdk/client-sesv2";
import { expect } from "vitest";

const TAGS: ReadonlySet<string> = new Set(
  "html head meta style body table tr td th h1 h2 div a wbr".split(" "),
);
/** Where links of the tests' alerts may lead: the console, and what the rule's author wrote. */
const LINK =
  /^https:\/\/(?:[a-z0-9-]+\.console\.aws\.amazon\.com|docs\.aws\.amazon\.com|wiki\.example\.com|security\.example\.com|evil\.example)\//;

type Mail = {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  readonly headers: Readonly<Record<string, string>>;
};

/** The parts of what SES was asked to send, all of them there and in UTF-8. */
export function mailOf(body: string): Mail {
  const { Simple } = (JSON.parse(body) as SendEmailCommandInput).Content ?? {};
  const { Subject, Body, Headers = [] } = Simple ?? {};
  for (const part of [Subject, Body?.Text, Body?.Html]) expect(part?.Charset).toBe("UTF-8");
  return {
    subject: Subject?.Data ?? "",
    text: Body?.Text?.Data ?? "",
    html: Body?.Html?.Data ?? "",
    headers: Object.fromEntries(Headers.map(({ Name = "", Value = "" }) => [Name, Value])),
  };
}

/** The links of a mail. */
export function linksOf(html: string): string[] {
  return [...html.matchAll(/href="([^"]*)"/g)].map((match) => (match[1] ?? "").replaceAll("&amp;", "&"));
}

/** What a mail program shows of the HTML: no tags, no comments, spaces as they appear. */
export function shownBy(html: string): string {
  return html
    .replace(/<!--.*?-->|<style>.*?<\/style>/gs, "")
    .replace(/<wbr\s*>/g, "")
    .replace(/<[^>]*>/g, " ")
    .replace(/&(amp|lt|gt|quot|#39|nbsp);/g, (_, name: string) => SHOWN[name] ?? "")
    .replace(/\s+/g, " ");
}

const SHOWN: Readonly<Record<string, string>> = {
  amp: "&",
  lt: "<",
  gt: ">",
  quot: '"',
  "#39": "'",
  nbsp: " ",
};

/** Fails when SES, a mail server or a mail program would refuse the mail, cut it or make something else of its text. */
export function checkMail(body: string): void {
  const { subject, text, html, headers } = mailOf(body);
  expect(subject.length).toBeLessThanOrEqual(154);
  expect(subject).toMatch(/^(?:Re: )?\[(?:INFO|LOW|MEDIUM|HIGH|CRITICAL)\] \S/);
  expect(subject).not.toMatch(/[\p{Cc}\u2028\u2029]|=\?/u);
  for (const [name, value] of Object.entries(headers)) {
    expect(name).toMatch(/^[\x21-\x39\x3b-\x7e]{1,126}$/);
    expect(value).toMatch(/^[\x20-\x7e]{1,869}$/);
  }
  expect(Buffer.byteLength(html)).toBeLessThanOrEqual(100_000);
  for (const part of [text, html]) {
    expect(part.isWellFormed()).toBe(true);
    expect(part).not.toMatch(/[^\P{Cc}\n]/u);
    expect(Math.max(...part.split("\n").map((line) => Buffer.byteLength(line)))).toBeLessThan(998);
  }
  const markup = html.replace(/<!--\[if mso\]>.*?<!\[endif\]-->/g, "").replace("<!doctype html>", "");
  expect(markup).not.toContain("<!");
  for (const [, name = ""] of markup.matchAll(/<\/?([^\s>/]*)/g)) expect(TAGS).toContain(name);
  for (const [tag] of markup.matchAll(/<[^>]*>/g))
    expect(tag).not.toMatch(/\s(?:on\w+|src|srcset|background|action)\s*=/i);
  expect(markup).not.toMatch(/url\(|@import|javascript:/i);
  for (const link of linksOf(html)) expect(link).toMatch(LINK);
}
