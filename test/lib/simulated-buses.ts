/**
 * EventBridge over several accounts and Regions, as far as it matters for forwarding: the buses are made of the stacks'
 * own templates, with their rules, states, targets, roles and bus policies; the judge of patterns is what `replay` uses.
 * An event that was forwarded is not forwarded again (FACTS § 2).
 *
 *   const buses = openBuses(stacks);
 *   buses.put(envelope)   // { reached: 1, refused: [] }: how often the detector was invoked
 */
import { type Stack, Token } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import { compileEventRules } from "../../lambda/engine/delivery.ts";
import { compileLike } from "../../lambda/engine/like.ts";
import type { EventRule } from "../../lambda/engine/event-rules.ts";
import type { Envelope } from "../../lambda/record/record.ts";
import { isObject } from "../../lambda/record/untrusted.ts";

type Place = { readonly account: string; readonly region: string };
type Target = { readonly arn: string; readonly roleArn?: string };
type DeployedRule = EventRule & { readonly targets: readonly Target[] };
type Bus = { readonly judge: (envelope: Envelope) => readonly DeployedRule[] };
type Resource = { readonly Type: string; readonly Properties: Readonly<Record<string, unknown>> };

/** What became of an event. */
export type Fate = { readonly reached: number; readonly refused: readonly string[] };

/** What a role of a stack is called once it is deployed. */
export function roleName(logicalId: string): string {
  return `deployed-${logicalId.replace(/[0-9A-F]{8}$/, "")}`;
}

/** The buses of the stacks, each of an account and Region; `organisations` says which accounts belong together. */
export function openBuses(
  stacks: readonly Stack[],
  organisations: Readonly<Record<string, string>> = {},
): { readonly put: (envelope: Envelope) => Fate; readonly arns: readonly string[] } {
  const buses = new Map<string, Bus>();
  const mayPut = new Map<string, string[]>();
  const policies = new Map<string, Record<string, unknown>[]>();
  for (const stack of stacks) {
    const place = placeOf(stack);
    const resources = Template.fromStack(stack).toJSON().Resources as Record<string, Resource>;
    const deployed: DeployedRule[] = [];
    for (const [id, { Type, Properties }] of Object.entries(resources)) {
      const properties = resolve(Properties, place) as Record<string, unknown>;
      if (Type === "AWS::Events::Rule") deployed.push(ruleOf(properties));
      if (Type === "AWS::Events::EventBusPolicy")
        policies.set(busArn(place), [properties["Statement"] as Record<string, unknown>]);
      if (Type === "AWS::IAM::Role") mayPut.set(roleArn(id, place), putResources(properties));
    }
    const compiled = compileEventRules(deployed);
    buses.set(busArn(place), { judge: (envelope) => compiled(envelope) as readonly DeployedRule[] });
  }

  function put(envelope: Envelope): Fate {
    return arrive(busArn({ account: String(envelope["account"]), region: String(envelope["region"]) }), 0);

    function arrive(arn: string, hops: number): Fate {
      const fates = (buses.get(arn)?.judge(envelope) ?? []).flatMap(({ targets }) =>
        targets.map((target): Fate => {
          if (target.arn.includes(":lambda:") || target.arn.includes("DetectorFunction"))
            return { reached: 1, refused: [] };
          const refusal = refuse(target, hops);
          return refusal === undefined ? arrive(target.arn, hops + 1) : { reached: 0, refused: [refusal] };
        }),
      );
      return {
        reached: fates.reduce((sum, { reached }) => sum + reached, 0),
        refused: fates.flatMap(({ refused }) => refused),
      };
    }
  }

  function refuse({ arn, roleArn: role }: Target, hops: number): string | undefined {
    if (hops > 0) return "a second hop";
    if (role === undefined) return "no role";
    if (mayPut.get(role)?.includes(arn) !== true) return `${role} may not put events on ${arn}`;
    const sender = role.split(":")[4] ?? "";
    if (sender === arn.split(":")[4]) return undefined;
    const isAdmitted = (policies.get(arn) ?? []).some((statement) => admits(statement, sender, arn));
    return isAdmitted ? undefined : `${arn} does not admit ${sender}`;
  }

  function admits(statement: Record<string, unknown>, sender: string, arn: string): boolean {
    const { Principal: principal, Resource, Action, Effect, Condition } = statement;
    const conditions = Condition as Record<string, Record<string, string>>;
    const organisation = conditions["StringEquals"]?.["aws:PrincipalOrgID"];
    const isPrincipal =
      principal === "*"
        ? organisation !== undefined && organisations[sender] === organisation
        : isObject(principal) && [principal["AWS"]].flat().includes(sender);
    return Effect === "Allow" && Action === "events:PutEvents" && Resource === arn && isPrincipal;
  }

  return { put, arns: [...buses.keys()] };
}

/** Whether what a bus policy asks of an event holds for the envelope. */
export function fitsConditions(statement: Record<string, unknown>, envelope: Envelope): boolean {
  const conditions = statement["Condition"] as Record<string, Record<string, string>>;
  const detailType = conditions["StringLike"]?.["events:detail-type"] ?? "";
  const source = conditions["ForAllValues:StringLike"]?.["events:source"] ?? "";
  return compileLike(detailType)(envelope["detail-type"]) && compileLike(source)(envelope.source);
}

function ruleOf(properties: Record<string, unknown>): DeployedRule {
  const targets = (properties["Targets"] ?? []) as { Arn: string; RoleArn?: string }[];
  return {
    name: String(properties["Name"]),
    state: properties["State"] as EventRule["state"],
    eventPattern: properties["EventPattern"] as EventRule["eventPattern"],
    rules: [],
    targets: targets.map(({ Arn, RoleArn }) =>
      RoleArn === undefined ? { arn: Arn } : { arn: Arn, roleArn: RoleArn },
    ),
  };
}

function putResources(role: Record<string, unknown>): string[] {
  const policies = (role["Policies"] ?? []) as { PolicyDocument: { Statement: Record<string, unknown>[] } }[];
  return policies
    .flatMap(({ PolicyDocument }) => PolicyDocument.Statement)
    .filter(({ Action }) => [Action].flat().includes("events:PutEvents"))
    .flatMap(({ Resource }) => [Resource].flat().map(String));
}

function placeOf({ account, region }: Stack): Place {
  if (Token.isUnresolved(account) || Token.isUnresolved(region))
    throw new TypeError("a stack without a place");
  return { account, region };
}

/** The ARN of the default bus of a place. */
export function busArn({ account, region }: Place): string {
  return `arn:aws:events:${region}:${account}:event-bus/default`;
}

/** The ARN that a role of a stack there has. */
export function roleArn(logicalId: string, { account }: Place): string {
  return `arn:aws:iam::${account}:role/${roleName(logicalId)}`;
}

/** CloudFormation's functions, as far as templates use them where it matters here. */
function resolve(value: unknown, place: Place): unknown {
  if (Array.isArray(value)) return value.map((one) => resolve(one, place));
  if (!isObject(value)) return value;
  const [[key, inner] = ["", undefined], ...more] = Object.entries(value);
  if (more.length === 0) {
    if (key === "Ref") return reference(String(inner), place);
    if (key === "Fn::GetAtt") return attribute(inner as string[], place);
    if (key === "Fn::Join") {
      const [separator, parts] = inner as [string, unknown[]];
      return parts.map((part) => String(resolve(part, place))).join(separator);
    }
  }
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, resolve(one, place)]));
}

function reference(name: string, { account, region }: Place): string {
  if (name === "AWS::Partition") return "aws";
  if (name === "AWS::AccountId") return account;
  if (name === "AWS::Region") return region;
  return name.includes("Role") ? roleName(name) : name;
}

function attribute([name = "", what = ""]: readonly string[], place: Place): string {
  return name.includes("Role") && what === "Arn" ? roleArn(name, place) : `${name}.${what}`;
}
