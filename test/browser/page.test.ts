import { describe, expect, it } from "vitest";
import type { CaseRow } from "../../lambda/cases/case-schema.ts";
import { filterRows, NO_FILTER, wordsOf } from "../../lib/page/app/filters.ts";
import { soon } from "../lambda/cases/stores.ts";
import { listOnly, manyAlerts, rowFor } from "../lib/page/stage.ts";
import { rowsOf, usePages } from "./page.ts";

/** The page as people use it, in a real browser. */

const { open, opened } = usePages();

describe("the list", () => {
  it("shows the alerts, the newest first, and forgets the key in the address", async () => {
    const { page } = await open(manyAlerts(3));
    await expect.poll(() => rowsOf(page).count()).toBe(3);
    const [first = ""] = await rowsOf(page).allInnerTexts();
    expect(first).toContain("Security group 2 opened");
    expect(first).toMatch(/medium/);
    expect(page.url()).not.toContain("token");
    expect(await page.title()).toBe("CloudTrail Engine");
  });

  it("says what arrives, on top, and a reader further down keeps the place", async () => {
    const alerts = manyAlerts(61);
    const { page, stage: live } = await open(alerts.slice(0, 60));
    const list = page.getByRole("listbox", { name: "Alerts" });
    await list.evaluate((element) => element.scrollTo({ top: 1240 }));
    const first = page.locator("#row-" + (alerts[39]?.id ?? ""));
    await first.waitFor();
    const before = await first.boundingBox();
    for (const alert of alerts.slice(60)) await live.tell(alert);
    const news = page.getByRole("button", { name: "1 new alert" });
    await news.waitFor();
    expect((await first.boundingBox())?.y).toBe(before?.y);
    await expect.poll(() => page.getByRole("status").last().innerText()).toContain("New alert, critical");
    expect(await page.title()).toBe("(1) CloudTrail Engine");
    await news.click();
    await page.locator("#row-" + (alerts[60]?.id ?? "")).waitFor();
  });

  it("filters by severity, status, rule, actor, channel, account and text, in the address", async () => {
    const { page } = await open(manyAlerts(30));
    const count = () => rowsOf(page).count();
    await page.getByRole("button", { name: /^critical/ }).click();
    await expect.poll(count).toBe(6);
    expect(page.url()).toContain("severity=critical");
    await page.getByLabel("Account", { exact: true }).selectOption("210987654321");
    await expect.poll(count).toBe(2);
    await page.getByRole("button", { name: "clear" }).click();
    await page.getByLabel("Actor", { exact: true }).selectOption({ label: "alice@example.com (5)" });
    await expect.poll(count).toBe(5);
    await page.getByRole("searchbox").fill("192.0.2.12");
    await expect.poll(count).toBe(1);
    await page.getByRole("searchbox").fill("nothing like it");
    await page.getByText("No alert passes these filters.").waitFor();
    await page.getByRole("button", { name: "Show all 30" }).click();
    for (const [label, value] of [
      ["Status", "open"],
      ["Rule", "ec2.amazonaws.com/security-group-opened"],
      ["Channel", "console"],
    ] as const) {
      await page.getByLabel(label, { exact: true }).selectOption(value);
      expect(page.url()).toContain(`${label.toLowerCase()}=${encodeURIComponent(value)}`);
    }
    await page.reload();
    await rowsOf(page).first().waitFor();
    expect(await page.getByLabel("Status", { exact: true }).inputValue()).toBe("open");
  });

  it("is used by keys alone: j, k, Enter, a, c, m, /, ?, Esc", async () => {
    const alerts = manyAlerts(5);
    const {
      page,
      stage: { stores },
    } = await open(alerts);
    const selected = () => page.locator('[role=option][aria-selected="true"]').getAttribute("id");
    const at = (index: number) => `row-${alerts[index]?.id}`;
    for (const key of ["j", "j", "j", "k"]) await page.keyboard.press(key);
    await expect.poll(selected).toBe(at(3));
    // Faster than the page is drawn again.
    await page.evaluate(
      `for (const key of ["j", "j", "k", "k"]) dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }))`,
    );
    await expect.poll(selected).toBe(at(3));
    await page.evaluate(
      `for (const key of ["k", "k", "j"]) dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }))`,
    );
    await expect.poll(selected).toBe(at(3));
    const active = page.getByRole("listbox", { name: "Alerts" });
    expect(await active.getAttribute("aria-activedescendant")).toBe(at(3));
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { level: 1, name: "Security group 3 opened" }).waitFor();
    await page.keyboard.press("a");
    await expect
      .poll(async () => (await stores.cases.read(alerts[3]?.id ?? "", soon()))?.row.status)
      .toBe("acknowledged");
    await page.keyboard.press("c");
    await page.getByLabel("Expected: a test").check();
    await page.getByLabel("Comment, if there is more to say").fill("A drill.");
    await page.keyboard.press("Control+Enter");
    await page.getByText("Closed by tester").waitFor();
    const closed = await stores.cases.read(alerts[3]?.id ?? "", soon());
    expect(closed?.history).toMatchObject([
      { by: "tester", to: "acknowledged" },
      { by: "tester", to: "closed", reason: "expected-testing", comment: "A drill." },
    ]);
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "clear" }).waitFor({ state: "hidden" });
    await expect.poll(selected).toBe(at(3));
    await page.keyboard.press("/");
    await page.keyboard.type("192.0.2.1");
    await expect.poll(() => rowsOf(page).count()).toBe(1);
    await page.keyboard.press("Escape");
    await page.keyboard.press("Escape");
    await expect.poll(() => rowsOf(page).count()).toBe(5);
    await page.keyboard.press("?");
    await page.getByRole("dialog", { name: "Keys" }).waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "hidden" });
  });

  it("holds ten thousand alerts with few of them in the document, and filters them as one types", async () => {
    const rows: CaseRow[] = manyAlerts(10_000).map(rowFor);
    const { page } = await open([], {}, { cases: listOnly(rows) });
    await page.getByText("10,000 alerts", { exact: true }).waitFor();
    const nodes = () => page.locator("*").count();
    const few = async () => expect(await nodes()).toBeLessThan(1500);
    await few();
    const list = page.getByRole("listbox", { name: "Alerts" });
    await list.evaluate((element) => element.scrollTo({ top: element.scrollHeight }));
    await page.getByText("Security group 0 opened").waitFor();
    expect(await rowsOf(page).count()).toBeLessThan(60);
    expect(await rowsOf(page).last().getAttribute("aria-posinset")).toBe("10000");
    await page.getByRole("searchbox").pressSequentially("frank 192.0.2.98");
    const found = filterRows(
      rows.map((row) => ({ row, words: wordsOf(row) })),
      { ...NO_FILTER, text: "frank 192.0.2.98" },
    );
    await page.getByText(`${found.length.toLocaleString("en")} of 10,000 alerts`).waitFor();
    await few();
  });
});

describe("a case", () => {
  it("shows all six scopes and the formats, the record with what matched lit", async () => {
    const { page } = await open(manyAlerts(3));
    await rowsOf(page).first().click();
    await page.getByText("Has a new user been involved").first().waitFor();
    const panel = page.getByRole("tabpanel");
    await panel.getByText("Why it fired").waitFor();
    const lit = await panel.locator(".record mark").allInnerTexts();
    expect(lit).toEqual(expect.arrayContaining(["eventName", "AuthorizeSecurityGroupIngress", "0.0.0.0/0"]));
    await panel.getByRole("button", { name: "JSON" }).click();
    expect(await panel.locator("pre").last().innerText()).toContain(
      '"eventName": "AuthorizeSecurityGroupIngress"',
    );
    const tabs = {
      Investigation: "First call of the role Admin",
      Events: "1 record is behind this alert.",
      Related: "same",
      Integrations: "1 attempt",
      Timeline: "this alert",
      Formats: '"severity": "medium"',
    };
    for (const [name, text] of Object.entries(tabs)) {
      await page.getByRole("tab", { name }).click();
      await expect.poll(() => panel.innerText()).toContain(text);
    }
    for (const format of ["ECS 9", "OCSF", "ASFF", "Lacework"]) {
      await panel.getByRole("button", { name: format }).click();
      await expect.poll(() => panel.locator("pre").getAttribute("aria-label")).toBe(`the alert as ${format}`);
      expect(JSON.parse(await panel.locator("pre").innerText())).toBeTypeOf("object");
    }
    expect(page.url()).toMatch(/#\/case\/[0-9a-f]{32}\/formats$/);
  });

  it("says when there is none of that id, and when a scope is not to be had", async () => {
    const { page } = await open([], { hash: `#/case/${"0".repeat(32)}` });
    await page.getByRole("alert").waitFor();
    expect(await page.getByRole("alert").innerText()).toContain("There is no such alert");
    // A reply of 404 is an error to the browser's console, too.
    const faults = opened[0]?.faults ?? [];
    expect(faults.splice(0).every((fault) => fault.includes("404"))).toBe(true);
  });

  it("takes a comment once, and shows it in the timeline", async () => {
    const alerts = manyAlerts(2);
    const {
      page,
      stage: { stores },
    } = await open(alerts);
    await rowsOf(page).first().click();
    await page.getByRole("tab", { name: "Timeline" }).click();
    await page.getByRole("button", { name: "Comment" }).click();
    await page.getByRole("textbox", { name: "Comment" }).fill("I look at it. <b>x</b>");
    await page.getByRole("button", { name: "Keep the comment" }).click();
    await page.getByRole("tabpanel").getByText("I look at it. <b>x</b>").waitFor();
    const found = await stores.cases.read(alerts[1]?.id ?? "", soon());
    expect(found?.history).toMatchObject([{ by: "tester", comment: "I look at it. <b>x</b>" }]);
  });

  it("asks for reason, owner and expiry, and shows the file of a suppression without writing it", async () => {
    const { page } = await open(manyAlerts(1));
    await rowsOf(page).first().click();
    await page.getByRole("button", { name: "Suppress this" }).click();
    const dialog = page.getByRole("dialog", { name: "Suppress this" });
    await dialog.getByText("Give a reason and an owner").waitFor();
    await dialog.getByLabel("Reason").fill("A public web server: # yes");
    await dialog.getByLabel("Owner").fill("platform");
    await dialog.getByLabel("Expires after").fill("2027-03-31");
    await dialog.getByLabel("Name of the file").fill("public-web-server");
    await dialog.getByText("it would have kept this alert back").waitFor();
    const text = await dialog.locator("pre").innerText();
    expect(text).toContain('reason: "A public web server: # yes"');
    expect(text).toContain("value: arn:aws:iam::123456789012:role/people/Admin");
    await dialog.getByLabel(/^actor\.arn/).uncheck();
    await dialog.getByLabel(/^userAgent/).check();
    await dialog.getByText("an attacker can choose it too").waitFor();
  });
});

describe("why did it not fire", () => {
  it("explains a pasted record from the bus to the alert", async () => {
    const [alert] = manyAlerts(1);
    const { page } = await open([], { hash: "#/why" });
    const record = { ...alert?.record, errorCode: "AccessDenied" };
    await page.getByRole("textbox", { name: "Record" }).fill(JSON.stringify(record));
    await page.getByLabel("Rule").selectOption("ec2.amazonaws.com/security-group-opened");
    await page.getByRole("button", { name: "Explain" }).click();
    await page.getByText("does not alert").waitFor();
    expect(await page.locator(".conditions").innerText()).toContain('saw "AccessDenied"');
    await page.getByRole("textbox", { name: "Record" }).fill("{ not json");
    await page.getByRole("button", { name: "Explain" }).click();
    await expect.poll(() => page.getByRole("alert").innerText()).toContain("This is no CloudTrail record");
  });
});
