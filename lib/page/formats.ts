/** The alert in each format that destinations take, for the page to show. */
import type { Alert } from "../../lambda/alerts/alert-schema.ts";

export const FORMAT_NAMES: readonly string[] = ["alert"];

export async function formatCase(name: string, alert: Alert): Promise<object | undefined> {
  return name === "alert" ? alert : undefined;
}
