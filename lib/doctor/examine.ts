/**
 * Examines a deployed account: everything that must be right around the engine for an alert to arrive, and that
 * `cdk deploy` cannot see. Every check runs whatever the others found; one that cannot run is itself a finding.
 */
import { GetCallerIdentityCommand } from "@aws-sdk/client-sts";
import { findRegionGaps } from "../regions.ts";
import { type DoctorClients, describeError, isDenied } from "./clients.ts";
import { checkDeadLetters } from "./dead-letters.ts";
import { type Deployed, readDeployed } from "./deployed.ts";
import { checkEventRules } from "./event-rules.ts";
import { checkSubscriptions } from "./receivers.ts";
import { type CheckName, type CheckResult, type DoctorReport, fail, ok, warn } from "./report.ts";
import { checkSecrets } from "./secrets.ts";
import { checkSenders } from "./senders.ts";
import { checkDeliveries, checkTable } from "./state.ts";
import { checkTrail } from "./trail.ts";

/** What the doctor's own user must be allowed, by check. */
const PERMISSIONS: Readonly<Record<CheckName, string>> = {
  stack: "cloudformation:DescribeStacks",
  trail: "cloudtrail:DescribeTrails, GetTrailStatus and GetEventSelectors",
  region: "nothing",
  "event-rules": "events:ListRules and ListTargetsByRule",
  subscriptions: "sns:ListSubscriptionsByTopic",
  secrets: "secretsmanager:DescribeSecret and GetSecretValue, and ssm:GetParameter",
  senders: "ses:GetEmailIdentity and GetAccount",
  table: "dynamodb:DescribeTable, DescribeContinuousBackups and DescribeTimeToLive",
  deliveries: "sqs:GetQueueAttributes",
  "dead-letters": "sqs:GetQueueAttributes",
};

/** Runs all checks. Never throws for what AWS answers: that becomes a result. */
export async function examine(
  clients: DoctorClients,
  stackName: string,
  region: string,
): Promise<DoctorReport> {
  const account = await clients.sts.send(new GetCallerIdentityCommand({})).then(
    (identity) => ({ id: identity.Account }),
    (error: unknown) => ({ problem: describeError(error) }),
  );
  const results: CheckResult[] = [];
  if ("problem" in account) {
    results.push(
      fail(
        "stack",
        `AWS did not accept the credentials: ${account.problem}.`,
        "Sign in (`aws sso login`, or AWS_PROFILE) and run the doctor again.",
      ),
    );
  } else {
    results.push(...(await examineAccount(clients, stackName, region)));
  }
  const findings = results.filter(({ status }) => status !== "ok").length;
  const id = "id" in account ? account.id : undefined;
  return { stack: stackName, region, ...(id === undefined ? {} : { account: id }), findings, results };
}

async function examineAccount(
  clients: DoctorClients,
  stackName: string,
  region: string,
): Promise<CheckResult[]> {
  const results: CheckResult[] = [];
  const run = async (check: CheckName, examineOne: () => Promise<readonly CheckResult[]>): Promise<void> => {
    try {
      results.push(...(await examineOne()));
    } catch (error) {
      results.push(
        fail(
          check,
          `Could not be checked: ${describeError(error)}.`,
          isDenied(error)
            ? `Allow ${PERMISSIONS[check]} to whoever runs the doctor.`
            : "Mend what the message names (network, endpoint, Region), then run the doctor again.",
        ),
      );
    }
  };
  let deployed: Awaited<ReturnType<typeof readDeployed>>["deployed"];
  let readsNeeded = false;
  await run("stack", async () => {
    const read = await readDeployed(clients, stackName);
    deployed = read.deployed;
    return [read.result];
  });
  const engine = deployed;
  if (engine !== undefined) {
    await run("event-rules", async () => {
      const rules = await checkEventRules(clients, engine);
      readsNeeded = rules.readsNeeded;
      return rules.results;
    });
  }
  await run("trail", () => checkTrail(clients, readsNeeded));
  if (engine !== undefined) {
    results.push(...checkRegion(engine, region));
    await run("subscriptions", () => checkSubscriptions(clients, engine));
    await run("secrets", () => checkSecrets(clients, engine));
    await run("senders", () => checkSenders(clients, engine));
    await run("table", () => checkTable(clients, engine));
    await run("deliveries", () => checkDeliveries(clients, engine));
    await run("dead-letters", () => checkDeadLetters(clients, engine));
  }
  return results;
}

function checkRegion({ regionalSources, forwardedRegions }: Deployed, region: string): CheckResult[] {
  const gaps = findRegionGaps(regionalSources, region, forwardedRegions);
  const warnings = gaps.filter(({ severity }) => severity === "warning");
  if (warnings.length > 0) {
    return warnings.map(({ message }) =>
      warn(
        "region",
        message,
        "Deploy a second stack there: `AWS_REGION=us-east-1 npx cdk deploy`; or forward from there (docs/accounts.md).",
      ),
    );
  }
  const notes = gaps.map(({ message }) => ` ${message}`).join("");
  return [ok("region", `The records that the rules watch appear in ${region}.${notes}`)];
}
