/** The monitoring controls of the CIS AWS Foundations Benchmark (4.1 to 4.15): each call they name, by the shipped rules. */
import { describe, expect, it } from "vitest";
import { createEngine } from "../lambda/engine/engine.ts";
import { deriveEventRules } from "../lambda/engine/event-rules.ts";
import { loadRules } from "../lambda/loader/load-rules.ts";
import { deliveries, recordOf } from "./lambda/engine/samples.ts";

const { ruleSet } = loadRules("rules");
const engine = createEngine(ruleSet);
const deliver = deliveries(deriveEventRules(ruleSet).eventRules);

type Fields = Readonly<Record<string, unknown>>;

/** Successful calls of a service; `{a,b}` in a name stands for each of its words. */
function calls(service: string, names: string): readonly Fields[] {
  const spread = (name: string): readonly string[] => {
    const [all, before = "", words = "", after = ""] = /^([^{]*)\{([^}]*)\}(.*)$/.exec(name) ?? [];
    return all === undefined ? [name] : words.split(",").flatMap((word) => spread(before + word + after));
  };
  return names
    .split(" ")
    .flatMap(spread)
    .map((eventName) => ({ eventSource: `${service}.amazonaws.com`, eventName }));
}

const signIn = { ...calls("signin", "ConsoleLogin")[0], eventType: "AwsConsoleSignIn" };

const CONTROLS: Readonly<Record<string, readonly Fields[]>> = {
  "4.1": [
    { eventName: "RunInstances", errorCode: "Client.UnauthorizedOperation" },
    { eventSource: "s3.amazonaws.com", eventName: "ListBuckets", readOnly: true, errorCode: "AccessDenied" },
  ],
  "4.2": [
    { ...signIn, responseElements: { ConsoleLogin: "Success" }, additionalEventData: { MFAUsed: "No" } },
  ],
  "4.3": [{ eventName: "DescribeInstances", readOnly: true, userIdentity: { type: "Root" } }],
  "4.4": calls(
    "iam",
    "{Put,Delete,Attach,Detach}{Group,Role,User}Policy {Create,Delete}Policy {Create,Delete}PolicyVersion",
  ),
  "4.5": calls("cloudtrail", "{Create,Update,Delete}Trail {Start,Stop}Logging"),
  "4.6": [
    {
      ...signIn,
      responseElements: { ConsoleLogin: "Failure" },
      errorMessage: "Failed authentication",
    },
  ],
  "4.7": calls("kms", "DisableKey ScheduleKeyDeletion"),
  "4.8": calls(
    "s3",
    "PutBucket{Acl,Policy,Cors,Lifecycle,Replication} DeleteBucket{Policy,Cors,Lifecycle,Replication}",
  ),
  "4.9": calls("config", "StopConfigurationRecorder PutConfigurationRecorder {Put,Delete}DeliveryChannel"),
  "4.10": calls(
    "ec2",
    "{Authorize,Revoke}SecurityGroup{Ingress,Egress} {Create,Delete}SecurityGroup ModifySecurityGroupRules",
  ),
  "4.11": calls(
    "ec2",
    "{Create,Delete}NetworkAcl {Create,Delete,Replace}NetworkAclEntry ReplaceNetworkAclAssociation",
  ),
  "4.12": calls("ec2", "{Create,Delete}CustomerGateway {Attach,Create,Delete,Detach}InternetGateway"),
  "4.13": calls(
    "ec2",
    "{Create,Delete,Replace}Route {Create,Delete,Disassociate}RouteTable ReplaceRouteTableAssociation",
  ),
  "4.14": calls(
    "ec2",
    "{Create,Delete}Vpc ModifyVpcAttribute {Accept,Create,Delete,Reject}VpcPeeringConnection {Attach,Detach}ClassicLinkVpc {Disable,Enable}VpcClassicLink",
  ),
  "4.15": calls(
    "organizations",
    "{Accept,Decline}Handshake {Attach,Create,Delete,Detach,Update}Policy CreateAccount {Create,Delete,Update}OrganizationalUnit DeleteOrganization {Disable,Enable}PolicyType InviteAccountToOrganization LeaveOrganization MoveAccount RemoveAccountFromOrganization",
  ),
};

describe.each(Object.entries(CONTROLS))("CIS %s", (control, records) => {
  it.each(records.map((fields) => ({ name: String(fields["eventName"]), fields })))(
    "$name is delivered once and alerts under a rule of that control",
    async ({ fields }) => {
      const record = recordOf(fields);
      const { matches } = await engine.evaluate(record, Date.parse("2026-11-20T09:00:00Z"));
      expect(matches.flatMap(({ rule }) => rule.tags ?? [])).toContain(`cis-${control}`);
      expect(deliver(record)).toBe(1);
    },
  );
});
