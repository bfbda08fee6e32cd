/**
 * The Lambda function with everything that is only its own: role, log group, code. Its role is written out statement
 * by statement instead of granted by CDK, so that what it may do can be read in one place: publish to its topic, read
 * its secrets, put what failed into the dead-letter queue, write its own log. No managed policy, no wildcard action.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Duration, RemovalPolicy, Stack } from "aws-cdk-lib";
import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
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
import type { RuleSet } from "../lambda/engine/rule.ts";
import { bundleDetector } from "./bundle.ts";
import type { EngineConfig } from "./config.ts";
import { describeDestinations, secretPermissions } from "./destinations.ts";

export type DetectorProps = {
  readonly config: EngineConfig;
  readonly ruleSet: RuleSet;
  readonly alerts: ITopic;
  readonly deadLetters: IQueue;
};

/** The detector: takes records from EventBridge, sends alerts to the destinations. */
export class Detector extends Construct {
  readonly role: Role;
  readonly lambda: LambdaFunction;
  /** Retries, and where an invocation goes that failed for good. */
  readonly onFailure: CfnEventInvokeConfig;

  constructor(scope: Construct, id: string, props: DetectorProps) {
    super(scope, id);
    const { config, alerts, deadLetters, ruleSet } = props;
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
    const asset = buildAsset(ruleSet, stack.bundlingRequired);
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
      environment: { ENGINE_DESTINATIONS: describeDestinations(config, alerts.topicArn, stack) },
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

function permissions(props: DetectorProps, logGroup: LogGroup, stack: Stack): PolicyStatement[] {
  return [
    new PolicyStatement({
      sid: "PublishAlerts",
      actions: ["sns:Publish"],
      resources: [props.alerts.topicArn],
    }),
    ...secretPermissions(props.config, stack),
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
function buildAsset(ruleSet: RuleSet, bundle: boolean): string {
  const directory = mkdtempSync(join(tmpdir(), "cloudtrail-engine-"));
  if (bundle) bundleDetector(ruleSet, directory);
  else
    writeFileSync(
      join(directory, "index.mjs"),
      'throw new Error("Synthesised without bundling: not for deployment.");\n',
    );
  return directory;
}
