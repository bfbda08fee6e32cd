/**
 * The EventBridge rules as they are, not as they were deployed: somebody may have disabled one or taken its target.
 */
import { ListRulesCommand, ListTargetsByRuleCommand, type Rule } from "@aws-sdk/client-eventbridge";
import { OWN_DENIALS_RULE, ruleNamePrefix } from "../names.ts";
import type { DoctorClients } from "./clients.ts";
import type { Deployed } from "./deployed.ts";
import { type CheckResult, fail, ok, warn } from "./report.ts";

/** The results, and whether a rule asks for read-only records. */
export async function checkEventRules(
  clients: DoctorClients,
  deployed: Deployed,
): Promise<{ results: CheckResult[]; readsNeeded: boolean }> {
  const prefix = ruleNamePrefix(deployed.stackName);
  const rules = await listRules(clients, prefix);
  const watching = rules.filter(({ Name }) => Name !== `${prefix}${OWN_DENIALS_RULE}`);
  if (watching.length === 0) {
    return {
      results: [
        fail(
          "event-rules",
          `No EventBridge rule begins with ${prefix}: nothing reaches the detector.`,
          "Deploy again with `npx cdk deploy`.",
        ),
      ],
      readsNeeded: false,
    };
  }
  const results: CheckResult[] = [];
  for (const rule of watching) {
    const name = rule.Name ?? "";
    if (rule.State === "DISABLED")
      results.push(
        fail(
          "event-rules",
          `${name} is disabled.`,
          `Find out who did it, then \`aws events enable-rule --name ${name}\` or deploy again.`,
        ),
      );
    const { Targets = [] } = await clients.eventBridge.send(new ListTargetsByRuleCommand({ Rule: name }));
    const target = Targets.find(({ Arn }) => Arn === deployed.detectorArn);
    if (target !== undefined && target.DeadLetterConfig?.Arn === undefined) {
      results.push(
        warn(
          "event-rules",
          `${name} has no dead-letter queue any more: records that EventBridge cannot hand over are lost.`,
          putTarget(name, "changed it (PutTargets", deployed),
        ),
      );
    }
    if (target === undefined) {
      results.push(
        fail(
          "event-rules",
          `${name} does not invoke the detector: its target is gone.`,
          putTarget(name, "took it (RemoveTargets", deployed),
        ),
      );
    }
  }
  if (results.length === 0)
    results.push(
      ok("event-rules", `${watching.length} EventBridge rules are enabled and invoke the detector.`),
    );
  return {
    results,
    readsNeeded: watching.some(({ State }) => State === "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"),
  };
}

async function listRules(clients: DoctorClients, prefix: string): Promise<Rule[]> {
  const rules: Rule[] = [];
  let token: string | undefined;
  do {
    const page = await clients.eventBridge.send(
      new ListRulesCommand({ NamePrefix: prefix, ...(token === undefined ? {} : { NextToken: token }) }),
    );
    rules.push(...(page.Rules ?? []));
    token = page.NextToken;
  } while (token !== undefined);
  return rules;
}

function putTarget(rule: string, deed: string, { detectorArn, deadLettersUrl }: Deployed): string {
  const [, partition, , region, account] = detectorArn.split(":");
  const queueArn = ["arn", partition, "sqs", region, account, deadLettersUrl.split("/").at(-1)].join(":");
  const target = `Id=detector,Arn=${detectorArn},DeadLetterConfig={Arn=${queueArn}}`;
  return (
    `Find out who ${deed} in CloudTrail), then put it back, since CloudFormation does not see that it is gone: ` +
    `\`aws events put-targets --rule ${rule} --targets '${target}'\`.`
  );
}
