/** A page of the engine in a real browser, and everything that must never happen in it. */
import type { Browser, BrowserContext, BrowserContextOptions, Page } from "playwright-core";

/** An open page, and what went wrong in it. */
export type OpenPage = {
  readonly page: Page;
  readonly context: BrowserContext;
  /** Addresses outside of the page's own origin that it asked for; none was reached. */
  readonly foreign: readonly string[];
  /** Errors and warnings of the console, violations of the policy and uncaught errors. */
  readonly faults: readonly string[];
  readonly dialogs: readonly string[];
};

/** Opens the address that was printed, with a hash, and waits for the list. */
export async function openPage(
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
