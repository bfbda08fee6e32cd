/**
 * The dead-letter queue: what waits in it, and whether EventBridge may still put something there. Where it may not,
 * what EventBridge cannot hand over is lost, and no alarm can tell: the only metric of that has one series per rule.
 */
import { GetQueueAttributesCommand } from "@aws-sdk/client-sqs";
import { isObject } from "../../lambda/record/untrusted.ts";
import { counted } from "../words.ts";
import type { DoctorClients } from "./clients.ts";
import type { Deployed } from "./deployed.ts";
import { type CheckResult, fail, ok, warn } from "./report.ts";

/** Whether something waits in the queue, and whether its policy admits EventBridge. */
export async function checkDeadLetters(clients: DoctorClients, deployed: Deployed): Promise<CheckResult[]> {
  const { Attributes } = await clients.sqs.send(
    new GetQueueAttributesCommand({
      QueueUrl: deployed.deadLettersUrl,
      AttributeNames: ["ApproximateNumberOfMessages", "Policy"],
    }),
  );
  const results: CheckResult[] = [];
  const waiting = Number(Attributes?.ApproximateNumberOfMessages ?? 0);
  if (waiting > 0) {
    results.push(
      warn(
        "dead-letters",
        `${counted(waiting, "record waits", "records wait")} in the dead-letter queue.`,
        "Read them there, mend the cause that the detector's log names, and send them again before 14 days are over.",
      ),
    );
  }
  if (!admitsEventBridge(Attributes?.Policy)) {
    results.push(
      fail(
        "dead-letters",
        "The dead-letter queue's policy does not admit EventBridge: records that it cannot hand over are lost.",
        "Find out who changed it (SetQueueAttributes in CloudTrail), then put back the policy of AWS::SQS::QueuePolicy in the stack's template: CloudFormation does not see that it is gone.",
      ),
    );
  }
  return results.length > 0
    ? results
    : [ok("dead-letters", "The dead-letter queue is empty and EventBridge may send to it.")];
}

/** Whether a statement lets EventBridge send. Its conditions and denials are not judged. */
function admitsEventBridge(policy: string | undefined): boolean {
  return statementsOf(policy).some(
    (statement) =>
      isObject(statement) &&
      statement["Effect"] === "Allow" &&
      isObject(statement["Principal"]) &&
      listOf(statement["Principal"]["Service"]).includes("events.amazonaws.com") &&
      listOf(statement["Action"]).some((action) => /^sqs:(sendmessage|\*)$/i.test(String(action))),
  );
}

function statementsOf(policy: string | undefined): readonly unknown[] {
  try {
    const document: unknown = JSON.parse(policy ?? "null");
    return isObject(document) ? listOf(document["Statement"]) : [];
  } catch {
    return [];
  }
}

/** Policies write a list of one without brackets. */
function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as readonly unknown[]) : [value];
}
