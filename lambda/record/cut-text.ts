/**
 * Cutting text to a length without breaking it: a cut between the two halves of a surrogate pair leaves a lone half,
 * which is not valid UTF-8 and makes some services refuse the whole message.
 */

/** The text, well-formed, at most `limit` UTF-16 units long; a cut one ends with "…". */
export function cutText(text: string, limit: number): string {
  if (text.length <= limit) return text.toWellFormed();
  const head = text.slice(0, Math.max(0, limit - 1));
  const last = head.charCodeAt(head.length - 1);
  const whole = last >= 0xd800 && last <= 0xdbff ? head.slice(0, -1) : head;
  return `${whole.toWellFormed()}…`;
}
