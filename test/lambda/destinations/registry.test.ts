import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { DestinationType } from "../../../lambda/destinations/destination-type.ts";
import { DESTINATION_TYPES } from "../../../lambda/destinations/registry.ts";

/** Whoever adds a destination is told here what it lacks: its file, its contract run, its settings, its docs. */

const root = join(import.meta.dirname, "../../..");
const read = (path: string): string => {
  const file = join(root, path);
  return existsSync(file) ? readFileSync(file, "utf8") : "";
};

/** Everything that a registered destination lacks, as a person should read it. */
function lacking(name: string, type: DestinationType, docs: string): string[] {
  const source = `lambda/destinations/${name}.ts`;
  const test = `test/lambda/destinations/${name}.test.ts`;
  const [code, tests] = [read(source), read(test)];
  const row = docs.split("\n").find((line) => line.startsWith(`| \`${name}\` |`));
  const lacks: string[] = [];
  if (code === "") lacks.push(`${source} is missing: a destination's file is called as its type`);
  if (!tests.includes("destinationContract({")) lacks.push(`${test} does not run destinationContract`);
  if (/from "\.\/http\.ts"/.test(code) && !tests.includes("httpDestinationContract({"))
    lacks.push(`${test} does not run httpDestinationContract`);
  if (type.description.trim() === "") lacks.push(`${name} has no description`);
  if (row === undefined) lacks.push(`docs/destinations.md has no row for ${name} in its table`);
  for (const [setting, { description }] of Object.entries(type.settings)) {
    if (description.trim() === "") lacks.push(`${name}.${setting} has no description`);
    if (row !== undefined && !row.includes(`\`${setting}\``))
      lacks.push(`docs/destinations.md, row ${name}: the setting ${setting} is missing`);
  }
  return lacks;
}

describe("the registry of destinations", () => {
  const docs = read("docs/destinations.md");

  it.each([...DESTINATION_TYPES])(
    "%s has its file, its contract run, its settings and its docs",
    (name, type) => {
      expect(lacking(name, type, docs)).toEqual([]);
    },
  );

  it.each([...DESTINATION_TYPES])(
    "%s says what is wrong with empty settings, and does not throw",
    (name, type) => {
      const needed = Object.values(type.settings).filter(({ optional }) => optional !== true);
      expect(type.check({ id: "x", type: name })).toHaveLength(needed.length);
    },
  );

  it.each([...DESTINATION_TYPES])("%s calls its secrets secret, and takes none for itself", (name, type) => {
    for (const [setting, { kind }] of Object.entries(type.settings)) {
      expect(/^secret$|Secret$/.test(setting)).toBe(kind === "secret");
      if (kind !== "secret") continue;
      const problems = type.check({ id: "x", type: name, [setting]: "0123456789abcdef0123456789abcdef" });
      expect(problems.find((problem) => problem.startsWith(`${setting} `))).toContain(
        "never the secret itself",
      );
      expect(problems.join()).not.toContain("0123456789abcdef");
    }
  });

  it("finds everything that a destination can lack", () => {
    const fax: DestinationType = {
      ...(DESTINATION_TYPES.get("sns") as DestinationType),
      description: " ",
      settings: { number: { kind: "text", description: "", pattern: /^\d+$/, example: "1" } },
    };
    expect(lacking("fax", fax, docs)).toEqual([
      "lambda/destinations/fax.ts is missing: a destination's file is called as its type",
      "test/lambda/destinations/fax.test.ts does not run destinationContract",
      "fax has no description",
      "docs/destinations.md has no row for fax in its table",
      "fax.number has no description",
    ]);
    expect(lacking("fax", fax, "| `fax` | |")).toContain(
      "docs/destinations.md, row fax: the setting number is missing",
    );
  });
});
