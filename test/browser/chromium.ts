/** A real browser for tests: the Chromium that a package of the registry ships, so that none need be installed. */
import chromium from "@sparticuz/chromium";
import { type Browser, chromium as playwright, type Page } from "playwright-core";

/** Flags for a Lambda: one process does not survive the closing of a page, and a test of safety needs a browser's own. */
const NOT_HERE =
  /^--(?:single-process|no-zygote|disable-web-security|allow-running-insecure-content|disable-site-isolation)/;

/** Starts the browser, with more flags where a test needs some; about two seconds. */
export async function startBrowser(flags: readonly string[] = []): Promise<Browser> {
  return playwright.launch({
    executablePath: await chromium.executablePath(),
    args: [...chromium.args.filter((flag) => !NOT_HERE.test(flag)), ...flags],
    headless: true,
  });
}

/** A page, and everything in it that no message may ever cause. */
export type WatchedPage = {
  readonly page: Page;
  /** Addresses that the page asked for; none was reached. */
  readonly requests: readonly string[];
  readonly dialogs: readonly string[];
};

/** Opens HTML as a page of its own, without the policy in its head: what holds must hold without it. */
export async function openHtml(browser: Browser, html: string): Promise<WatchedPage> {
  const context = await browser.newContext({ bypassCSP: true, viewport: { width: 1900, height: 1000 } });
  const requests: string[] = [];
  const dialogs: string[] = [];
  await context.route("**/*", async (route) => {
    requests.push(route.request().url());
    await route.abort();
  });
  const page = await context.newPage();
  page.on("dialog", (dialog) => {
    dialogs.push(dialog.message());
    void dialog.dismiss();
  });
  await page.setContent(html, { waitUntil: "load" });
  return { page, requests, dialogs };
}
