/**
 * What is in a secret: the value itself as text, or JSON that names it. People store keys either way, and the console
 * of Secrets Manager makes JSON by itself. One secret may hold several values, such as an address and a signing key.
 *
 *     valueIn('{"apiKey":"0123…"}', "apiKey")   // "0123…"
 *     valueIn("0123…\n", "apiKey")              // "0123…"
 */
import { isObject, textAt } from "../record/untrusted.ts";

/** The names that a value has in JSON. */
export type SecretField = "apiKey" | "url" | "token" | "routingKey" | "signingKey";

/** Every name that is understood where the JSON does not use the expected one. */
const FIELDS: readonly string[] = ["apiKey", "url", "token", "routingKey", "signingKey", "key", "value"];
/** One line of visible ASCII: it travels in an HTTP header or as an address. */
const VALUE = /^[\x21-\x7e]{1,4096}$/;

/** The value of `field` in a secret's text; undefined when there is none, or more than one and none of that name. */
export function valueIn(text: string | undefined, field: SecretField): string | undefined {
  const value = (text?.trim().startsWith("{") === true ? named(text, field) : text)?.trim();
  return value !== undefined && VALUE.test(value) ? value : undefined;
}

function named(text: string, field: SecretField): string | undefined {
  const json = parse(text);
  if (!isObject(json)) return undefined;
  if (Object.hasOwn(json, field)) return textAt(json, field);
  const others = FIELDS.filter((name) => Object.hasOwn(json, name));
  return others.length === 1 ? textAt(json, others[0] ?? "") : undefined;
}

/** The parser's message quotes the secret: it must go no further. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
