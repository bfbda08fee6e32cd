/**
 * Log files from S3 as a way in: a queue of new objects, a function of its own that reads them, and a queue of those that
 * were given up. It shares the detector's role, because that is the one role whose calls every derived pattern leaves out
 * (`lambda/engine/own-role.ts`), and because it needs all that the detector needs to deliver; what reading adds is one more
 * policy: the configured prefixes, the named keys, its queues, its log.
 *
 *     eventbridge   S3 ─▶ default bus ─▶ rule ─▶ queue        sns   S3 ─▶ your topic ─▶ subscription ─▶ queue
 *     sqs           S3 ─▶ your queue, which the function reads as it is
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Duration, RemovalPolicy, Stack, Validations } from "aws-cdk-lib";
import { Alarm, ComparisonOperator, type IMetric, Stats, TreatMissingData } from "aws-cdk-lib/aws-cloudwatch";
import { SnsAction } from "aws-cdk-lib/aws-cloudwatch-actions";
import { CfnRule } from "aws-cdk-lib/aws-events";
import { Policy, PolicyStatement, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import {
  Architecture,
  Code,
  EventSourceMapping,
  Function as LambdaFunction,
  Runtime,
} from "aws-cdk-lib/aws-lambda";
import { CfnLogGroup, LogGroup } from "aws-cdk-lib/aws-logs";
import { CfnSubscription, type ITopic } from "aws-cdk-lib/aws-sns";
import { Queue, QueueEncryption } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import type { EventRule } from "../lambda/engine/event-rules.ts";
import type { RuleSet } from "../lambda/engine/rule.ts";
import type { IntakeFile } from "../lambda/intake/wire-intake.ts";
import { bundleEntry } from "./bundle.ts";
import type { EngineConfig } from "./config-schema.ts";
import { configFile } from "./destinations.ts";
import type { Detector } from "./detector.ts";
import { OWN_ROLE_ARN } from "./own-denials.ts";
import { graceOf } from "./s3-schema.ts";
import { denyOthers } from "./senders.ts";

type S3Config = NonNullable<EngineConfig["s3"]>;

/** In MB: what is held is the largest record, some chunks, and the rules. */
const MEMORY_MB = 512;
/** The longest that a function has: what it cannot finish it goes on with. */
const TIMEOUT = Duration.minutes(15);
const RETENTION = Duration.days(14);
/** After an invocation that died, twice its time. */
const HIDDEN = Duration.minutes(30);
/** SQS's longest delay (FACTS § 9), in minutes. */
const LONGEST_DELAY = 15;
/** Waiting, and going on, receives a message each time. */
const MAX_RECEIVES = 1000;
const BATCH_SIZE = 10;
/** Invocations at once, so that a flood of log files takes no concurrency from the detector. */
const MAX_CONCURRENCY = 10;
/** Hours beside the grace period after which log files that nobody has read are news. */
const BACKLOG_HOURS = 3;

export type S3IntakeProps = {
  readonly config: EngineConfig;
  readonly s3: S3Config;
  readonly ruleSet: RuleSet;
  /** As the detector has them: with the stand-in for the role's ARN. */
  readonly eventRules: readonly EventRule[];
  readonly detector: Detector;
  readonly operations: ITopic;
};

/** The way in by S3. */
export class S3Intake extends Construct {
  readonly lambda: LambdaFunction;
  /** What was given up; sent back to a queue as it is, it is read again. */
  readonly deadObjects: Queue;
  /** The queue of new objects, unless all buckets bring their own. */
  readonly queue: Queue | undefined;

  constructor(scope: Construct, id: string, props: S3IntakeProps) {
    super(scope, id);
    const { config, s3, detector } = props;
    const stack = Stack.of(this);
    this.deadObjects = this.#makeDeadObjects(detector);
    this.queue = s3.buckets.some(({ notify }) => notify !== "sqs") ? this.#makeQueue(s3) : undefined;
    const logGroup = new LogGroup(this, "Logs", { removalPolicy: RemovalPolicy.DESTROY });
    if (logGroup.node.defaultChild instanceof CfnLogGroup)
      logGroup.node.defaultChild.retentionInDays = config.logRetentionDays;
    const asset = buildAsset(props, stack.bundlingRequired);
    this.lambda = new LambdaFunction(this, "Function", {
      description: "CloudTrail Engine: takes CloudTrail's log files from S3",
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      handler: "index.handler",
      code: Code.fromAsset(asset),
      memorySize: MEMORY_MB,
      timeout: TIMEOUT,
      role: detector.role,
      logGroup,
      environment: {
        ...detector.environment,
        ENGINE_DETECTOR_ARN: detector.lambda.functionArn,
        ENGINE_DEAD_OBJECTS_URL: this.deadObjects.queueUrl,
        ENGINE_OWN_ROLE: detector.role.roleArn,
      },
    });
    rmSync(asset, { recursive: true });
    const policy = this.#permit(props, logGroup);
    this.#listen(s3);
    const queueArns = [
      ...(this.queue === undefined ? [] : [this.queue.queueArn]),
      ...new Set(s3.buckets.flatMap(({ queueArn }) => queueArn ?? [])),
    ];
    for (const [index, eventSourceArn] of queueArns.entries()) {
      const source = new EventSourceMapping(this, `EventSource${index}`, {
        target: this.lambda,
        eventSourceArn,
        batchSize: BATCH_SIZE,
        maxConcurrency: MAX_CONCURRENCY,
        reportBatchItemFailures: true,
      });
      source.node.addDependency(policy);
    }
    this.#alarm(props);
  }

  #makeDeadObjects({ role }: Detector): Queue {
    const queue = new Queue(this, "DeadObjects", {
      encryption: QueueEncryption.SQS_MANAGED,
      retentionPeriod: RETENTION,
      enforceSSL: true,
    });
    Validations.of(queue).acknowledge({
      id: "AwsSolutions-SQS3",
      reason: "This queue is itself the dead-letter queue: an alarm watches it and nothing consumes it.",
    });
    queue.addToResourcePolicy(denyOthers("sqs:SendMessage", queue.queueArn, [role]));
    return queue;
  }

  /** Open to whom IAM lets in, so that what was given up can be sent back: only objects of configured buckets are read. */
  #makeQueue(s3: S3Config): Queue {
    return new Queue(this, "Queue", {
      encryption: QueueEncryption.SQS_MANAGED,
      retentionPeriod: RETENTION,
      visibilityTimeout: HIDDEN,
      deliveryDelay: Duration.minutes(Math.min(LONGEST_DELAY, graceOf(s3) ?? 0)),
      deadLetterQueue: { queue: this.deadObjects, maxReceiveCount: MAX_RECEIVES },
      enforceSSL: true,
    });
  }

  /** Has the queue told of new objects. */
  #listen({ buckets }: S3Config): void {
    const { queue } = this;
    if (queue === undefined) return;
    const stack = Stack.of(this);
    const byEvents = buckets.filter(({ notify }) => notify === "eventbridge");
    if (byEvents.length > 0) {
      const rule = new CfnRule(this, "NewObjects", {
        description: "CloudTrail Engine: new log files",
        eventPattern: {
          source: ["aws.s3"],
          "detail-type": ["Object Created"],
          detail: { bucket: { name: [...new Set(byEvents.map(({ name }) => name))] } },
        },
        targets: [{ id: "intake", arn: queue.queueArn }],
      });
      queue.addToResourcePolicy(admit("events", queue.queueArn, rule.attrArn, stack.account));
    }
    const topics = [...new Set(buckets.flatMap(({ topicArn }) => topicArn ?? []))];
    for (const [index, topicArn] of topics.entries()) {
      queue.addToResourcePolicy(admit(`sns${index}`, queue.queueArn, topicArn));
      const region = topicArn.split(":")[3];
      const subscription = new CfnSubscription(this, `Subscription${index}`, {
        topicArn,
        protocol: "sqs",
        endpoint: queue.queueArn,
        ...(region === undefined ? {} : { region }),
      });
      if (queue.node.tryFindChild("Policy") !== undefined) subscription.node.addDependency(queue);
    }
  }

  #permit({ s3, detector }: S3IntakeProps, logGroup: LogGroup): Policy {
    const stack = Stack.of(this);
    const objects = s3.buckets.map(
      ({ name, prefix = "" }) => `arn:${stack.partition}:s3:::${name}/${prefix}*`,
    );
    const keys = [...new Set(s3.buckets.flatMap(({ kmsKeyArn }) => kmsKeyArn ?? []))];
    const queues = [
      ...(this.queue === undefined ? [] : [this.queue.queueArn]),
      ...new Set(s3.buckets.flatMap(({ queueArn }) => queueArn ?? [])),
    ];
    const policy = new Policy(this, "Policy", {
      roles: [detector.role],
      statements: [
        new PolicyStatement({
          sid: "ReadLogFiles",
          actions: ["s3:GetObject", "s3:GetObjectVersion"],
          resources: [...new Set(objects)],
        }),
        ...(keys.length === 0
          ? []
          : [
              new PolicyStatement({
                sid: "DecryptLogFiles",
                actions: ["kms:Decrypt"],
                resources: keys,
                conditions: { StringLike: { "kms:ViaService": `s3.*.${stack.urlSuffix}` } },
              }),
            ]),
        new PolicyStatement({
          sid: "TakeNewObjects",
          actions: [
            "sqs:ChangeMessageVisibility",
            "sqs:DeleteMessage",
            "sqs:GetQueueAttributes",
            "sqs:ReceiveMessage",
          ],
          resources: queues,
        }),
        new PolicyStatement({
          sid: "KeepUnreadable",
          actions: ["sqs:SendMessage"],
          resources: [this.deadObjects.queueArn],
        }),
        new PolicyStatement({
          sid: "WriteIntakeLog",
          actions: ["logs:CreateLogStream", "logs:PutLogEvents"],
          resources: [logGroup.logGroupArn],
        }),
      ],
    });
    const { partition } = stack;
    for (const resource of new Set(objects)) {
      const shown = resource.replace(partition, "<AWS::Partition>");
      for (const finding of new Set([resource, shown]))
        Validations.of(policy).acknowledge({
          id: `AwsSolutions-IAM5[Resource::${finding}]`,
          reason:
            "The wildcard stands for the log files under the configured prefix: their names have their time in them.",
        });
    }
    return policy;
  }

  #alarm({ s3, operations }: S3IntakeProps): void {
    const period = Duration.minutes(5);
    const add = (alarmId: string, metric: IMetric, threshold: number, alarmDescription: string): void =>
      new Alarm(this, alarmId, {
        metric,
        alarmDescription,
        threshold,
        evaluationPeriods: 1,
        comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
        treatMissingData: TreatMissingData.NOT_BREACHING,
      }).addAlarmAction(new SnsAction(operations));
    add(
      "Dead",
      this.deadObjects.metricApproximateNumberOfMessagesVisible({ statistic: Stats.MAXIMUM, period }),
      1,
      "A log file in S3 could not be read and waits in the queue of given-up objects, for 14 days. Each message names the " +
        "object and the reason: mend it, then move the message back to the intake's queue, as docs/s3.md says.",
    );
    add(
      "Errors",
      this.lambda.metricErrors({ period }),
      1,
      "The function that takes log files from S3 failed; what it had to read comes again. Look into its log group.",
    );
    if (this.queue !== undefined)
      add(
        "Backlog",
        this.queue.metricApproximateAgeOfOldestMessage({ statistic: Stats.MAXIMUM, period }),
        BACKLOG_HOURS * 3600 + (graceOf(s3) ?? 0) * 60,
        "Log files from S3 wait for hours to be read: alerts by this way are late. Look for throttles, and for level error " +
          "in the log group of the function that takes them.",
      );
  }
}

/** Lets one AWS service send to the queue for one source. A topic may be of another account. */
function admit(sid: string, resource: string, sourceArn: string, account?: string): PolicyStatement {
  return new PolicyStatement({
    sid: `Admit${sid}`,
    principals: [new ServicePrincipal(`${sid.replace(/\d+$/, "")}.amazonaws.com`)],
    actions: ["sqs:SendMessage"],
    resources: [resource],
    conditions: {
      ArnEquals: { "aws:SourceArn": sourceArn },
      ...(account === undefined ? {} : { StringEquals: { "aws:SourceAccount": account } }),
    },
  });
}

/** A folder to make the asset of; CDK copies it at once. Without bundling (unit tests) it says what it is. */
function buildAsset(props: S3IntakeProps, bundle: boolean): string {
  const directory = mkdtempSync(join(tmpdir(), "cloudtrail-engine-intake-"));
  if (bundle) bundleIntake(props, directory);
  else
    writeFileSync(
      join(directory, "index.mjs"),
      'throw new Error("Synthesised without bundling: not for deployment.");\n',
    );
  return directory;
}

/** Bundles the intake into `directory`, with what it reads beside it. Equal sources and contents give equal bytes. */
export function bundleIntake(
  { config, s3, ruleSet, eventRules }: Pick<S3IntakeProps, "config" | "s3" | "ruleSet" | "eventRules">,
  directory: string,
): void {
  mkdirSync(directory, { recursive: true });
  bundleEntry("lambda/intake/handler.ts", directory);
  const graceMinutes = graceOf(s3);
  const intake: IntakeFile = {
    buckets: s3.buckets.map(({ name, prefix, accountId }) => ({
      name,
      ...(prefix === undefined ? {} : { prefix }),
      ...(accountId === undefined ? {} : { accountId }),
    })),
    ...(graceMinutes === undefined ? {} : { graceMinutes }),
    ownRole: OWN_ROLE_ARN,
  };
  const files = { rules: ruleSet, config: configFile(config), "event-rules": eventRules, intake };
  for (const [name, content] of Object.entries(files))
    writeFileSync(join(directory, `${name}.json`), JSON.stringify(content));
}
