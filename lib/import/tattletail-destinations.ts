/**
 * Destinations of cloudtrail-tattletail as those of `engine.destinations`. What is wrong with one is said by the schema
 * of cdk.json itself, so that an import never writes what a deployment would refuse without saying so first.
 *
 *   readDestination({ type: "slack_webhook", id: "Slack", webhook_url: "https://hooks.slack.com/…" }, "slack")
 *   // { settings: { type: "slack", secret: "cloudtrail-engine/slack" }, commands: ["… create-secret …"], changes: [] }
 */
import { looksLikeSecret } from "../../lambda/destinations/looks-like-secret.ts";
import { quote } from "../../lambda/loader/problem.ts";
import { nearestRuleName } from "../../lambda/loader/rule-files.ts";
import { textAt, type Untrusted } from "../../lambda/record/untrusted.ts";
import { Refusal } from "./model.ts";
import { readConfig } from "../config.ts";

/** A destination, the commands it needs, and what a person has to look at. */
export type ReadDestination = {
  readonly settings: Readonly<Record<string, unknown>>;
  readonly commands: readonly string[];
  readonly changes: readonly string[];
};

const MAX_ID = 32;
const KEYS: Readonly<Record<string, readonly string[]>> = {
  sns: ["id", "type", "sns_arn"],
  slack_webhook: ["id", "type", "webhook_url"],
  ses: ["id", "type", "to_emails", "to_email", "from_email"],
};
const SLACK_HOST = /^hooks\.slack(?:-gov)?\.com$/;

/** Ids of ours for those there, all different, in their order. */
export function destinationIds(tables: readonly Untrusted[]): string[] {
  const taken = new Set(["topic"]);
  return tables.map((table) => {
    const given = textAt(table, "id") ?? textAt(table, "type") ?? "destination";
    const plain = nearestRuleName(looksLikeSecret(given) ? "destination" : given);
    const base = (/^[a-z]/.test(plain) ? plain : `d-${plain}`).slice(0, MAX_ID - 3).replace(/-+$/, "");
    let id = base;
    for (let more = 2; taken.has(id); more++) id = `${base}-${more}`;
    taken.add(id);
    return id;
  });
}

/** A name from the configuration as it may be shown: not when somebody put a secret there. */
export function shownName(name: string): string {
  return looksLikeSecret(name) ? "(what looks like a secret)" : name;
}

/**
 * Reads one destination.
 * @throws Refusal when it is of no known type, or lacks what that needs. No message has a secret in it.
 */
export function readDestination(table: Untrusted, id: string): ReadDestination {
  const type = textAt(table, "type") ?? "";
  const known = Object.hasOwn(KEYS, type) ? KEYS[type] : undefined;
  if (known === undefined)
    throw new Refusal(`Its type ${quote(shownName(type))} is none of ${Object.keys(KEYS).join(", ")}.`);
  const lost = Object.keys(table).filter((key) => !known.includes(key));
  const changes =
    lost.length === 0 ? [] : [`Not carried over: ${lost.map((key) => quote(shownName(key))).join(", ")}.`];
  const { settings, commands } = settingsOf(type, table, id, changes);
  for (const problem of readConfig({ destinations: { [id]: settings } }).problems)
    changes.push(`Mend it before you deploy, or cdk refuses it: ${problem}`);
  return { settings, commands, changes };
}

function settingsOf(
  type: string,
  table: Untrusted,
  id: string,
  changes: string[],
): { settings: Record<string, unknown>; commands: string[] } {
  if (type === "sns") return { settings: { type: "sns", topicArn: needed(table, "sns_arn") }, commands: [] };
  if (type === "ses") {
    const listed = table["to_emails"] ?? table["to_email"];
    const to: readonly unknown[] = Array.isArray(listed) ? listed : [listed];
    if (to.length === 0 || !to.every((one) => typeof one === "string" && one !== ""))
      throw new Refusal("It has no to_emails.");
    return { settings: { type: "ses", from: needed(table, "from_email"), to }, commands: [] };
  }
  const address = needed(table, "webhook_url");
  const host = URL.canParse(address) ? new URL(address).hostname : "";
  if (!SLACK_HOST.test(host))
    changes.push(
      "Its webhook_url is no address at hooks.slack.com, and the destination sends to no other host: create the secret with the incoming webhook's own address.",
    );
  const secret = `cloudtrail-engine/${id}`;
  return {
    settings: { type: "slack", secret },
    commands: [
      `aws secretsmanager create-secret --name ${secret} --secret-string file://webhook-url.txt   # write the webhook_url of "${id}" into that file, and delete it afterwards`,
    ],
  };
}

function needed(table: Untrusted, key: string): string {
  const value = textAt(table, key);
  if (value === undefined) throw new Refusal(`It has no ${key}.`);
  if (key !== "webhook_url" && looksLikeSecret(value))
    throw new Refusal(`Its ${key} holds what looks like a secret: it is not repeated here.`);
  return value;
}
