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

/** The text of a file of a rules folder. @param schema the file name of its JSON Schema */
export function importedText(content: object, schema: string): string {
  const doc = new Document(content, PLAIN);
  doc.commentBefore = ` yaml-language-server: $schema=../${schema}`;
  visit(doc, {
    Map(_key, node) {
      if (node.has("fact") && JSON.stringify(node.toJSON()).length <= LONGEST_LINE) node.flow = true;
    },
    Pair(_key, pair) {
      const isShort = isScalar(pair.key) && ["attack", "tags", "fires", "remove"].includes(String(pair.key.value));
      if (isShort && isSeq(pair.value)) pair.value.flow = true;
    },
    Scalar(_key, node) {
      if (typeof node.value === "string" && node.value.includes("\n")) node.type = "BLOCK_LITERAL";
    },
  });
  for (const pair of isMap(doc.contents) ? doc.contents.items : [])
    if (isMap(pair.value) && isScalar(pair.key) && ["dedup", "threshold"].includes(String(pair.key.value)))
      pair.value.flow = true;
  return doc.toString(FORMAT);
}
