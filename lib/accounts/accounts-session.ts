/**
 * What the report about accounts asks of AWS, with the credentials that the SDK finds by itself. All of it only reads.
 */
import { DescribeStacksCommand } from "@aws-sdk/client-cloudformation";
import { ListRulesCommand, ListTargetsByRuleCommand, type Rule } from "@aws-sdk/client-eventbridge";
import { GetCallerIdentityCommand } from "@aws-sdk/client-sts";
import { readCanaries } from "../../lambda/forwarded-canary.ts";
import { openTable } from "../../lambda/state/table.ts";
import { createClients, type DoctorClients } from "../doctor/clients.ts";
import { OWN_DENIALS_RULE, ruleNamePrefix } from "../names.ts";
import type { AccountsSession } from "./examine-accounts.ts";

/** The engine is not where somebody looks for it. */
class NoStackError extends Error {
  override readonly name = "NoStackError";
}

type Clients = Pick<DoctorClients, "cloudFormation" | "eventBridge" | "sts">;

/** For how long the table is asked, in milliseconds. */
const TABLE_TIMEOUT_MS = 15_000;

/** The session of an engine in a Region. */
export function openAccountsSession(
  region: string,
  makeClients: (region: string) => Clients = createClients,
): AccountsSession {
  const home = makeClients(region);
  return {
    account: async () => (await home.sts.send(new GetCallerIdentityCommand({}))).Account ?? "",
    outputs: async (stack) => {
      const outputs = await readOutputs(home, stack);
      if (outputs !== undefined) return outputs;
      throw new NoStackError(
        `There is no stack "${stack}" in ${region}. Deploy it with \`npx cdk deploy\`, or name the right one: --stack NAME --region REGION.`,
      );
    },
    wiring: async (at, stack, engineName, target) => {
      const clients = at === region ? home : makeClients(at);
      if ((await readOutputs(clients, stack)) === undefined)
        return { isDeployed: false, rules: 0, broken: [] };
      const rules = await listRules(clients, ruleNamePrefix(engineName));
      const broken: string[] = [];
      for (const { Name = "", State } of rules)
        if (State === "DISABLED" || !(await leadsTo(clients, Name, target))) broken.push(Name);
      return { isDeployed: true, rules: rules.length, broken };
    },
    canaries: (table) => {
      const now = Date.now();
      return readCanaries(openTable({ name: table, region }), now, now + TABLE_TIMEOUT_MS);
    },
  };
}

/** Undefined when there is no such stack. */
async function readOutputs(
  { cloudFormation }: Clients,
  stack: string,
): Promise<Readonly<Record<string, string>> | undefined> {
  const answer = await cloudFormation
    .send(new DescribeStacksCommand({ StackName: stack }))
    .catch((error: unknown) => {
      if (error instanceof Error && error.message.includes("does not exist")) return undefined;
      throw error;
    });
  const found = answer?.Stacks?.[0];
  if (found === undefined) return undefined;
  return Object.fromEntries(
    (found.Outputs ?? []).map(({ OutputKey = "", OutputValue = "" }) => [OutputKey, OutputValue]),
  );
}

/** The rules that should bring records: all but the one that only counts. */
async function listRules({ eventBridge }: Clients, prefix: string): Promise<Rule[]> {
  const rules: Rule[] = [];
  let token: string | undefined;
  do {
    const page = await eventBridge.send(
      new ListRulesCommand({ NamePrefix: prefix, ...(token === undefined ? {} : { NextToken: token }) }),
    );
    rules.push(...(page.Rules ?? []));
    token = page.NextToken;
  } while (token !== undefined);
  return rules.filter(({ Name }) => Name !== `${prefix}${OWN_DENIALS_RULE}`);
}

async function leadsTo({ eventBridge }: Clients, rule: string, target: string): Promise<boolean> {
  const { Targets = [] } = await eventBridge.send(new ListTargetsByRuleCommand({ Rule: rule }));
  return Targets.some(({ Arn }) => Arn === target);
}
