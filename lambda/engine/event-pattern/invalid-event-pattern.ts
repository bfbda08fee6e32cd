/**
 * Why EventBridge would refuse a pattern. A refused pattern stops a whole deployment, so the message names the place
 * and the cure, and the parts stay apart for whoever shows them otherwise:
 *
 *   Event pattern is not valid. Reason: unknown operator "contains" at detail.eventName[0]. Use one of "prefix", …
 */

/** An event pattern that EventBridge refuses, with `reason` and `path` (empty for the pattern as a whole). */
export class InvalidEventPatternError extends Error {
  override readonly name = "InvalidEventPatternError";
  readonly reason: string;
  readonly path: string;

  constructor(path: string, reason: string, cure: string) {
    super(`Event pattern is not valid. Reason: ${reason}${path === "" ? "" : ` at ${path}`}. ${cure}`);
    this.reason = reason;
    this.path = path;
  }
}

/** Longest text of a pattern or of a field's name that a message repeats, in characters. */
const MAX_QUOTED = 80;

/** The value as it stands in the pattern, on one line and bounded, for a message. */
export function quote(value: unknown): string {
  let text: string | undefined;
  try {
    text = JSON.stringify(value);
  } catch {
    // Circular or too deep: its type has to do.
  }
  text ??= `a value of type ${typeof value}`;
  return text.length > MAX_QUOTED ? `${text.slice(0, MAX_QUOTED)}…` : text;
}

/** The path of a key below another: dotted where that reads well, quoted where the key is hostile or long. */
export function below(path: string, key: string): string {
  const step = /^[\w$:-]{1,80}$/.test(key) ? key : quote(key);
  return path === "" ? step : `${path}.${step}`;
}
