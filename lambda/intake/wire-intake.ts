/**
 * Puts the intake together from what lies beside its code: the detector's configuration and rules, the EventBridge rules as
 * they are deployed, and `intake.json`. Its alerts take the detector's way; what is its own is how records come.
 *
 *     intake.json   { "buckets": [{ "name": "trail", "prefix": "AWSLogs/" }], "graceMinutes": 30, "ownRole": "the-name-…" }
 *     environment   the detector's, and ENGINE_DEAD_OBJECTS_URL  ENGINE_OWN_ROLE
 */
import { readFileSync } from "node:fs";
import { CANARY_CALL, watchCanary } from "../canary.ts";
import { ConfigError, type LambdaConfig } from "../config.ts";
import { compileEventRules } from "../engine/delivery.ts";
import type { EventRule } from "../engine/event-rules.ts";
import type { Ports } from "../pipeline.ts";
import type { Envelope } from "../record/record.ts";
import { isObject, textAt } from "../record/untrusted.ts";
import { openTable } from "../state/table.ts";
import { openIntake } from "./aws-ports.ts";
import { Glance } from "./glance.ts";
import { createIntakeReport } from "./intake-report.ts";
import { makeMayDeliver } from "./may-deliver.ts";
import type { IntakeBucket, IntakePorts } from "./ports.ts";
import { makeProgress } from "./progress.ts";
import { makeReconcile } from "./reconcile.ts";

/** What `intake.json` says; `lib/s3-intake.ts` writes it. */
export type IntakeFile = {
  readonly buckets: readonly IntakeBucket[];
  /** With EventBridge as the other way in; without it log files are the only way, and nothing waits. */
  readonly graceMinutes?: number;
  /** What stands in the EventBridge rules for the ARN of the role, which CloudFormation names. */
  readonly ownRole: string;
};

const now = (): number => Date.now();

type Environment = Readonly<Record<string, string | undefined>>;

/** Makes the intake's ports from the pipeline's, which may be others at each invocation. */
export function wireIntake(
  config: LambdaConfig,
  directory: URL,
  write: (line: string) => void,
  environment: Environment = process.env,
): (pipeline: Ports) => IntakePorts {
  const deadObjectsUrl = environment["ENGINE_DEAD_OBJECTS_URL"] ?? "";
  const roleArn = environment["ENGINE_OWN_ROLE"] ?? "";
  const file = readJson(new URL("intake.json", directory));
  const problems = [
    ...(deadObjectsUrl === "" ? ["ENGINE_DEAD_OBJECTS_URL is not set; deploy the stack again."] : []),
    ...(roleArn === "" ? ["ENGINE_OWN_ROLE is not set; deploy the stack again."] : []),
    ...(isIntakeFile(file) ? [] : ["intake.json is not what the stack writes; deploy the stack again."]),
  ];
  if (problems.length > 0 || !isIntakeFile(file)) throw new ConfigError(problems);
  const eventRules = withOwnRole(readJson(new URL("event-rules.json", directory)), file.ownRole, roleArn);
  const { graceMinutes } = file;
  const table = openTable({ name: config.table });
  const report = createIntakeReport(write, now);
  const made = {
    ...openIntake({ deadObjectsUrl }),
    buckets: file.buckets,
    grace: (graceMinutes ?? 0) * 60_000,
    delivering: deliveringOthers(eventRules, roleArn, new Set(file.buckets.map(({ name }) => name))),
    passOver: makePassOver(
      graceMinutes === undefined && config.canaryRoleArn !== undefined
        ? [...eventRules, CANARY_RULE]
        : eventRules,
    ),
    progress: makeProgress(table),
    report,
  };
  if (graceMinutes === undefined)
    return (pipeline) => ({
      ...made,
      isCanary: pipeline.isCanary,
      pipeline: { ...pipeline, isCanary: () => false },
    });
  // That a canary comes this way says nothing of EventBridge, which it watches.
  const isCanary = watchCanary(config.canaryRoleArn, () => undefined, now);
  const reconcile = makeReconcile(table, report, now);
  return (pipeline) => ({ ...made, isCanary, pipeline: { ...pipeline, reconcile, isCanary: () => false } });
}

/** Records that are looked at before it is judged whether looking pays, and those that are then parsed without a look. */
const TRIAL = 1_000;
const WITHOUT = 50_000;
/** Looking costs about a third of parsing: of fewer than this share nothing is gained. */
const LEAST_PASSED = 0.4;

/**
 * Leaves records unparsed that no deployed pattern can let through. Where patterns tell little by the fields that a glance
 * sees, most records would be looked at and parsed all the same; then looking is left for a while.
 */
export function makePassOver(
  eventRules: readonly EventRule[],
): (bytes: Buffer, start: number) => number | undefined {
  const glance = new Glance();
  const mayDeliver = makeMayDeliver(eventRules);
  let [looked, passed, without] = [0, 0, 0];
  return (bytes, start) => {
    if (without > 0) {
      without--;
      return undefined;
    }
    if (looked === TRIAL) {
      if (passed < TRIAL * LEAST_PASSED) without = WITHOUT;
      [looked, passed] = [0, 0];
    }
    looked++;
    const end = glance.look(bytes, start);
    if (end < 0 || mayDeliver(glance)) return undefined;
    passed++;
    return end;
  };
}

/** The canary's call, which no pattern of a rule need let through. */
const CANARY_RULE: EventRule = {
  name: "canary",
  state: "ENABLED",
  rules: [],
  eventPattern: { detail: { eventSource: [CANARY_CALL.eventSource], eventName: [CANARY_CALL.eventName] } },
};

/**
 * Gives the deployed event rules that deliver an envelope; none for what reading log files makes itself, where the trail
 * writes data events of its own bucket: each file that is read would make a record in the next one.
 */
export function deliveringOthers(
  eventRules: readonly EventRule[],
  roleArn: string,
  buckets: ReadonlySet<string>,
): (envelope: Envelope) => readonly unknown[] {
  const delivering = compileEventRules(eventRules);
  return (envelope) => {
    const record: unknown = envelope.detail;
    const isOwnRead =
      textAt(record, "eventName") === "GetObject" &&
      textAt(record, "eventSource") === "s3.amazonaws.com" &&
      textAt(record, "userIdentity", "sessionContext", "sessionIssuer", "arn") === roleArn &&
      buckets.has(textAt(record, "requestParameters", "bucketName") ?? "");
    return isOwnRead ? [] : delivering(envelope);
  };
}

/** The event rules with the role's real ARN, so that calls of our own are left out here as they are there. */
export function withOwnRole(eventRules: unknown, standIn: string, roleArn: string): EventRule[] {
  const replaced = JSON.stringify(eventRules).replaceAll(JSON.stringify(standIn), () =>
    JSON.stringify(roleArn),
  );
  return JSON.parse(replaced) as EventRule[];
}

function readJson(file: URL): unknown {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch (cause) {
    throw new ConfigError([
      `${file.pathname} cannot be read as JSON (${String(cause)}); deploy the stack again.`,
    ]);
  }
}

function isIntakeFile(file: unknown): file is IntakeFile {
  return (
    isObject(file) &&
    Array.isArray(file["buckets"]) &&
    typeof file["ownRole"] === "string" &&
    (file["graceMinutes"] === undefined || typeof file["graceMinutes"] === "number")
  );
}
