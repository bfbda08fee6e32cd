/**
 * Text of strangers in what a terminal shows. A control character would move the cursor, a bidirectional mark turn a line
 * around, and both hide or forge what follows.
 *
 *   printable("Access\u001b[2J")   // "Access\\u001b[2J"
 */

const MAX_QUOTED = 80;

/** Controls, and the marks that turn text around: on a terminal they would hide or forge what follows. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/** Text of a stranger made safe to print on one line; what a terminal would act on is shown as `\u…`. */
export function printable(text: string): string {
  return text.replace(UNSEEN, (char) => `\\u${(char.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}`);
}

/** A value in a message: JSON, on one line, no longer than a reader needs to recognise it. */
export function quote(value: unknown): string {
  const text = printable(JSON.stringify(value) ?? String(value));
  return text.length <= MAX_QUOTED ? text : `${text.slice(0, MAX_QUOTED)}…`;
}
