/**
 * YAML of other tools, with the line of every part. A number that would not be read back as it was written (an account
 * id that begins with a zero) stays the text that it is.
 */
import { isNode, LineCounter, parseAllDocuments, visit } from "yaml";
import { quote } from "../../lambda/loader/problem.ts";
import { Refusal, type SourceText } from "./model.ts";

/** One document of a file. */
export type ForeignDocument = {
  readonly data: unknown;
  /** The line of what a path leads to, or of the nearest thing above it. */
  readonly lineOf: (path: readonly (string | number)[]) => number;
};

const MAX_CHARACTERS = 1_000_000;
const MAX_ALIASES = 100;

/**
 * Reads the documents of a file.
 * @throws Refusal when it is no YAML.
 */
export function readForeignYaml({ text }: SourceText): readonly ForeignDocument[] {
  if (text.length > MAX_CHARACTERS) throw new Refusal("The file has more than a million characters.");
  const lines = new LineCounter();
  const documents = parseAllDocuments(text, { lineCounter: lines, prettyErrors: false, logLevel: "error" });
  if (!Array.isArray(documents)) return [];
  return documents.map((document) => {
    const [error] = document.errors;
    if (error !== undefined) {
      const { line } = lines.linePos(error.pos[0]);
      throw new Refusal(`This is no YAML that can be read: ${quote(error.message)}, at line ${line}.`);
    }
    visit(document, {
      Scalar(_key, node) {
        const isCut = typeof node.value === "number" && String(node.value) !== node.source;
        if (isCut && /^[-+]?[0-9]+$/.test(node.source ?? "")) node.value = node.source;
      },
    });
    return {
      data: plainData(document),
      lineOf(path) {
        for (let length = path.length; length >= 0; length--) {
          const node = length === 0 ? document.contents : document.getIn(path.slice(0, length), true);
          if (!isNode(node) || node.range === undefined || node.range === null) continue;
          return Math.max(lines.linePos(node.range[0]).line, 1);
        }
        return 1;
      },
    };
  });
}

function plainData(document: { toJS(options: { maxAliasCount: number }): unknown }): unknown {
  try {
    return document.toJS({ maxAliasCount: MAX_ALIASES });
  } catch {
    throw new Refusal("Its aliases refer to each other without end, or too often.");
  }
}
