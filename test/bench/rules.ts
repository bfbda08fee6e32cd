/**
 * The rules that the bench evaluates. The first dozen are of the kind that alerts now and then; the others are what
 * grows when a pack grows: rules about one call and about one thing of this account (a role, a prefix, a range), most
 * of them about services that are hardly ever called. So the share of records that alert stays what it is in an
 * account, 1 to 2 %, whether there are 60 rules or 6,000.
 *
 *     generateRules(60).rules[0]   // { id: "ec2.amazonaws.com/bench-0", eventSource: "ec2.amazonaws.com", … }
 */
import type { Condition, Literal, Rule, RuleSet } from "../../lambda/engine/rule.ts";
import { QUIET_CALLS, QUIET_SERVICES, SERVICES } from "./calls.ts";
import { ROLES, USERS } from "./corpus.ts";
import { createDice, type Dice } from "./random.ts";

const is = (fact: string, operator: string, value: unknown): Literal => ({ fact, operator, value });
const FROM_CONSOLE = is("sessionCredentialFromConsole", "equal", "true");
const NO_SERVICE = is("userIdentity.invokedBy", "exists", false);
const SUCCEEDED = is("errorCode", "exists", false);
const ISSUER = "userIdentity.sessionContext.sessionIssuer.userName";

type Draft = { readonly source: string | null; readonly conditions: Condition };

/** What alerts now and then, whatever else there is. */
const ALERTING: readonly Draft[] = [
  {
    source: "ec2",
    conditions: {
      all: [
        is("eventName", "equal", "AuthorizeSecurityGroupIngress"),
        is(
          "requestParameters.ipPermissions.items[*].ipRanges.items[*].cidrIp",
          "someFact:equal",
          "0.0.0.0/0",
        ),
      ],
    },
  },
  {
    source: "signin",
    conditions: {
      all: [
        is("eventName", "equal", "ConsoleLogin"),
        is("responseElements.ConsoleLogin", "equal", "Failure"),
      ],
    },
  },
  {
    source: null,
    conditions: {
      all: [
        is("readOnly", "equal", false),
        FROM_CONSOLE,
        NO_SERVICE,
        is("eventName", "startsWith", "Delete"),
        SUCCEEDED,
      ],
    },
  },
  { source: null, conditions: is("userIdentity.type", "equal", "Root") },
  {
    source: "iam",
    conditions: {
      all: [
        is("eventName", "in", ["CreateAccessKey", "CreateLoginProfile", "AttachUserPolicy"]),
        SUCCEEDED,
        FROM_CONSOLE,
      ],
    },
  },
  {
    source: "cloudtrail",
    conditions: { all: [is("eventName", "in", ["StopLogging", "DeleteTrail", "UpdateTrail"]), SUCCEEDED] },
  },
  {
    source: "kms",
    conditions: {
      all: [
        is("eventName", "in", ["ScheduleKeyDeletion", "DisableKey"]),
        { not: is("errorCode", "exists", true) },
      ],
    },
  },
  {
    source: "s3",
    conditions: {
      all: [is("eventName", "startsWith", "PutBucket"), is("requestParameters.acl", "like", "public-*")],
    },
  },
  {
    source: "organizations",
    conditions: {
      all: [is("readOnly", "equal", false), is("userIdentity.type", "notEqual", "AWSService"), FROM_CONSOLE],
    },
  },
  {
    source: null,
    conditions: {
      all: [
        is("errorCode", "in", ["AccessDenied", "Client.UnauthorizedOperation"]),
        FROM_CONSOLE,
        is("readOnly", "equal", false),
      ],
    },
  },
  {
    source: "sts",
    conditions: {
      all: [
        is("eventName", "equal", "GetFederationToken"),
        is("sourceIPAddress", "not:inCidr", "192.0.2.0/25"),
      ],
    },
  },
  {
    source: "lambda",
    conditions: {
      all: [is("eventName", "startsWith", "AddPermission"), is("requestParameters.principal", "equal", "*")],
    },
  },
];

/** A rule set of so many rules. */
export function generateRules(count: number, seed = 60): RuleSet {
  const dice = createDice(seed);
  const rules = Array.from({ length: count }, (_, at) => toRule(ALERTING[at] ?? draft(dice, at), at));
  return { rules, conditions: {}, lists: {}, suppressions: [] };
}

function toRule({ source, conditions }: Draft, at: number): Rule {
  const eventSource = source === null ? null : `${source}.amazonaws.com`;
  return {
    id: `${eventSource ?? "_global"}/bench-${at}`,
    name: `Generated rule ${at}`,
    severity: "medium",
    eventSource,
    conditions,
    summary: "{{actor.name}} called {{eventName}}",
  };
}

/** Some rule of a grown pack. */
function draft(dice: Dice, at: number): Draft {
  if (dice.percent(2)) return { source: null, conditions: { all: [anywhere(dice), particular(dice, at)] } };
  const { source, names } = subject(dice);
  const conditions = [...call(dice, names), ...further(dice), particular(dice, at)];
  return { source, conditions: { all: conditions } };
}

/** The service that a rule is about, and the calls that it may name. A service with many calls has many rules. */
function subject(dice: Dice): { source: string; names: readonly string[] } {
  if (dice.percent(65)) return { source: dice.pick(QUIET_SERVICES), names: QUIET_CALLS };
  const service = dice.pick(SERVICES.flatMap((one) => one.writes.map(() => one)));
  // A service has many more calls than an account makes: half of the rules are about those.
  if (dice.percent(50)) return { source: service.name, names: QUIET_CALLS };
  return {
    source: service.name,
    names: dice.percent(88) || service.reads.length === 0 ? service.writes : service.reads,
  };
}

/** Which call a rule is about: nearly always one, or a few, by name. */
function call(dice: Dice, names: readonly string[]): Condition[] {
  const share = dice.next();
  if (share < 0.7) return [is("eventName", "equal", dice.pick(names))];
  if (share < 0.9) {
    const some = Array.from({ length: 2 + dice.below(5) }, () => dice.pick(names));
    return [is("eventName", "in", [...new Set(some)])];
  }
  if (share < 0.95) {
    return [
      is("eventName", "startsWith", dice.pick(["Delete", "Put", "Create"])),
      is("readOnly", "equal", false),
    ];
  }
  return [is("errorCode", "in", ["AccessDenied", "Client.UnauthorizedOperation"])];
}

function further(dice: Dice): Condition[] {
  return [
    ...(dice.percent(60) ? [SUCCEEDED] : []),
    ...(dice.percent(25) ? [FROM_CONSOLE] : []),
    ...(dice.percent(25) ? [NO_SERVICE] : []),
    ...(dice.percent(15)
      ? [
          {
            not: {
              any: [
                is("userIdentity.type", "equal", "AWSService"),
                is(ISSUER, "in", ["deployer", "ci-runner"]),
              ],
            },
          },
        ]
      : []),
    ...(dice.percent(10)
      ? [is("userIdentity.sessionContext.attributes.mfaAuthenticated", "notEqual", "true")]
      : []),
  ];
}

/** What a rule of any eventSource looks at first. */
function anywhere(dice: Dice): Condition {
  return dice.pick([
    is("errorCode", "equal", "AccessDenied"),
    is("userIdentity.type", "equal", "Root"),
    FROM_CONSOLE,
    is("eventType", "equal", "AwsConsoleSignIn"),
    is("userIdentity.userName", "in", ["breakglass", "legacy-admin"]),
    is("eventName", "startsWith", "Leave"),
  ]);
}

/** The one thing of this account that a rule is about; it is hardly ever there. */
function particular(dice: Dice, at: number): Condition {
  // Regular expressions are the exception in packs of rules; they cost a hundred times what any other comparison does.
  if (dice.percent(2)) return is("userAgent", "matches", `(?i)kali|parrot|pentoo-${at}`);
  switch (dice.below(8)) {
    case 0:
      return is("requestParameters.name", "startsWith", `/prod/payments/${at}/`);
    case 1:
      return is("userIdentity.arn", "endsWith", `:role/vendor-${at}`);
    case 2:
      return is("sourceIPAddress", "inCidr", `198.51.${at % 256}.0/24`);
    case 3:
      return is("userAgent", "includes", `vendor-tool/${at}`);
    case 4:
      return {
        all: [is(ISSUER, "equal", dice.pick(ROLES)), is("awsRegion", "notIn", ["us-east-1", "eu-west-1"])],
      };
    case 5:
      return {
        all: [
          is("userIdentity.userName", "equal", dice.pick(USERS)),
          is("requestParameters.bucketName", "like", `prod-*-${at}`),
        ],
      };
    case 6:
      return is("requestParameters.tagSet.items[*].value", "someFact:equal", `crown-jewel-${at}`);
    default:
      return is("requestParameters.roleName", "equalIgnoreCase", `Admin-${at}`);
  }
}
