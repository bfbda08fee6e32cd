import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { FORMAT_NAMES, openFormat } from "../../../lambda/formats/formats.ts";
import { ALERTS, noticesOf } from "../../contracts/formats/subjects.ts";

const page = readFileSync(join(import.meta.dirname, "../../../docs/formats.md"), "utf8");

function sectionOf(name: string): string {
  return page.split(/^## /m).find((section) => section.toLowerCase().startsWith(`${name}\n`)) ?? "";
}

/** Said once for all findings: what class they are of, and words beside ids. */
const UNTOLD: ReadonlySet<string> = new Set(
  "category_uid category_name class_uid class_name activity_name type_name severity status SchemaVersion ProductName CompanyName ecs".split(
    " ",
  ),
);

describe("docs/formats.md", () => {
  it("lists every format", () => {
    expect(FORMAT_NAMES.filter((name) => !page.includes(`| \`${name}\` |`))).toEqual([]);
  });

  it.each(["ecs", "ocsf", "asff", "lacework"] as const)(
    "says where every field of %s comes from",
    async (name) => {
      const format = await openFormat(name);
      const keys = new Set(
        ALERTS.flatMap(([, alert]) => noticesOf(alert).flatMap((notice) => Object.keys(format(notice)))),
      );
      const told = sectionOf(name);
      expect(keys.size).toBeGreaterThan(10);
      expect([...keys].filter((key) => !UNTOLD.has(key) && !new RegExp(`\`${key}\\b`).test(told))).toEqual(
        [],
      );
    },
  );
});
