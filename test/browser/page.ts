/** A page of the engine in a real browser, and everything that must never happen in it. */
import type { Browser, BrowserContext, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect } from "vitest";
import type { Alert } from "../../lambda/alerts/alert-schema.ts";
import type { PagePorts } from "../../lib/page/ports.ts";
import { type Stage, startStage } from "../lib/page/stage.ts";
import { startBrowser } from "./chromium.ts";

/** An open page, and what went wrong in it. */
type OpenPage = {
  readonly page: Page;
  readonly context: BrowserContext;
  /** Addresses outside of the page's own origin that it asked for; none was reached. */
  readonly foreign: readonly string[];
  /** Errors and warnings of the console, violations of the policy and uncaught errors. */
  readonly faults: string[];
  readonly dialogs: readonly string[];
};

/** Opens the address that was printed, with a hash, and waits for the list. */
async function openPage(
  browser: Browser,
  url: string,
  { hash = "", ...options }: BrowserContextOptions & { readonly hash?: string } = {},
): Promise<OpenPage> {
  const context = await browser.newContext({ viewport: { width: 1400, height: 900 }, ...options });
  const origin = new URL(url).origin;
  const foreign: string[] = [];
  const faults: string[] = [];
  const dialogs: string[] = [];
  await context.route(
    (address) => address.origin !== origin,
    async (route) => {
      foreign.push(route.request().url());
      await route.abort();
    },
  );
  context.setDefaultTimeout(10_000);
  const page = await context.newPage();
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") faults.push(message.text());
  });
  page.on("pageerror", (error) => faults.push(error.message));
  page.on("dialog", (dialog) => {
    dialogs.push(dialog.message());
    void dialog.dismiss();
  });
  await page.addInitScript(
    `addEventListener("securitypolicyviolation", (event) => console.error("violates " + event.violatedDirective + ": " + event.blockedURI))`,
  );
  await page.goto(`${url}${hash}`);
  return { page, context, foreign, faults, dialogs };
}

/** The rows in the document. */
export const rowsOf = (page: Page) => page.getByRole("listbox", { name: "Alerts" }).getByRole("option");

type Options = Parameters<typeof openPage>[2];

/**
 * A browser for the tests of a file, and pages in it over alerts. After each test, whatever it was about: nothing was asked
 * of anybody else, no policy was violated, and nothing went wrong in the page or its server.
 */
export function usePages() {
  let browser: Browser;
  let stage: Stage | undefined;
  const opened: OpenPage[] = [];
  async function closeAll(): Promise<void> {
    for (const { foreign, faults, dialogs, context } of opened.splice(0)) {
      await context.close();
      expect({ foreign, faults, dialogs }).toEqual({ foreign: [], faults: [], dialogs: [] });
    }
    await stage?.close();
    expect(stage?.problems ?? []).toEqual([]);
  }
  beforeAll(async () => {
    browser = await startBrowser();
  });
  afterAll(() => browser.close());
  afterEach(closeAll);
  return {
    opened,
    open: async (alerts: readonly Alert[], options: Options = {}, ports: Partial<PagePorts> = {}) => {
      stage = await startStage(alerts, ports);
      const watched = await openPage(browser, stage.page.url, options);
      opened.push(watched);
      if (alerts.length > 0) await rowsOf(watched.page).first().waitFor();
      return { ...watched, stage };
    },
  };
}
