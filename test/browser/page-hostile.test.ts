import { describe, expect, it } from "vitest";
import { manyAlerts } from "../lib/page/stage.ts";
import { HOSTILE_ALERTS } from "./hostile.ts";
import { rowsOf, usePages } from "./page.ts";

/** The page with texts that try to be more than text, and on a screen that is small. */

const { open } = usePages();

describe("hostile text", () => {
  it("is text wherever the page shows it: no script, element, link or request of its own", async () => {
    const { page } = await open(HOSTILE_ALERTS.map(({ alert }) => alert));
    const examine = async (): Promise<void> => {
      expect(await page.evaluate("window.canary")).toBeUndefined();
      const found = await page.locator("#app *").evaluateAll((all) => ({
        tags: [...new Set(all.map((one) => one.localName))],
        on: all.flatMap((one) => one.getAttributeNames().filter((name: string) => name.startsWith("on"))),
        links: all.flatMap((one) => one.getAttribute("href") ?? []),
      }));
      expect(
        found.tags.filter((tag) =>
          /^(?:script|iframe|img|base|link|meta|object|embed|style|form)$/.test(tag),
        ),
      ).toEqual([]);
      expect(found.on).toEqual([]);
      expect(
        found.links.filter((link) => !/^(?:#list$|https:\/\/[\w.-]+\.aws\.amazon\.com\/)/.test(link)),
      ).toEqual([]);
    };
    await examine();
    for (const { alert, text } of HOSTILE_ALERTS) {
      await page.evaluate(`location.hash = "#/case/${alert.id}"`);
      await page.getByRole("heading", { level: 1 }).waitFor();
      for (const name of ["Details", "Events", "Related", "Timeline", "Formats"]) {
        await page.getByRole("tab", { name }).click();
        await page.getByRole("tabpanel").locator("li, pre, p").first().waitFor();
      }
      await examine();
      const shown = (await page.locator(".case-head").innerText()).replaceAll(/\s+/g, "");
      expect(shown).toContain(text.replaceAll(/\s+/g, "").slice(0, 30));
    }
  }, 120_000);
});

describe("on a phone", () => {
  it.each(["light", "dark"] as const)("nothing is wider than the screen, %s", async (colorScheme) => {
    const { page } = await open(manyAlerts(8), { viewport: { width: 375, height: 720 }, colorScheme });
    const wide = () => page.evaluate("document.documentElement.scrollWidth - innerWidth");
    expect(await wide()).toBe(0);
    await page.getByRole("button", { name: "Filters" }).click();
    expect(await wide()).toBe(0);
    await rowsOf(page).first().click();
    for (const tab of await page.getByRole("tab").all()) {
      await tab.click();
      await page.getByRole("tabpanel").waitFor();
      expect(await wide()).toBe(0);
    }
    for (const view of ["Activity", "Why did it not fire?"]) {
      await page.getByRole("button", { name: view }).click();
      expect(await wide()).toBe(0);
    }
  });
});
