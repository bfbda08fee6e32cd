/**
 * Whether somebody hears: confirmed subscriptions, readable secrets. A secret is asked for by the name or ARN that the
 * detector asks with, read, to know that it can be, and judged by its shape; no part of it is ever shown.
 */
import { DescribeSecretCommand, GetSecretValueCommand } from "@aws-sdk/client-secrets-manager";
import { ListSubscriptionsByTopicCommand, type Subscription } from "@aws-sdk/client-sns";
import { looksWhole } from "../secret-names.ts";
import { type DoctorClients, describeError } from "./clients.ts";
import type { Deployed } from "./deployed.ts";
import { type CheckResult, fail, ok, warn } from "./report.ts";

const CONFIRM =
  'Open the mail "AWS Notification - Subscription Confirmation" and follow its link; unconfirmed ones end after two days, then deploy again without and with the address.';

const WHOLE =
  " If it is there: an ARN that ends with a hyphen and six characters is taken for whole; give the secret's name, or the ARN that `aws secretsmanager describe-secret` shows.";

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

/** Whether each secret exists, can be read by whoever runs the doctor, and holds something like a key. */
export async function checkSecrets(clients: DoctorClients, deployed: Deployed): Promise<CheckResult[]> {
  const results: CheckResult[] = [];
  for (const secret of deployed.secrets) {
    const client = clients.secretsManager(secret);
    try {
      const { DeletedDate } = await client.send(new DescribeSecretCommand({ SecretId: secret }));
      if (DeletedDate !== undefined) {
        results.push(
          fail(
            "secrets",
            `${secret} is marked for deletion.`,
            `Restore it: \`aws secretsmanager restore-secret --secret-id ${secret}\`.`,
          ),
        );
        continue;
      }
      const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId: secret }));
      results.push(
        holdsKey(SecretString)
          ? ok("secrets", `${secret} can be read and holds a key.`)
          : fail(
              "secrets",
              `${secret} can be read, but holds no API key.`,
              'Store the key as plain text, or as JSON: {"apiKey":"…"}.',
            ),
      );
    } catch (error) {
      const missing = error instanceof Error && error.name === "ResourceNotFoundException";
      results.push(
        missing
          ? fail(
              "secrets",
              `There is no secret ${secret} in this Region.`,
              `Create it: \`aws secretsmanager create-secret --name NAME --secret-string file://key.txt\`.${looksWhole(secret) ? WHOLE : ""}`,
            )
          : fail(
              "secrets",
              `${secret} cannot be read: ${describeError(error)}.`,
              "Allow secretsmanager:DescribeSecret and GetSecretValue on it (and kms:Decrypt on its key) to whoever runs the doctor, and see that its resource policy lets the detector's role in.",
            ),
      );
    }
  }
  return results;
}

function holdsKey(text: string | undefined): boolean {
  if (text === undefined || text.trim() === "") return false;
  if (!text.trim().startsWith("{")) return !/\s/.test(text.trim());
  try {
    const value: unknown = JSON.parse(text);
    return (
      value instanceof Object && "apiKey" in value && typeof value.apiKey === "string" && value.apiKey !== ""
    );
  } catch {
    return false;
  }
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
