/**
 * Takes secrets out of what the other side says. It may quote the request, the key in it or the address it was sent
 * to, and of an address that is a secret it usually quotes the path. So a secret goes in every shape it may be quoted in,
 * before anything is cut; and, since half a key is still half a key, so does any run of eight characters of it, in
 * whatever case and however its characters are encoded or kept apart by what cannot be seen.
 *
 *     redact("no service at /T0/B0/abcdefgh", ["https://hooks.example/T0/B0/abcdefgh"])   // "no service at (secret)"
 */
import { maskRuns } from "./mask-runs.ts";

/** Shorter parts of an address are ordinary words ("api", "v1"): taking them out would garble every sentence. */
const SHORTEST_PART = 8;
const HIDDEN = "(secret)";

/** The text without the secrets, their encoded forms and, of secrets that are addresses, their parts. */
export function redact(text: string, secrets: readonly string[]): string {
  const clean = secrets
    .flatMap((secret) => shapes(secret))
    .filter((shape) => shape !== "")
    .toSorted((a, b) => b.length - a.length)
    .reduce((rest, shape) => rest.replaceAll(shape, HIDDEN), text);
  return maskRuns(clean, secrets, HIDDEN);
}

function shapes(secret: string): string[] {
  const parts = URL.canParse(secret) ? partsOf(new URL(secret)) : [];
  return [secret, ...parts].flatMap((part) => [
    part,
    encodeURIComponent(part.toWellFormed()),
    JSON.stringify(part).slice(1, -1),
    Buffer.from(part).toString("base64"),
  ]);
}

function partsOf({ href, pathname, search, username, password }: URL): string[] {
  const pieces = [
    pathname + search,
    search.slice(1),
    username,
    password,
    ...(pathname + search).split(/[/?&=]/),
  ];
  return [href, ...pieces.filter((piece) => piece.length >= SHORTEST_PART)];
}
