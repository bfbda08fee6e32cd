/**
 * The Lambda's configuration: the only reader of the environment. What is known at synthesis is in `config.json` beside
 * the bundle, which no 4 KB limit holds down; the environment has only what CloudFormation alone knows. Every problem is
 * reported at once, because each correction costs a deployment.
 *
 *     config.json   { "destinations": [{ "id": "topic", "type": "sns" }, { "id": "slack", "type": "slack", … }],
 *                     "routing": { "match": "first", "routes": [], "otherwise": ["topic", "slack"] }, "keepDays": 90 }
 *     environment   ENGINE_TOPIC_ARN  ENGINE_TABLE  ENGINE_REDELIVERY_URL  ENGINE_DEAD_DELIVERIES_URL
 *                   ENGINE_TIMER_ROLE_ARN  ENGINE_TIMER_GROUP  ENGINE_DEAD_LETTERS_ARN
 *                   ENGINE_CANARY_ROLE_ARN (with a canary only)
 *                   ENGINE_LIVE_RULES=bucket/prefix/ (where rules can be published)
 *                   ENGINE_ENDPOINT_SLACK=http://127.0.0.1:…   (local runs: the destination "slack" is a stand-in)
 */
import { readFileSync } from "node:fs";
import {
  checkCaseUrl,
  checkDestinations,
  checkInvestigation,
  checkLayout,
  checkRouting,
} from "./check-config.ts";
import type { DestinationSettings } from "./destinations/destination-type.ts";
import { isObject } from "./record/untrusted.ts";
import type { Routing } from "./routing.ts";

/** What `config.json` says; `lib/` writes it. */
export type ConfigFile = {
  /** Settings as each kind declares them, plus `id` and `type`. The sns destination `topic` stands without its topicArn. */
  readonly destinations: readonly DestinationSettings[];
  readonly routing: Routing;
  /** For how many days the table keeps an alert. */
  readonly keepDays: number;
  /** Where an alert's case is shown, with `{id}` for the alert's id: messages link there. */
  readonly caseUrl?: string;
  /**
   * Whether the investigation asks CloudTrail's history, with how many requests a minute in each Region, and, where
   * somebody named them, in which Regions: then those are all in which anything can happen.
   */
  readonly lookupEvents?: { readonly requestsPerMinute: number; readonly regions?: readonly string[] };
  /** The accounts of the organisation: actors of others are outside of it. */
  readonly organisation?: { readonly accounts: readonly string[] };
  /** What accounts are called, by id. */
  readonly accounts?: Readonly<Record<string, string>>;
  /** How often canaries sing and how late they may be, in minutes, where some are forwarded from elsewhere. */
  readonly canaries?: { readonly every: number; readonly within: number };
};

/** Everything that the Lambda is told. */
export type LambdaConfig = ConfigFile & {
  /** Name of the table. */
  readonly table: string;
  readonly redeliveryUrl: string;
  readonly deadDeliveriesUrl: string;
  /** With what EventBridge Scheduler invokes this function when a window closes. */
  readonly timers: { readonly roleArn: string; readonly group: string; readonly deadLetterArn: string };
  /** Whose records are the canary's, where there is one. */
  readonly canaryRoleArn?: string;
  /** Where published rules are, where rules can be published. */
  readonly liveRules?: { readonly bucket: string; readonly prefix: string };
};

/** The destination whose topic the stack makes. */
const TOPIC = "topic";

/** A configuration that cannot be used; the message lists every problem with its cure. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(
      `The configuration of this Lambda has ${problems.length} problem(s):\n${problems.map((problem) => `- ${problem}`).join("\n")}`,
    );
    this.problems = problems;
  }
}

type Environment = Readonly<Record<string, string | undefined>>;

const WRITTEN_BY = "the stack writes it: deploy the stack again";

/** What only CloudFormation knows, and what each must look like. */
const VARIABLES = {
  ENGINE_TOPIC_ARN: /^arn:aws[\w-]*:sns:/,
  ENGINE_TABLE: /^[\w.-]{3,255}$/,
  ENGINE_REDELIVERY_URL: /^https?:\/\//,
  ENGINE_DEAD_DELIVERIES_URL: /^https?:\/\//,
  ENGINE_TIMER_ROLE_ARN: /^arn:aws[\w-]*:iam:/,
  ENGINE_TIMER_GROUP: /^[\w.-]{1,64}$/,
  ENGINE_DEAD_LETTERS_ARN: /^arn:aws[\w-]*:sqs:/,
} as const;

/**
 * Reads the configuration.
 * @throws ConfigError with every problem.
 */
export function readConfig(file: URL, environment: Environment = process.env): LambdaConfig {
  const problems: string[] = [];
  const variable = (name: keyof typeof VARIABLES): string => {
    const value = environment[name] ?? "";
    if (value === "") problems.push(`${name} is not set; ${WRITTEN_BY}.`);
    else if (!VARIABLES[name].test(value))
      problems.push(`${name} is not what it should be, got ${JSON.stringify(value)}; ${WRITTEN_BY}.`);
    return value;
  };
  const topicArn = variable("ENGINE_TOPIC_ARN");
  const fromStack = {
    table: variable("ENGINE_TABLE"),
    redeliveryUrl: variable("ENGINE_REDELIVERY_URL"),
    deadDeliveriesUrl: variable("ENGINE_DEAD_DELIVERIES_URL"),
    timers: {
      roleArn: variable("ENGINE_TIMER_ROLE_ARN"),
      group: variable("ENGINE_TIMER_GROUP"),
      deadLetterArn: variable("ENGINE_DEAD_LETTERS_ARN"),
    },
    ...(environment["ENGINE_CANARY_ROLE_ARN"] === undefined
      ? {}
      : { canaryRoleArn: environment["ENGINE_CANARY_ROLE_ARN"] }),
    ...liveRulesIn(environment),
  };
  const found = readFile(file);
  if (typeof found === "string") throw new ConfigError([...problems, found]);
  const listed = Array.isArray(found["destinations"])
    ? found["destinations"].map((settings: unknown) => complete(settings, topicArn, environment))
    : found["destinations"];
  const destinations = checkDestinations(listed, problems);
  const routing = checkRouting(found["routing"], new Set(destinations.map(({ id }) => id)), problems);
  const keepDays = found["keepDays"];
  if (typeof keepDays !== "number" || !(keepDays >= 30 && keepDays <= 3650))
    problems.push(`config.json keepDays must be a number of days from 30 to 3650; ${WRITTEN_BY}.`);
  const caseUrl = checkCaseUrl(found["caseUrl"], problems);
  const investigation = { ...checkInvestigation(found, problems), ...checkLayout(found, problems) };
  if (problems.length > 0 || routing === undefined) throw new ConfigError(problems);
  return { ...fromStack, destinations, routing, keepDays: keepDays as number, ...caseUrl, ...investigation };
}

/** `bucket/prefix/`: the keys of what is published begin with the prefix. */
function liveRulesIn({ ENGINE_LIVE_RULES: given = "" }: Environment): Pick<LambdaConfig, "liveRules"> {
  const [bucket = "", ...rest] = given.split("/");
  return bucket === "" ? {} : { liveRules: { bucket, prefix: rest.join("/") } };
}

/** The settings with what only the environment knows: the stack's topic, and the stand-ins of local runs. */
function complete(settings: unknown, topicArn: string, environment: Environment): unknown {
  if (!isObject(settings) || typeof settings["id"] !== "string") return settings;
  const { id, type } = settings;
  const endpoint = environment[`ENGINE_ENDPOINT_${id.toUpperCase().replaceAll("-", "_")}`];
  return {
    ...settings,
    ...(id === TOPIC && type === "sns" && settings["topicArn"] === undefined ? { topicArn } : {}),
    ...(endpoint === undefined ? {} : { endpoint }),
  };
}

/** The object in the file, or what is wrong with it. The parser's own message is dropped: it quotes the text. */
function readFile(file: URL): Readonly<Record<string, unknown>> | string {
  try {
    const found: unknown = JSON.parse(readFileSync(file, "utf8"));
    if (isObject(found)) return found;
  } catch {
    // Said below: whatever it is, the cure is the same.
  }
  return `${file.pathname} cannot be read as a JSON object; it is written beside the bundle when the stack is synthesised: deploy the stack again.`;
}
