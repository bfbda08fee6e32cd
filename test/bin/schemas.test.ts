import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { OPERATORS } from "../../lambda/engine/operators.ts";
import { publishedSchemas } from "../../lib/published-schemas.ts";
import { runVerb } from "./run-verb.ts";

function emptyFolder(): string {
  const root = mkdtempSync(join(tmpdir(), "schemas-"));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  return root;
}

describe("schemas", () => {
  it("finds that the schemas in the repository are what the code says", async () => {
    const { code, stderr } = await runVerb(["schemas", "--check"]);
    expect(stderr).toBe("The schemas are what the code says.\n");
    expect(code).toBe(0);
  });

  it("writes them, and then finds what drifted or is missing", async () => {
    const root = emptyFolder();
    expect((await runVerb(["schemas", "--root", root])).code).toBe(0);
    expect((await runVerb(["schemas", "--root", root, "--check"])).code).toBe(0);
    const rule = join(root, "rules/rule.schema.json");
    writeFileSync(rule, readFileSync(rule, "utf8").replace('"critical"', '"catastrophic"'));
    rmSync(join(root, "rules/alert.schema.json"));
    const { code, stderr } = await runVerb(["schemas", "--root", root, "--check"]);
    expect(code).toBe(1);
    expect(stderr).toBe(
      `${rule}: The schema differs from the code. Run npm run build:schemas and commit what it writes.\n` +
        `${join(root, "rules/alert.schema.json")}: The schema cannot be read: there is no such file or folder. Run npm run build:schemas.\n`,
    );
  });

  it("says when it cannot write", async () => {
    const root = emptyFolder();
    writeFileSync(join(root, "rules"), "a file where a folder should be");
    const { code, stderr } = await runVerb(["schemas", "--root", root]);
    expect(code).toBe(1);
    expect(stderr).toContain("rule.schema.json: The schema cannot be written:");
  });
});

/** What a published schema says of the key `conditions`. */
function conditionsOf(file: string): unknown {
  const schema = JSON.parse(publishedSchemas().get(file) ?? "") as { properties: { conditions: unknown } };
  return schema.properties.conditions;
}

describe("the published rule schema", () => {
  const text = publishedSchemas().get("rules/rule.schema.json") ?? "";

  it("offers every operator and common facts with what they mean, and refuses unknown keys", () => {
    const schema = JSON.parse(text) as { additionalProperties: boolean; required: string[] };
    expect(schema.additionalProperties).toBe(false);
    expect(schema.required).toEqual(["name", "severity", "conditions"]);
    for (const [name, { description }] of Object.entries(OPERATORS)) {
      expect(text).toContain(`"const": "${name}",\n`);
      expect(text).toContain(JSON.stringify(description));
    }
    expect(text).toContain('"const": "eventName"');
  });

  it("refers to the condition from within the condition, so that nesting is completed too", () => {
    // Below all, any and not.
    expect(text.match(/"\$ref": "#\/definitions\/condition"/g)?.length).toBe(3);
  });

  it("takes no comparison at the top of a rule, but as a shared condition", () => {
    const forms = ["reference", "all", "any", "not"].map((form) => ({ $ref: `#/definitions/${form}` }));
    expect(conditionsOf("rules/rule.schema.json")).toMatchObject({ anyOf: forms });
    expect(conditionsOf("rules/condition.schema.json")).toMatchObject({
      allOf: [{ $ref: "#/definitions/condition" }],
    });
  });

  it("describes every key that people write", () => {
    const { properties } = JSON.parse(text) as { properties: Record<string, { description?: string }> };
    const silent = Object.entries(properties).filter(
      ([, { description = "" }]) => !/\w{3}/.test(description),
    );
    expect(silent).toEqual([]);
  });
});
