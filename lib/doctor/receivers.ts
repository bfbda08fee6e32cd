/**
 * Whether somebody hears: the confirmed subscriptions of both topics.
 */
import { ListSubscriptionsByTopicCommand, type Subscription } from "@aws-sdk/client-sns";
import type { DoctorClients } from "./clients.ts";
import type { Deployed } from "./deployed.ts";
import { type CheckResult, fail, ok, warn } from "./report.ts";

const CONFIRM =
  'Open the mail "AWS Notification - Subscription Confirmation" and follow its link; unconfirmed ones end after two days, then deploy again without and with the address.';

/** Subscriptions of both topics: unconfirmed ones, and whether anybody is left. */
export async function checkSubscriptions(clients: DoctorClients, deployed: Deployed): Promise<CheckResult[]> {
  const alerts = await listSubscriptions(clients, deployed.alertsTopicArn);
  const operations = await listSubscriptions(clients, deployed.operationsTopicArn);
  const pending = [
    ...new Set(
      [...alerts, ...operations].filter((one) => !isConfirmed(one)).map(({ Endpoint }) => Endpoint ?? "?"),
    ),
  ];
  const results: CheckResult[] = [];
  if (pending.length > 0)
    results.push(warn("subscriptions", `Not confirmed: ${pending.join(", ")}.`, CONFIRM));
  const confirmed = alerts.filter(isConfirmed).length;
  if (confirmed === 0 && deployed.destinations.length === 0) {
    results.push(
      fail(
        "subscriptions",
        "Nobody receives alerts.",
        'Add an address to "subscribe", or a destination, to "engine" in cdk.json and deploy.',
      ),
    );
  } else {
    results.push(
      ok(
        "subscriptions",
        `Alerts go to ${confirmed} confirmed ${confirmed === 1 ? "subscription" : "subscriptions"}${deployed.destinations.map((id) => ` and to ${id}`).join("")}.`,
      ),
    );
  }
  if (!operations.some(isConfirmed)) {
    results.push(
      warn(
        "subscriptions",
        "Nobody receives the alarms about the engine itself.",
        'Add an address to "subscribe" or "operations.subscribe" of "engine" in cdk.json and deploy.',
      ),
    );
  }
  return results;
}

function isConfirmed({ SubscriptionArn }: Subscription): boolean {
  return SubscriptionArn?.startsWith("arn:") === true;
}

async function listSubscriptions(clients: DoctorClients, topicArn: string): Promise<Subscription[]> {
  const found: Subscription[] = [];
  let token: string | undefined;
  do {
    const page = await clients.sns.send(
      new ListSubscriptionsByTopicCommand({
        TopicArn: topicArn,
        ...(token === undefined ? {} : { NextToken: token }),
      }),
    );
    found.push(...(page.Subscriptions ?? []));
    token = page.NextToken;
  } while (token !== undefined);
  return found;
}
