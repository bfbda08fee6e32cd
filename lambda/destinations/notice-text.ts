/**
 * The words that every medium uses for a notice, in plain text: each destination escapes them for its own medium.
 *
 *     noticeTitle({ alert: { title: "Root account used", count: 96, … }, kind: "summary" }, 100)   // "Root account used (96 times)"
 */
import { showText } from "../alerts/show-text.ts";
import type { Notice } from "./destination.ts";

/** The alert's title, with how often it happened; when it is cut, the number stays. One line of at most `limit`. */
export function noticeTitle({ alert }: Notice, limit: number): string {
  if (alert.count === 1) return showText(alert.title, limit);
  const times = ` (${alert.count.toLocaleString("en-US")} times)`;
  return showText(alert.title, limit - times.length) + times;
}
