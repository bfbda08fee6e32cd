/**
 * The text of an imported file. Everything foreign goes through the YAML library, which quotes it; comparisons stand on
 * one line each, as people write them.
 *
 *   - { fact: eventName, operator: equal, value: CreateUser }
 */
import { Document, isMap, isScalar, isSeq, visit } from "yaml";

const FORMAT = { lineWidth: 0, flowCollectionPadding: true } as const;
/** `No` is quoted: to some YAML readers it is false. */
const PLAIN = { aliasDuplicateObjects: false, compat: "yaml-1.1" } as const;
/** A comparison with many values is easier to read with one a line. */
const LONGEST_LINE = 120;
/** Controls but for the end of a line, and marks that turn text around. */
const UNSEEN = /(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** The text of a file of a rules folder. @param schema the file name of its JSON Schema */
export function importedText(content: object, schema: string): string {
  const doc = new Document(content, PLAIN);
  doc.commentBefore = ` yaml-language-server: $schema=../${schema}`;
  visit(doc, {
    Map(_key, node) {
      if (node.has("fact") && JSON.stringify(node.toJSON()).length <= LONGEST_LINE) node.flow = true;
    },
    Seq(_key, node) {
      const isPlain = node.items.every((item) => isScalar(item));
      if (isPlain && JSON.stringify(node.toJSON()).length <= LONGEST_LINE) node.flow = true;
    },
    Scalar(_key, node) {
      if (typeof node.value !== "string" || !/[^ -~]/.test(node.value)) return;
      // Lines as lines; but what nobody sees in an editor is escaped.
      node.type = node.value.search(UNSEEN) !== -1 ? "QUOTE_DOUBLE" : "BLOCK_LITERAL";
      if (!node.value.includes("\n") && node.type === "BLOCK_LITERAL") delete node.type;
    },
  });
  for (const pair of isMap(doc.contents) ? doc.contents.items : []) {
    const isShort = isScalar(pair.key) && ["dedup", "threshold"].includes(String(pair.key.value));
    if (isShort && isMap(pair.value)) pair.value.flow = true;
    // References are long, and one a line.
    if (isScalar(pair.key) && pair.key.value === "references" && isSeq(pair.value)) pair.value.flow = false;
  }
  // Whatever has such a character stands in double quotes, where it may be escaped.
  return doc.toString(FORMAT).replace(UNSEEN, (char) => {
    const code = char.codePointAt(0) ?? 0;
    return code > 0xffff
      ? `\\U${code.toString(16).padStart(8, "0")}`
      : `\\u${code.toString(16).padStart(4, "0")}`;
  });
}
