/**
 * The Lambda function with everything that is only its own: role, log group, code. Its role is written out statement
 * by statement instead of granted by CDK, so that what it may do can be read in one place: publish to its topic, send to
 * its destinations, read its secrets, keep its state, use its queues and timers, write its own log. No managed policy, no
 * wildcard action.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Duration, RemovalPolicy, Stack, Validations } from "aws-cdk-lib";
import { type IRole, PolicyDocument, PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import {
  Architecture,
  CfnEventInvokeConfig,
  Code,
  Function as LambdaFunction,
  Runtime,
} from "aws-cdk-lib/aws-lambda";
import { CfnLogGroup, LogGroup } from "aws-cdk-lib/aws-logs";
import type { ITopic } from "aws-cdk-lib/aws-sns";
import type { IQueue } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import type { EventRule } from "../lambda/engine/event-rules.ts";
import type { RuleSet } from "../lambda/engine/rule.ts";
import { streamPermission } from "./background.ts";
import { bundleDetector } from "./bundle.ts";
import type { EngineConfig } from "./config.ts";
import { configFile, destinationPermissions } from "./destinations.ts";
import type { LiveRules } from "./live-rules.ts";
import type { Redelivery } from "./redelivery.ts";
import type { StateTable } from "./state-table.ts";
import type { Timers } from "./timers.ts";

export type DetectorProps = {
  readonly config: EngineConfig;
  readonly ruleSet: RuleSet;
  /** The EventBridge rules by their names in the account. */
  readonly eventRules: readonly EventRule[];
  readonly alerts: ITopic;
  readonly deadLetters: IQueue;
  readonly state: StateTable;
  readonly redelivery: Redelivery;
  readonly timers: Timers;
  /** The role of the canary's schedule, where there is one. */
  readonly canaryRole: IRole | undefined;
  /** The bucket of published rules, where rules can be published. */
  readonly liveRules?: LiveRules | undefined;
};

/** The detector: takes records from EventBridge, sends alerts to the destinations. */
export class Detector extends Construct {
  readonly role: Role;
  readonly lambda: LambdaFunction;
  /** What only CloudFormation knows, for every function that delivers alerts. */
  readonly environment: Readonly<Record<string, string>>;
  /** Retries, and where an invocation goes that failed for good. */
  readonly onFailure: CfnEventInvokeConfig;

  constructor(scope: Construct, id: string, props: DetectorProps) {
    super(scope, id);
    const { config, deadLetters } = props;
    const stack = Stack.of(this);
    const logGroup = new LogGroup(this, "Logs", {
      removalPolicy: RemovalPolicy.DESTROY,
    });
    if (logGroup.node.defaultChild instanceof CfnLogGroup) {
      logGroup.node.defaultChild.retentionInDays = config.logRetentionDays;
    }
    this.role = new Role(this, "Role", {
      description: "What the detector of CloudTrail Engine may do",
      assumedBy: new ServicePrincipal("lambda.amazonaws.com"),
      inlinePolicies: { Detector: new PolicyDocument({ statements: permissions(props, logGroup, stack) }) },
    });
    props.timers.acknowledge(this.role);
    acknowledgeHistory(config, this.role);
    const asset = buildAsset(props, stack.bundlingRequired);
    this.environment = environment(props);
    this.lambda = new LambdaFunction(this, "Function", {
      description: "CloudTrail Engine: evaluates CloudTrail records and sends alerts",
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      handler: "index.handler",
      code: Code.fromAsset(asset),
      memorySize: config.detector.memoryMb,
      timeout: Duration.seconds(config.detector.timeoutSeconds),
      role: this.role,
      logGroup,
      environment: { ...this.environment },
    });
    rmSync(asset, { recursive: true });
    this.onFailure = new CfnEventInvokeConfig(this, "OnFailure", {
      functionName: this.lambda.functionName,
      qualifier: "$LATEST",
      maximumRetryAttempts: 2,
      maximumEventAgeInSeconds: Duration.hours(6).toSeconds(),
      destinationConfig: { onFailure: { destination: deadLetters.queueArn } },
    });
  }
}

/** What only CloudFormation knows; all else is in config.json beside the code, which may be longer than 4 KB. */
function environment(props: DetectorProps): Record<string, string> {
  const { alerts, state, redelivery, timers, deadLetters, canaryRole } = props;
  return {
    ENGINE_TOPIC_ARN: alerts.topicArn,
    ENGINE_TABLE: state.table.tableName,
    ENGINE_REDELIVERY_URL: redelivery.queue.queueUrl,
    ENGINE_DEAD_DELIVERIES_URL: redelivery.deadDeliveries.queueUrl,
    ENGINE_TIMER_ROLE_ARN: timers.role.roleArn,
    ENGINE_TIMER_GROUP: timers.groupName,
    ENGINE_DEAD_LETTERS_ARN: deadLetters.queueArn,
    ...(canaryRole === undefined ? {} : { ENGINE_CANARY_ROLE_ARN: canaryRole.roleArn }),
    ...props.liveRules?.environment(),
  };
}

function permissions(props: DetectorProps, logGroup: LogGroup, stack: Stack): PolicyStatement[] {
  return [
    new PolicyStatement({
      sid: "PublishAlerts",
      actions: ["sns:Publish"],
      resources: [props.alerts.topicArn],
    }),
    ...destinationPermissions(props.config, stack),
    props.state.permission(),
    streamPermission(props.state.table),
    ...historyPermissions(props.config),
    ...props.redelivery.permissions(),
    ...props.timers.permissions(),
    ...(props.liveRules === undefined ? [] : [props.liveRules.permission()]),
    new PolicyStatement({
      sid: "KeepFailed",
      actions: ["sqs:SendMessage"],
      resources: [props.deadLetters.queueArn],
    }),
    new PolicyStatement({
      sid: "WriteLog",
      actions: ["logs:CreateLogStream", "logs:PutLogEvents"],
      resources: [logGroup.logGroupArn],
    }),
  ];
}

/** A folder to make the asset of; CDK copies it at once. Without bundling (unit tests) it says what it is. */
function buildAsset({ ruleSet, config, eventRules }: DetectorProps, bundle: boolean): string {
  const directory = mkdtempSync(join(tmpdir(), "cloudtrail-engine-"));
  if (bundle)
    bundleDetector(ruleSet, configFile(config), directory, eventRules, config.liveRules !== undefined);
  else
    writeFileSync(
      join(directory, "index.mjs"),
      'throw new Error("Synthesised without bundling: not for deployment.");\n',
    );
  return directory;
}

/** CloudTrail's history belongs to the account as a whole: there is nothing narrower to name. */
function historyPermissions({ lookupEvents }: EngineConfig): PolicyStatement[] {
  if (lookupEvents === undefined) return [];
  return [new PolicyStatement({ sid: "AskHistory", actions: ["cloudtrail:LookupEvents"], resources: ["*"] })];
}

/** Sets aside, for the role that has it, the check for wildcards. */
function acknowledgeHistory({ lookupEvents }: EngineConfig, role: Role): void {
  if (lookupEvents === undefined) return;
  Validations.of(role).acknowledge({
    id: "AwsSolutions-IAM5[Resource::*]",
    reason: "IAM knows no resource of cloudtrail:LookupEvents but all: it reads the history of the account.",
  });
}
