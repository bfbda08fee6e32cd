/**
 * Masks what a text has in common with a secret: every run of eight characters or more, compared without case, on decoded
 * text. Who echoes a key may cut it, write it small, escape its hyphens or break it by a character that nobody sees.
 *
 *     maskRuns("bad key abcdef%2Dghi…", ["ABCDEF-GHIJKL"], "(secret)")   // "bad key (secret)…"
 */

/** Shorter runs occur by chance, and in words. */
const RUN = 8;
/** One character as it may be written: `%2d`, `\\u002d`, `&#45;`, `&amp;`, encoded twice as well; backslashes before it. */
const CHARACTER =
  /\\+u\{([0-9a-f]{1,6})\}|\\+u([0-9a-f]{4})|\\+x([0-9a-f]{2})|%(?:25)*([0-9a-f]{2})|&(?:amp;)*#x([0-9a-f]{1,6});|&(?:amp;)*#(\d{1,7});|(&amp;)|[^]/giu;
/** What looks encoded may be none: "100%" before a key. So the text is searched as it is as well. */
const READINGS: readonly RegExp[] = [/[^]/gu, CHARACTER];
/** What is not seen, or only escapes what follows. */
const SKIPPED = /[\p{Cf}\p{Cc}\p{Mn}\\]/u;
/** A part of an address of small letters alone is a word: "workflows", "triggers". */
const WORD = /^[a-z]{1,12}$/;

type Unit = { readonly character: string; readonly from: number; readonly to: number };

/** The text with `mask` in place of each run. Parts of addresses count without their host. */
export function maskRuns(text: string, secrets: readonly string[], mask: string): string {
  const runs = new Set(secrets.flatMap((secret) => runsOf(secret)));
  if (runs.size === 0) return text;
  return READINGS.reduce((rest, reading) => maskUnits(rest, unitsOf(rest, reading), runs, mask), text);
}

function maskUnits(text: string, units: readonly Unit[], runs: ReadonlySet<string>, mask: string): string {
  let clean = "";
  let done = 0;
  let open: { from: number; to: number } | undefined;
  for (let at = 0; at + RUN <= units.length; at++) {
    const part = units.slice(at, at + RUN);
    if (!runs.has(textOf(part))) continue;
    const from = part[0]?.from ?? 0;
    const to = part.at(-1)?.to ?? text.length;
    if (open !== undefined && from < open.to) {
      open.to = to;
      continue;
    }
    if (open !== undefined) {
      clean += text.slice(done, open.from) + mask;
      done = open.to;
    }
    open = { from, to };
  }
  return open === undefined ? text : clean + text.slice(done, open.from) + mask + text.slice(open.to);
}

function textOf(units: readonly Unit[]): string {
  return units.map(({ character }) => character).join("");
}

function runsOf(secret: string): string[] {
  const url = URL.canParse(secret) ? new URL(secret) : undefined;
  const isAddress = url !== undefined && url.host !== "";
  const parts = isAddress ? [url.pathname + url.search, url.username, url.password] : [secret];
  const words = new Set(
    isAddress ? parts.flatMap((part) => part.split(/[^A-Za-z0-9]+/).filter((word) => WORD.test(word))) : [],
  );
  const isWord = (run: string): boolean => [...words].some((word) => word.includes(run));
  const plain = parts.flatMap((part) =>
    READINGS.flatMap((reading) => windows(textOf(unitsOf(part, reading)))),
  );
  const packed = [secret, ...parts].flatMap((part) =>
    base64s(part).flatMap((shape) => windows(shape.toLowerCase())),
  );
  return [...plain, ...packed].filter((run) => !isWord(run));
}

/** In Base64 a text has three shapes, by where it begins; the edges hold bits of its neighbours. */
function base64s(part: string): string[] {
  return [0, 1, 2].flatMap((offset) => {
    const bytes = Buffer.from(" ".repeat(offset) + part);
    return (["base64", "base64url"] as const).map((name) =>
      bytes
        .toString(name)
        .replace(/=+$/, "")
        .slice(offset === 0 ? 0 : 4, -1),
    );
  });
}

function windows(text: string): string[] {
  return Array.from({ length: Math.max(0, text.length - RUN + 1) }, (_, at) => text.slice(at, at + RUN));
}

function unitsOf(text: string, reading: RegExp): Unit[] {
  return [...text.matchAll(reading)].flatMap((match) => {
    const [written, braced, u, x, percent, hex, decimal, ampersand] = match;
    const code = [braced, u, x, percent, hex].find((one) => one !== undefined);
    const number = code === undefined ? Number(decimal ?? Number.NaN) : Number.parseInt(code, 16);
    const decoded =
      ampersand !== undefined ? "&" : number <= 0x10ffff ? String.fromCodePoint(number) : written;
    if (SKIPPED.test(decoded)) return [];
    const unit = { from: match.index, to: match.index + written.length };
    return Array.from(decoded.toLowerCase(), (character) => ({ character, ...unit }));
  });
}
