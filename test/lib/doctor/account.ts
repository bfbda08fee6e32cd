/**
 * An AWS account in memory for the doctor's tests: each test starts from one where all is well and spoils one thing.
 * It answers the SDK's commands by their names, so that what the doctor sends is tested too.
 */
import type { DoctorClients } from "../../../lib/doctor/clients.ts";

const REGION = "eu-west-1";
const ALERTS = `arn:aws:sns:${REGION}:123456789012:alerts`;
const OPERATIONS = `arn:aws:sns:${REGION}:123456789012:operations`;
const DETECTOR = `arn:aws:lambda:${REGION}:123456789012:function:detector`;
const DEAD_LETTERS = `arn:aws:sqs:${REGION}:123456789012:dead-letters`;
/** The target of a rule as the stack makes it. */
export const TARGET = { Id: "detector", Arn: DETECTOR, DeadLetterConfig: { Arn: DEAD_LETTERS } };
export const QUEUE_POLICY = {
  Version: "2012-10-17",
  Statement: [
    { Effect: "Deny", Principal: { AWS: "*" }, Action: "sqs:*", Resource: DEAD_LETTERS },
    {
      Effect: "Allow",
      Principal: { Service: "events.amazonaws.com" },
      Action: "sqs:SendMessage",
      Resource: DEAD_LETTERS,
    },
  ],
};
const DEAD_DELIVERIES = `arn:aws:sqs:${REGION}:123456789012:dead-deliveries`;
const TRAIL = `arn:aws:cloudtrail:${REGION}:123456789012:trail/main`;
/** A key that must never be seen in what the doctor says. */
export const CANARY_KEY = "c0ffeec0ffeec0ffeec0ffeec0ffee00";

/** What a command answers, or a function of its input that gives it. */
type Answer = object | ((input: Record<string, unknown>) => unknown);
export type Answers = Record<string, Answer>;

/** An account where all is well. */
export function healthyAccount(): Answers {
  return {
    GetCallerIdentityCommand: { Account: "123456789012" },
    DescribeStacksCommand: {
      Stacks: [
        {
          StackStatus: "UPDATE_COMPLETE",
          Outputs: outputs({}),
        },
      ],
    },
    ListRulesCommand: {
      Rules: [
        { Name: "CloudTrailEngine.ec2-0w7xk2p", State: "ENABLED" },
        { Name: "CloudTrailEngine.own-denials", State: "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS" },
      ],
    },
    ListTargetsByRuleCommand: { Targets: [TARGET] },
    DescribeTrailsCommand: {
      trailList: [{ Name: "main", TrailARN: TRAIL, IsMultiRegionTrail: true, HomeRegion: REGION }],
    },
    GetTrailStatusCommand: { IsLogging: true },
    GetEventSelectorsCommand: { EventSelectors: [{ ReadWriteType: "All", IncludeManagementEvents: true }] },
    ListSubscriptionsByTopicCommand: ({ TopicArn }: Record<string, unknown>) => ({
      Subscriptions: [
        { Endpoint: "me@example.com", SubscriptionArn: `${String(TopicArn)}:1`, Protocol: "email" },
      ],
    }),
    DescribeSecretCommand: { Name: "prod/datadog" },
    GetSecretValueCommand: { SecretString: CANARY_KEY },
    GetParameterCommand: { Parameter: { Type: "SecureString", Value: CANARY_KEY } },
    GetEmailIdentityCommand: { VerifiedForSendingStatus: true },
    GetAccountCommand: { ProductionAccessEnabled: true, SendingEnabled: true },
    DescribeTableCommand: { Table: { TableStatus: "ACTIVE", DeletionProtectionEnabled: true } },
    DescribeContinuousBackupsCommand: {
      ContinuousBackupsDescription: {
        PointInTimeRecoveryDescription: { PointInTimeRecoveryStatus: "ENABLED" },
      },
    },
    DescribeTimeToLiveCommand: {
      TimeToLiveDescription: { TimeToLiveStatus: "ENABLED", AttributeName: "expiresAt" },
    },
    GetQueueAttributesCommand: queues({}),
  };
}

/** What the queues answer by the last part of their URLs, with changes of single ones. */
export function queues(changes: Readonly<Record<string, Readonly<Record<string, string>>>>): Answer {
  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: DEAD_DELIVERIES, maxReceiveCount: 1000 });
  const healthy: Readonly<Record<string, Readonly<Record<string, string>>>> = {
    "dead-letters": { ApproximateNumberOfMessages: "0", Policy: JSON.stringify(QUEUE_POLICY) },
    redelivery: { ApproximateNumberOfMessages: "0", RedrivePolicy },
    "dead-deliveries": { ApproximateNumberOfMessages: "0", QueueArn: DEAD_DELIVERIES },
  };
  return ({ QueueUrl }) => {
    const name = String(QueueUrl).split("/").at(-1) ?? "";
    return { Attributes: { ...healthy[name], ...changes[name] } };
  };
}

/** What the queues answer when the dead-letter queue is changed. */
export function queue(changes: Readonly<Record<string, string>>): Answer {
  return queues({ "dead-letters": changes });
}

/** What the stack tells the doctor, with changes. */
export function outputs(changes: Record<string, string>): { OutputKey: string; OutputValue: string }[] {
  const values = {
    AlertsTopicArn: ALERTS,
    OperationsTopicArn: OPERATIONS,
    DeadLettersUrl: `https://sqs.${REGION}.amazonaws.com/123456789012/dead-letters`,
    DetectorArn: DETECTOR,
    Destinations: '["datadog"]',
    Secrets: '{"prod/datadog":"the API key"}',
    Senders: "[]",
    StateTable: "state",
    RedeliveryUrl: `https://sqs.${REGION}.amazonaws.com/123456789012/redelivery`,
    DeadDeliveriesUrl: `https://sqs.${REGION}.amazonaws.com/123456789012/dead-deliveries`,
    RedeliverySource: "11111111-2222-3333-4444-555555555555",
    RegionalSources: "[]",
    ...changes,
  };
  return Object.entries(values).map(([OutputKey, OutputValue]) => ({ OutputKey, OutputValue }));
}

/** An error as the AWS SDK throws it. */
export function awsError(name: string, message: string): () => never {
  return () => {
    throw Object.assign(new Error(message), { name });
  };
}

/** Clients that answer from the account; what was asked is kept in `asked`, as "Command {input}". */
export function makeClients(answers: Answers, asked: string[] = []): DoctorClients {
  const client = {
    send: async (command: {
      readonly input: Record<string, unknown>;
      readonly constructor: { readonly name: string };
    }) => {
      const { name } = command.constructor;
      asked.push(`${name} ${JSON.stringify(command.input)}`);
      if (!Object.hasOwn(answers, name))
        throw new Error(`the doctor asked for ${name}, which no test expects`);
      const answer = answers[name];
      return typeof answer === "function"
        ? (answer as (input: Record<string, unknown>) => unknown)(command.input)
        : answer;
    },
  };
  const any = client as unknown;
  return {
    cloudFormation: any as DoctorClients["cloudFormation"],
    cloudTrail: any as DoctorClients["cloudTrail"],
    dynamoDb: any as DoctorClients["dynamoDb"],
    eventBridge: any as DoctorClients["eventBridge"],
    secretsManager: () => any as ReturnType<DoctorClients["secretsManager"]>,
    ses: () => any as ReturnType<DoctorClients["ses"]>,
    sns: any as DoctorClients["sns"],
    sqs: any as DoctorClients["sqs"],
    ssm: any as DoctorClients["ssm"],
    sts: any as DoctorClients["sts"],
  };
}
