import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { mailHtml } from "../../lambda/destinations/mail-html.ts";
import { type Example, previewPage } from "../../lib/preview/preview-page.ts";
import { firstOf, summaryOf } from "../contracts/destinations.ts";
import { answersSaying, CLOSED, closedOf } from "../contracts/notices.ts";
import { openHtml, startBrowser, type WatchedPage } from "./chromium.ts";
import { HOSTILE_ALERTS } from "./hostile.ts";

/** Messages as a browser shows them: nothing in a record may become more than text, by whatever way it is shown. */

const LINKS = /^https:\/\/(?:eu-west-1\.console\.aws\.amazon\.com|docs\.aws\.amazon\.com)\//;
const PREVIEW_TAGS =
  "html head meta title style body section article div h1 h2 h3 p a b br code pre span details summary iframe".split(
    " ",
  );
const MAIL_TAGS = "html head meta style body table tbody tr td th div h1 h2 a wbr".split(" ");

type Findings = {
  readonly canary: unknown;
  readonly tags: readonly string[];
  readonly handlers: readonly string[];
  readonly links: readonly string[];
  readonly loads: readonly string[];
};

/** What is in a page, as the browser understood it. */
async function examine(page: Page): Promise<Findings> {
  const canary: unknown = await page.evaluate("window.canary");
  const elements = await page.locator("*").evaluateAll((all) =>
    all.map((one) => ({
      tag: one.localName,
      attributes: [...one.attributes].map(({ name, value }) => ({ name, value })),
    })),
  );
  const attributes = elements.flatMap((one) => one.attributes);
  const valuesOf = (names: readonly string[]): string[] =>
    attributes.filter(({ name }) => names.includes(name)).map(({ value }) => value);
  return {
    canary,
    tags: [...new Set(elements.map(({ tag }) => tag))],
    handlers: attributes.filter(({ name }) => name.startsWith("on")).map(({ name }) => name),
    links: valuesOf(["href"]),
    loads: valuesOf(["src", "srcset", "action", "data"]),
  };
}

async function expectHarmless(
  { page, requests, dialogs }: WatchedPage,
  tags: readonly string[],
): Promise<void> {
  const found = await examine(page);
  expect(found).toMatchObject({ canary: undefined, handlers: [], loads: [] });
  expect(found.tags.filter((tag) => !tags.includes(tag))).toEqual([]);
  expect(found.links.filter((link) => !LINKS.test(link))).toEqual([]);
  expect([requests, dialogs]).toEqual([[], []]);
}

describe("the preview in a browser", () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await startBrowser();
  });
  afterAll(async () => {
    await browser.close();
  });

  it("would notice a script, a request, a strange element and a strange link", async () => {
    const html =
      '<body><b>x</b><script>window.canary=1</script><img src="https://evil.example/x" onerror="alert(1)"><a href="https://evil.example/">x</a>';
    const watched = await openHtml(browser, html);
    await expect.poll(() => watched.dialogs).toEqual(["1"]);
    expect(await examine(watched.page)).toMatchObject({
      canary: 1,
      handlers: ["onerror"],
      links: ["https://evil.example/"],
      loads: ["https://evil.example/x"],
    });
    expect(watched.requests).toEqual(["https://evil.example/x"]);
    await expect(expectHarmless(watched, PREVIEW_TAGS)).rejects.toThrow("canary");
  });

  it("shows hostile alerts as text in every medium: no script, no request, no element or link of theirs", async () => {
    const examples = HOSTILE_ALERTS.map(
      ({ text, alert }): Example => ({
        name: text,
        notice: {
          alert,
          kind: "summary",
          answers: answersSaying(text),
          change: { ...CLOSED, by: text, comment: text },
        },
      }),
    );
    const watched = await openHtml(browser, previewPage(examples));
    await expectHarmless(watched, PREVIEW_TAGS);
    const marked = watched.page.locator(".mention, .emoji, .link, .date, i, s");
    expect(await marked.allTextContents()).toEqual([]);
    const bold = await watched.page.locator("b").allTextContents();
    expect(bold.filter((label) => !/^\n?[A-Z][A-Za-z& ]*(?:: )?$/.test(label))).toEqual([]);
    for (const [at, { text }] of HOSTILE_ALERTS.entries()) {
      const media = watched.page.locator(".example").nth(at).locator(".medium:not(:has(iframe))");
      const shown = await media.allInnerTexts();
      expect(shown).toHaveLength(5);
      for (const one of shown) expect(plain(one)).toContain(plain(text));
    }
  });

  it("shows hostile alerts as text in a mail that is opened by itself", async () => {
    for (const { text, alert } of HOSTILE_ALERTS) {
      const watched = await openHtml(
        browser,
        mailHtml({ alert, kind: "first", answers: answersSaying(text) }),
      );
      await expectHarmless(watched, MAIL_TAGS);
      expect(plain(await watched.page.innerText("body"))).toContain(plain(text));
      await watched.page.context().close();
    }
  });

  it("shows what was found out and done in every medium that people read", async () => {
    const { page } = await openHtml(browser, previewPage([{ name: "closed", notice: closedOf() }]));
    const shown = await page
      .locator(".medium")
      .evaluateAll((all) =>
        all.map((one) => [
          one.querySelector("h2")?.textContent,
          one.querySelector("iframe")?.srcdoc ?? one.textContent,
        ]),
      );
    const mediaWith = (text: string): unknown[] =>
      shown.filter(([, content]) => content?.replace(/\s+/g, " ").includes(text)).map(([name]) => name);
    expect(mediaWith("first seen today")).toEqual(["Slack", "Teams", "Mail", "Mail as text"]);
    expect(mediaWith("Closed by mallory-o-hara as false positive")).toEqual([
      "Slack",
      "Slack, in the thread",
      "Teams",
      "Mail",
      "Mail as text",
    ]);
  });

  it("runs no script in the frame of a mail, even if a mail held one", async () => {
    const { page } = await openHtml(browser, previewPage([{ name: "a notice", notice: firstOf() }]));
    expect(
      await page.locator("iframe").evaluateAll((all) => all.map((one) => one.getAttribute("sandbox"))),
    ).toEqual([""]);
  });

  it("shows every medium of a first notice and of a summary, with nothing sticking out", async () => {
    const { page } = await openHtml(
      browser,
      previewPage([
        { name: "a first notice", notice: firstOf() },
        { name: "a summary", notice: summaryOf() },
      ]),
    );
    const names = await page
      .locator(".example")
      .evaluateAll((all) =>
        all.map((one) => [...one.querySelectorAll("h2")].map((heading) => heading.textContent)),
      );
    const media = ["Teams", "Mail", "Mail as text", "Terminal"];
    expect(names).toEqual([
      ["Slack", ...media],
      ["Slack", "Slack, in the thread", ...media],
    ]);
    const wide = await page
      .locator("html, .medium, .slack *, .teams *")
      .evaluateAll((all) =>
        all
          .filter((one) => one.clientWidth > 0 && one.scrollWidth > one.clientWidth + 1)
          .map((one) => `${one.localName}.${one.getAttribute("class")}`),
      );
    expect(wide).toEqual([]);
  });
});

/** Without what media do to texts on purpose: addresses taken apart, line breaks in long words, `'` for a backtick. */
function plain(text: string): string {
  return text
    .replace(/\[:\]/g, ":")
    .replace(/`/g, "'")
    .replace(/\{ (?=\{)/g, "{")
    .replace(/\s+/g, "");
}
