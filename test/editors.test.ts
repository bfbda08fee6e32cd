/**
 * What a person sees in an editor, asked of the YAML language server that VS Code and others use, with the published
 * schemas, the header lines and `.vscode/settings.json` as they are in the repository.
 */
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { describe, expect, it } from "vitest";
import { TextDocument } from "vscode-languageserver-textdocument";
import { getLanguageService } from "yaml-language-server";
import { FACT_DESCRIPTIONS } from "../lambda/engine/fact-descriptions.ts";
import { DECORATORS } from "../lambda/engine/operator-name.ts";
import { OPERATORS } from "../lambda/engine/operators.ts";
import { RECORD_FIELDS } from "../lambda/record/record-shape.ts";

const ROOT = resolve(import.meta.dirname, "..");
const CURSOR = "¦";

type Settings = { readonly "yaml.schemas": Readonly<Record<string, string[]>> };
const settings = JSON.parse(readFileSync(join(ROOT, ".vscode/settings.json"), "utf8")) as Settings;

const service = getLanguageService({
  schemaRequestService: async (uri) => readFileSync(fileURLToPath(uri), "utf8"),
  workspaceContext: {
    resolveRelativePath: (path, from) => pathToFileURL(resolve(fileURLToPath(from), "..", path)).href,
  },
});
service.configure({
  validate: true,
  completion: true,
  hover: true,
  schemas: Object.entries(settings["yaml.schemas"]).map(([schema, fileMatch]) => ({
    uri: pathToFileURL(join(ROOT, schema)).href,
    fileMatch,
  })),
});

/** The server remembers a file by its version. */
let version = 0;

/** A file with the cursor in it. */
function open(
  text: string,
  path: string,
): { document: TextDocument; at: ReturnType<TextDocument["positionAt"]> } {
  const uri = pathToFileURL(join(ROOT, path)).href;
  const document = TextDocument.create(uri, "yaml", ++version, text.replace(CURSOR, ""));
  return { document, at: document.positionAt(text.indexOf(CURSOR)) };
}

const RULE = "rules/ec2.amazonaws.com/in-an-editor.yaml";
const TOP = "name: x\nseverity: low\n";
const FIRST = `${TOP}conditions:\n  all:\n    - `;

async function offered(text: string, path = RULE): Promise<Map<string, string>> {
  const { document, at } = open(text, path);
  const { items } = await service.doComplete(document, at, false);
  return new Map(
    items.map(({ label, documentation }) => [
      label,
      typeof documentation === "string" ? documentation : (documentation?.value ?? ""),
    ]),
  );
}

async function hovered(text: string): Promise<string> {
  const { document, at } = open(text, RULE);
  return JSON.stringify((await service.doHover(document, at))?.contents ?? "");
}

async function complaints(text: string): Promise<string[]> {
  const { document } = open(text, RULE);
  const found = await service.doValidation(document, false);
  return found.map(({ range, message }) => `${range.start.line + 1}:${range.start.character + 1} ${message}`);
}

describe("an editor", () => {
  it("offers every key of a rule, each with words, and not $schema, which the header says", async () => {
    const keys = await offered(CURSOR);
    const expected =
      "name severity description conditions summary attack tags references falsePositives runbook mode";
    for (const key of expected.split(" ")) expect(keys.get(key)?.length).toBeGreaterThan(20);
    expect([...keys.keys()]).not.toContain("$schema");
  });

  it("says what each severity asks of people", async () => {
    const severities = await offered(`name: x\nseverity: ${CURSOR}`);
    expect([...severities.keys()]).toEqual(["info", "low", "medium", "high", "critical"]);
    expect(new Set(severities.values()).size).toBe(5);
    expect(await hovered(`name: x\nsev${CURSOR}erity: low\n`)).toMatch(
      /How urgent .* `critical`: Somebody gets up/,
    );
  });

  it("offers the keys of a condition", async () => {
    expect([...(await offered(FIRST + CURSOR)).keys()]).toEqual(
      expect.arrayContaining(["fact", "operator", "value", "condition", "all", "any", "not", "name"]),
    );
  });

  it.each([
    ["in a block", `fact: ${CURSOR}`],
    ["in braces", `{ fact: e${CURSOR}, operator: equal, value: x }`],
    ["in quotes", `fact: "e${CURSOR}"`],
  ])("offers every field of a record and every derived fact with words, %s", async (_, condition) => {
    const facts = await offered(FIRST + condition);
    expect([...facts.keys()]).toEqual(expect.arrayContaining([...RECORD_FIELDS]));
    expect([...facts.keys()]).toEqual(
      expect.arrayContaining(["actor.name", "channel.name", "outcome", "userIdentity.type"]),
    );
    expect([...facts].filter(([, words]) => words.length < 15)).toEqual([]);
  });

  it.each([
    ["in a block", `fact: eventName\n      operator: ${CURSOR}`],
    ["in braces", `{ fact: eventName, operator: e${CURSOR}, value: x }`],
  ])("offers every operator with words, %s", async (_, condition) => {
    const operators = await offered(FIRST + condition);
    for (const [name, { description }] of Object.entries(OPERATORS))
      expect(operators.get(name)).toBe(description);
    expect(operators.get("someFact:equal")).toContain(DECORATORS.someFact);
  });

  it("explains facts and operators on hover", async () => {
    const rest = "      value: x\n";
    expect(await hovered(`${FIRST}fact: event${CURSOR}Name\n      operator: equal\n${rest}`)).toContain(
      "StopLogging",
    );
    expect(await hovered(`${FIRST}fact: eventName\n      operator: equ${CURSOR}al\n${rest}`)).toContain(
      "type and case matter",
    );
  });

  it("finds nothing wrong with a good rule, nor with facts and operators beyond those it offers", async () => {
    const good = "fact: requestParameters.a.items[*].b\n      operator: someFact:not:like\n      value: x\n";
    expect(await complaints(FIRST + good)).toEqual([]);
  });

  it.each([
    ["a key", `name: x\nseverty: low\n`, /^2:1 Property severty is not allowed/m],
    ["a severity", `name: x\nseverity: hihg\n`, /^2:11 Value is not accepted/m],
    ["a technique", `${TOP}attack: [T12]\n`, /^3:10 This is no technique id: write e\.g\. T1098\.001\./m],
    [
      "a fact",
      `${FIRST}{ fact: eventNam, operator: equal, value: x }\n`,
      /^5:15 No CloudTrail record has such a field/m,
    ],
    [
      "an operator",
      `${FIRST}{ fact: eventName, operator: equals, value: x }\n`,
      /^5:36 This is no operator/m,
    ],
  ])("marks a misspelt %s where it stands, in words", async (_, text, words) => {
    expect((await complaints(text)).join("\n")).toMatch(words);
  });

  it.each([
    [RULE, "severity"],
    ["rules/_global/x.yml", "severity"],
    ["rules/ec2.amazonaws.com/x.test.yaml", "cases"],
    ["rules/_conditions/x.yaml", "conditions"],
    ["rules/_lists/x.yaml", "kind"],
    ["rules/_suppressions/x.yaml", "expires"],
  ])("knows by its path what %s is, without a header", async (path, key) => {
    expect([...(await offered(CURSOR, path)).keys()]).toContain(key);
  });

  it("knows by its header what a file elsewhere is", async () => {
    const text = `# yaml-language-server: $schema=../rules/rule.schema.json\n${CURSOR}`;
    expect([...(await offered(text, "docs/x.yaml")).keys()]).toContain("severity");
    expect([...(await offered(CURSOR, "docs/x.yaml")).keys()]).not.toContain("severity");
  });

  it("offers the fields of a record in a test", async () => {
    const text = `cases:\n  - name: x\n    record:\n      ${CURSOR}`;
    const fields = await offered(text, "rules/ec2.amazonaws.com/x.test.yaml");
    expect([...fields.keys()]).toEqual(expect.arrayContaining([...RECORD_FIELDS]));
  });

  it("has words for every field that a record can have", () => {
    expect(RECORD_FIELDS.filter((field) => !Object.hasOwn(FACT_DESCRIPTIONS, field))).toEqual([]);
  });

  it("is asked to install what understands the schemas, all of which are there", () => {
    const extensions = readFileSync(join(ROOT, ".vscode/extensions.json"), "utf8");
    expect(extensions).toContain("redhat.vscode-yaml");
    const missing = Object.keys(settings["yaml.schemas"]).filter((schema) => !existsSync(join(ROOT, schema)));
    expect(missing).toEqual([]);
  });
});
