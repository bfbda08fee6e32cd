/**
 * What fills dynamic lists, where the rules have such lists: a function of its own with a schedule for every interval,
 * and, for lists of tagged resources, what tells of changed tags. The detector may not ask Config, read anybody's bucket
 * or fetch an address; this function may, for what the queries name and no more, and never sees a record.
 *
 * Changes of tags come in swarms, and the tagging API knows of them some seconds late. They wait in a queue for half a
 * minute, and Lambda gathers what comes within a minute more: one refresh answers them all.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Duration, RemovalPolicy, Stack, Validations } from "aws-cdk-lib";
import {
  Alarm,
  ComparisonOperator,
  type IMetric,
  MathExpression,
  Metric,
  Stats,
  TreatMissingData,
} from "aws-cdk-lib/aws-cloudwatch";
import { SnsAction } from "aws-cdk-lib/aws-cloudwatch-actions";
import { CfnRule } from "aws-cdk-lib/aws-events";
import { Effect, PolicyDocument, PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import {
  Architecture,
  Code,
  EventSourceMapping,
  Function as LambdaFunction,
  Runtime,
} from "aws-cdk-lib/aws-lambda";
import { CfnLogGroup, LogGroup } from "aws-cdk-lib/aws-logs";
import { CfnSchedule, CfnScheduleGroup } from "aws-cdk-lib/aws-scheduler";
import type { ITopic } from "aws-cdk-lib/aws-sns";
import { Queue, QueueEncryption } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import type { RuleSet } from "../lambda/engine/rule.ts";
import { dynamicLists } from "../lambda/lists/refresh-all.ts";
import type { DynamicList } from "../lambda/lists/refresh.ts";
import type { Count } from "../lambda/report.ts";
import { bundleEntry } from "./bundle.ts";
import { queryPermissions, tagPatterns } from "./list-permissions.ts";
import type { StateTable } from "./state-table.ts";
import { schedulerPrincipal } from "./timers.ts";

/** In MB: a hundred thousand values and the answers they came in. */
const MEMORY_MB = 512;
const TIMEOUT = Duration.minutes(2);
/** What the tagging API is given to know of a change, and for how long more changes are gathered. */
const SETTLE = Duration.seconds(30);
const GATHER = Duration.seconds(60);
const PERIOD = Duration.minutes(5);

export type DynamicListsProps = {
  readonly ruleSet: RuleSet;
  readonly state: StateTable;
  readonly logRetentionDays: number;
  readonly operations: ITopic;
};

/** Adds the construct where the rules have dynamic lists. @returns the outputs of the stack that it makes */
export function addDynamicLists(
  scope: Construct,
  { ruleSet, ...props }: DynamicListsProps,
): Record<string, string> {
  const lists = dynamicLists(ruleSet.lists);
  if (lists.size === 0) return {};
  const { lambda } = new DynamicLists(scope, "Lists", { ...props, lists });
  return { ListsArn: lambda.functionArn };
}

/** The function that refreshes, and what invokes it. */
class DynamicLists extends Construct {
  readonly lambda: LambdaFunction;

  constructor(
    scope: Construct,
    id: string,
    props: Omit<DynamicListsProps, "ruleSet"> & { readonly lists: ReadonlyMap<string, DynamicList> },
  ) {
    super(scope, id);
    const { lists, state, operations } = props;
    const stack = Stack.of(this);
    const logGroup = new LogGroup(this, "Logs", { removalPolicy: RemovalPolicy.DESTROY });
    if (logGroup.node.defaultChild instanceof CfnLogGroup) {
      logGroup.node.defaultChild.retentionInDays = props.logRetentionDays;
    }
    const queries = queryPermissions(lists, stack);
    const patterns = tagPatterns(lists);
    const changes = patterns.length === 0 ? undefined : this.addChanges(patterns);
    const role = new Role(this, "Role", {
      description: "What the function that refreshes dynamic lists may do",
      assumedBy: new ServicePrincipal("lambda.amazonaws.com"),
      inlinePolicies: {
        Lists: new PolicyDocument({
          statements: [
            ...queries.statements,
            new PolicyStatement({
              sid: "KeepVersions",
              actions: ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query", "dynamodb:UpdateItem"],
              resources: [state.table.tableArn],
              conditions: {
                "ForAllValues:StringLike": { "dynamodb:LeadingKeys": ["LIST#*"] },
                // Without it, a request that names no key would meet the condition.
                Null: { "dynamodb:LeadingKeys": "false" },
              },
            }),
            ...(changes === undefined
              ? []
              : [
                  new PolicyStatement({
                    sid: "TakeChanges",
                    actions: ["sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"],
                    resources: [changes.queueArn],
                  }),
                ]),
            new PolicyStatement({
              sid: "WriteLog",
              actions: ["logs:CreateLogStream", "logs:PutLogEvents"],
              resources: [logGroup.logGroupArn],
            }),
          ],
        }),
      },
    });
    for (const { id: finding, reason } of queries.findings)
      Validations.of(role).acknowledge({ id: finding, reason });
    const asset = buildAsset(lists, stack.bundlingRequired);
    this.lambda = new LambdaFunction(this, "Function", {
      description: "CloudTrail Engine: refreshes dynamic lists",
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      handler: "index.handler",
      code: Code.fromAsset(asset),
      memorySize: MEMORY_MB,
      timeout: TIMEOUT,
      role,
      logGroup,
      environment: { ENGINE_TABLE: state.table.tableName },
    });
    rmSync(asset, { recursive: true });
    if (changes !== undefined) this.take(changes);
    this.schedule(lists, stack);
    this.alarm(operations);
  }

  /** The queue of changed tags, and the EventBridge rules that fill it. */
  private addChanges(patterns: readonly Readonly<Record<string, unknown>>[]): Queue {
    const queue = new Queue(this, "Changes", {
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      deliveryDelay: SETTLE,
      // As Lambda asks for: six times its function's timeout.
      visibilityTimeout: Duration.seconds(6 * TIMEOUT.toSeconds()),
      retentionPeriod: Duration.hours(6),
    });
    const rules = patterns.map(
      (eventPattern, at) =>
        new CfnRule(this, `TagChange${at + 1}`, {
          description: "Brings changes of tags to what refreshes dynamic lists",
          state: "ENABLED",
          eventPattern,
          targets: [{ id: "changes", arn: queue.queueArn }],
        }),
    );
    queue.addToResourcePolicy(
      new PolicyStatement({
        effect: Effect.ALLOW,
        principals: [new ServicePrincipal("events.amazonaws.com")],
        actions: ["sqs:SendMessage"],
        resources: [queue.queueArn],
        conditions: { ArnEquals: { "aws:SourceArn": rules.map(({ attrArn }) => attrArn) } },
      }),
    );
    Validations.of(queue).acknowledge({
      id: "AwsSolutions-SQS3",
      reason: "A message says no more than that a refresh is worth while: the schedule refreshes without it.",
    });
    return queue;
  }

  private take(changes: Queue): EventSourceMapping {
    return new EventSourceMapping(this, "EventSource", {
      target: this.lambda,
      eventSourceArn: changes.queueArn,
      batchSize: 1_000,
      maxBatchingWindow: GATHER,
      maxConcurrency: 2,
    });
  }

  /** A schedule for each interval; a schedule begins at once, so that a new list has values within minutes. */
  private schedule(lists: ReadonlyMap<string, DynamicList>, stack: Stack): void {
    const group = new CfnScheduleGroup(this, "Group");
    const role = new Role(this, "SchedulerRole", {
      description: "Lets the schedules of CloudTrail Engine refresh dynamic lists",
      assumedBy: schedulerPrincipal(group.attrArn, stack),
      inlinePolicies: {
        Refresh: new PolicyDocument({
          statements: [
            new PolicyStatement({
              actions: ["lambda:InvokeFunction"],
              resources: [this.lambda.functionArn],
            }),
          ],
        }),
      },
    });
    const byInterval = Map.groupBy([...lists], ([, { dynamic }]) => dynamic.refreshMs / 60_000);
    for (const [minutes, some] of [...byInterval].toSorted(([a], [b]) => a - b)) {
      const names = some.map(([name]) => name).toSorted();
      const schedule = new CfnSchedule(this, `Every${minutes}`, {
        description: `Refreshes dynamic lists every ${minutes} minutes`,
        groupName: group.ref,
        scheduleExpression: `rate(${minutes} minutes)`,
        flexibleTimeWindow: { mode: "OFF" },
        target: {
          arn: this.lambda.functionArn,
          roleArn: role.roleArn,
          // The next refresh is worth more than a late one.
          retryPolicy: { maximumRetryAttempts: 2 },
          input: JSON.stringify({ engine: "refresh-lists", lists: names }),
        },
      });
      schedule.node.addDependency(role);
    }
  }

  private alarm(operations: ITopic): void {
    const usingMetrics: Record<string, IMetric> = {
      errors: this.lambda.metricErrors({ period: PERIOD }),
      failed: new Metric({
        namespace: "CloudTrailEngine",
        metricName: "ListsFailed" satisfies Count,
        statistic: Stats.SUM,
        period: PERIOD,
      }),
    };
    new Alarm(this, "Failed", {
      metric: new MathExpression({
        expression: "FILL(errors, 0) + FILL(failed, 0)",
        label: "Refreshes and readings of dynamic lists that failed",
        usingMetrics,
        period: PERIOD,
      }),
      alarmDescription:
        "CloudTrail Engine could not refresh or read a dynamic list. The last good values are used, and alerts made with " +
        "them say that they are stale; a list that was never filled matches everything. The lists command shows which " +
        "and why.",
      threshold: 1,
      evaluationPeriods: 1,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    }).addAlarmAction(new SnsAction(operations));
  }
}

/** A folder to make the asset of; CDK copies it at once. Without bundling (unit tests) it says what it is. */
function buildAsset(lists: ReadonlyMap<string, DynamicList>, bundle: boolean): string {
  const directory = mkdtempSync(join(tmpdir(), "cloudtrail-engine-lists-"));
  if (bundle) bundleLists(lists, directory);
  else
    writeFileSync(
      join(directory, "index.mjs"),
      'throw new Error("Synthesised without bundling: not for deployment.");\n',
    );
  return directory;
}

/** Bundles the function into `directory`, with the lists beside it. Equal sources and lists give equal bytes. */
export function bundleLists(lists: ReadonlyMap<string, DynamicList>, directory: string): void {
  mkdirSync(directory, { recursive: true });
  bundleEntry("lambda/lists/handler.ts", directory);
  const sorted = [...lists].toSorted(([a], [b]) => (a < b ? -1 : 1));
  writeFileSync(join(directory, "lists.json"), JSON.stringify(Object.fromEntries(sorted)));
}
