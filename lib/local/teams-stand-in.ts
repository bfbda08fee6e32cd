/** A stand-in for a workflow of Microsoft Teams that posts adaptive cards: it says 202 to what it took. */
import { json, objectIn, textIn } from "./stand-in.ts";
import type { Medium } from "./stand-in.ts";

/** A workflow takes a message of 28 KB (FACTS § 6). */
const MAX_BYTES = 28_672;

/** The workflow. */
export const TEAMS: Medium = {
  contentTypes: ["application/json"],
  limit: 1_048_576,
  judge: ({ body }) => {
    const message = objectIn(body);
    const card = textIn(message, "attachments", 0, "contentType");
    if (message === undefined || card !== "application/vnd.microsoft.card.adaptive")
      return { reply: json(400, { error: { code: "TriggerInputSchemaMismatch" } }) };
    if (Buffer.byteLength(body) > MAX_BYTES)
      return { reply: json(413, { error: { code: "RequestEntityTooLarge" } }) };
    return { reply: { status: 202, body: "" }, took: { line: firstText(message), body: message } };
  },
};

/** The first text of the card, depth first: its title. */
function firstText(value: unknown): string {
  if (Array.isArray(value)) return value.map((item) => firstText(item)).find((text) => text !== "") ?? "";
  if (typeof value !== "object" || value === null) return "";
  const own = textIn(value, "text");
  return own === "" ? firstText(Object.values(value)) : own;
}
