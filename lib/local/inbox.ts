/**
 * The queue behind the alerts topic: what arrives here has gone the whole way. Every message is checked against the
 * alert's schema, because whoever subscribes to the topic relies on it.
 */
import { toldAlertSchema } from "../../lambda/cases/told-alert.ts";
import type { Alert } from "../../lambda/alerts/alert-schema.ts";
import type { LocalFunctionSpec } from "./local-stack.ts";
import type { LocalQueue, LocalQueues } from "./queues.ts";

/** Who is told what arrives. */
export type InboxListener = { onAlert(alert: Alert): void; onProblem(line: string): void };

/** Subscribes a new queue to the topics that the functions publish alerts to. */
export async function openInbox(
  queues: LocalQueues,
  functions: readonly LocalFunctionSpec[],
  listener: InboxListener,
): Promise<LocalQueue> {
  const inbox = await queues.createQueue("local-alerts-inbox");
  for (const topic of alertsTopics(functions)) await queues.subscribe(topic, inbox.arn);
  queues.watch(inbox, (body) => arrived(body, listener));
  return inbox;
}

/** The topics in the environment that the template gives the functions. */
function alertsTopics(functions: readonly LocalFunctionSpec[]): Set<string> {
  return new Set(functions.flatMap(({ environment }) => environment["ENGINE_TOPIC_ARN"] ?? []));
}

function arrived(body: string, listener: InboxListener): void {
  const alert = toldAlertSchema.safeParse(parse(body));
  if (alert.success) listener.onAlert(alert.data);
  else listener.onProblem(`a message that is no alert arrived at the alerts topic: ${alert.error.message}`);
}

/** The message, or undefined, which is no alert either. */
function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
