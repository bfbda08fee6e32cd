/**
 * Which accounts and Regions reach the engine. Three things tell: the stack's own layout says what should, CloudFormation
 * and EventBridge say what is there in each Region of this account, and the canaries say what arrives, which is all that
 * can be known of a spoke without credentials in it.
 *
 *   const report = await examineAccounts(session, "CloudTrailEngine", "eu-west-1", Date.now());
 *   // { places: [{ account: "210987654321", region: "eu-west-1", role: "spoke", status: "silent", … }], … }
 */
import type { CanarySeen, CanaryTimes } from "../../lambda/forwarded-canary.ts";
import { silentOf } from "../../lambda/forwarded-canary.ts";
import { describeError, isDenied } from "../doctor/clients.ts";
import { forwarderName } from "../names.ts";
import type { AccountsReport, Place } from "./accounts-schema.ts";
import { type DeployedLayout, readLayout } from "./read-layout.ts";

/** What is there of the engine in one Region of the account whose credentials there are. */
export type Wiring = {
  /** Whether the stack is there; its name is the caller's. */
  readonly isDeployed: boolean;
  /** How many EventBridge rules bring records, and the names of those that do not: disabled, or with another target. */
  readonly rules: number;
  readonly broken: readonly string[];
};

/** What the report asks AWS; tests answer in its place. */
export type AccountsSession = {
  /** The account of the credentials. */
  readonly account: () => Promise<string>;
  /** The outputs of the engine's stack in its Region. @throws when there is no such stack. */
  readonly outputs: (stack: string) => Promise<Readonly<Record<string, string>>>;
  /** What is in a Region: rules of the engine's name, which must lead to `target`. */
  readonly wiring: (region: string, stack: string, engineName: string, target: string) => Promise<Wiring>;
  /** The canaries that the detector heard. */
  readonly canaries: (table: string) => Promise<readonly CanarySeen[]>;
};

/**
 * Examines all places. What cannot be asked is unknown, with the reason, and hides nothing else.
 * @throws when the engine's own stack cannot be read.
 */
export async function examineAccounts(
  session: AccountsSession,
  stack: string,
  region: string,
  now: number,
): Promise<AccountsReport> {
  const account = await session.account();
  const outputs = await session.outputs(stack);
  const layout = readLayout(outputs["Layout"]);
  const heard = await listen(session, outputs["StateTable"], layout);
  const home = { account, region };
  const bus = busArn(outputs["DetectorArn"] ?? "", home);
  const judge = (place: Pick<Place, "account" | "region" | "role">, wiring?: Wiring | Failure): Place => ({
    ...place,
    ...named(layout, place.account),
    ...judgePlace(place, wiring, { heard, layout, now }),
  });
  const own = [
    { region, role: "home" as const, name: stack, target: outputs["DetectorArn"] ?? "" },
    ...layout.regions.map((one) => ({
      region: one,
      role: "region" as const,
      name: forwarderName(stack, one),
      target: bus,
    })),
  ];
  const places = await Promise.all(
    own.map(async ({ role, name, target, region: at }) =>
      judge({ account, region: at, role }, await session.wiring(at, name, stack, target).catch(failure)),
    ),
  );
  places.push(...spokesOf(layout, home, heard).map((place) => judge(place)));
  return {
    stack,
    account,
    region,
    checkedAt: new Date(now).toISOString(),
    ...(layout.canary === undefined ? {} : { canary: layout.canary }),
    findings: places.filter(({ status }) => status === "silent" || status === "missing").length,
    places,
    limits: limitsOf(layout, heard),
  };
}

type Failure = { readonly failure: string; readonly isDenied: boolean };
type Heard = readonly CanarySeen[] | Failure | undefined;

function failure(error: unknown): Failure {
  return { failure: describeError(error), isDenied: isDenied(error) };
}

/** The canaries; undefined where none are configured. */
async function listen(
  session: AccountsSession,
  table: string | undefined,
  { canary }: DeployedLayout,
): Promise<Heard> {
  if (canary === undefined || table === undefined) return undefined;
  return session.canaries(table).catch(failure);
}

function isHeard(heard: Heard): heard is readonly CanarySeen[] {
  return Array.isArray(heard);
}

/** The default bus of the engine's own Region, which the ARN of its function tells with the partition. */
function busArn(detectorArn: string, { account, region }: Pick<Place, "account" | "region">): string {
  const partition = detectorArn.split(":")[1] ?? "aws";
  return `arn:${partition}:events:${region}:${account}:event-bus/default`;
}

/** Every spoke in every Region that the engine watches, and wherever else one was heard. */
function spokesOf(
  { accounts, organizationId, names, regions }: DeployedLayout,
  home: Pick<Place, "account" | "region">,
  heard: Heard,
): Pick<Place, "account" | "region" | "role">[] {
  const known = accounts ?? (organizationId === undefined ? [] : Object.keys(names));
  const expected = known
    .filter((account) => account !== home.account)
    .flatMap((account) => [home.region, ...regions].map((region) => ({ account, region })));
  const also = isHeard(heard)
    ? heard.filter(
        ({ accountId, region }) =>
          accountId !== home.account &&
          !expected.some((place) => place.account === accountId && place.region === region),
      )
    : [];
  return [...expected, ...also.map(({ accountId, region }) => ({ account: accountId, region }))]
    .toSorted((a, b) => (`${a.account} ${a.region}` < `${b.account} ${b.region}` ? -1 : 1))
    .map(({ account, region }) => ({ account, region, role: "spoke" }));
}

function named({ names }: DeployedLayout, account: string): { readonly name?: string } {
  const name = Object.hasOwn(names, account) ? names[account] : undefined;
  return name === undefined ? {} : { name };
}

type Judgement = Omit<Place, "account" | "region" | "role" | "name">;
type Evidence = { readonly heard: Heard; readonly layout: DeployedLayout; readonly now: number };

function judgePlace(
  { account, region, role }: Pick<Place, "account" | "region" | "role">,
  wiring: Wiring | Failure | undefined,
  { heard, layout, now }: Evidence,
): Judgement {
  if (wiring !== undefined && "rules" in wiring) {
    const problem = problemOf(wiring, role, region);
    if (problem !== undefined) return { status: "missing", ...problem };
  }
  const canary = isHeard(heard)
    ? heard.find((one) => one.accountId === account && one.region === region)
    : undefined;
  if (canary !== undefined) return judgeCanary(canary, layout.canary, now);
  if (isHeard(heard)) return unheard(role, wiring);
  if (wiring !== undefined && "failure" in wiring) return couldNotAsk(wiring, region);
  if (wiring !== undefined)
    return {
      status: "wired",
      message: `${wiring.rules} EventBridge rules are enabled and lead to the engine.`,
    };
  return heard === undefined
    ? {
        status: "unknown",
        message: "Without a canary nothing tells from here whether its records arrive.",
        cure: 'Set "canary": {} of "engine" in cdk.json, and deploy hub and spokes.',
      }
    : { status: "unknown", message: `The canaries could not be read: ${heard.failure}.`, cure: allow(heard) };
}

function problemOf(
  { isDeployed, rules, broken }: Wiring,
  role: Place["role"],
  region: string,
): { readonly message: string; readonly cure: string } | undefined {
  if (!isDeployed)
    return {
      message: `No stack forwards from ${region}.`,
      cure: "Deploy all stacks of the app: `npx cdk deploy --all`.",
    };
  if (rules === 0)
    return {
      message: "There is no EventBridge rule of the engine.",
      cure: `Deploy again: \`npx cdk deploy --all\`${role === "home" ? ", or run the doctor" : ""}.`,
    };
  if (broken.length === 0) return undefined;
  return {
    message: `These EventBridge rules are disabled or lead elsewhere: ${broken.join(", ")}.`,
    cure: "Find out in CloudTrail who did it (DisableRule, RemoveTargets, PutTargets), then enable them or deploy again.",
  };
}

function judgeCanary(canary: CanarySeen, times: CanaryTimes | undefined, now: number): Judgement {
  const { seenAt, latencyMs } = canary;
  const heard = { lastSeen: seenAt, latencyMs };
  if (times === undefined || silentOf([canary], times, now).length === 0)
    return { status: "wired", ...heard, message: "Its canary arrives." };
  return {
    status: "silent",
    ...heard,
    message: `Its canary last sang at ${seenAt}, and should every ${times.every} minutes.`,
    cure: "Look there for a stopped trail, EventBridge rules that are disabled, and messages in the dead-letter queue of the forwarding stack.",
  };
}

function unheard(role: Place["role"], wiring: Wiring | Failure | undefined): Judgement {
  if (role !== "spoke" && wiring !== undefined && "rules" in wiring)
    return {
      status: "silent",
      message: "Its rules are right, but no canary of it was heard within a week.",
      cure: "If it was deployed just now, wait for two canaries. Else see that a trail logs management events there.",
    };
  return {
    status: "missing",
    message: "No canary of it was heard within a week.",
    cure: "Deploy the spoke's stack there: docs/accounts.md has the commands. If it is deployed, see that it has a canary and that a trail logs there.",
  };
}

function couldNotAsk(given: Failure, region: string): Judgement {
  return {
    status: "unknown",
    message: `What is in ${region} could not be asked: ${given.failure}.`,
    cure: allow(given),
  };
}

function allow(given: Failure): string {
  return given.isDenied
    ? "Allow cloudformation:DescribeStacks, events:ListRules, events:ListTargetsByRule and dynamodb:Query to whoever asks."
    : "Mend what the message names (network, endpoint, Region), then ask again.";
}

/** What these credentials cannot see. */
function limitsOf({ accounts, organizationId, canary }: DeployedLayout, heard: Heard): string[] {
  const isHub = accounts !== undefined || organizationId !== undefined;
  return [
    ...(isHub
      ? [
          "Of a spoke only its canary is known here. Whether its stack is as it was deployed, its EventBridge rules are enabled " +
            "and its trail logs is known with credentials of that account: `aws cloudformation detect-stack-set-drift`, or " +
            "`aws events list-rules --name-prefix` there.",
        ]
      : []),
    ...(organizationId === undefined
      ? []
      : [
          `The hub admits all of ${organizationId}: accounts that were never heard and have no name in "accounts" are not listed.`,
        ]),
    ...(canary === undefined
      ? ["Without a canary, rules that are right are all that is known; whether a trail logs is not."]
      : []),
    ...(heard !== undefined && !isHeard(heard) ? [`The canaries could not be read: ${heard.failure}.`] : []),
  ];
}
