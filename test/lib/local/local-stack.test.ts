import { describe, expect, it } from "vitest";
import { readStack } from "../../../lib/local/local-stack.ts";
import { readTemplate } from "../../../lib/local/template.ts";
import type { LocalValues } from "../../../lib/local/template.ts";

const ARN = "arn:aws:lambda:us-east-1:123456789012:function:Detector";
const values: LocalValues = {
  account: "123456789012",
  region: "us-east-1",
  stackName: "Engine",
  resources: new Map([
    ["Detector", { ref: "Detector", attributes: { Arn: ARN } }],
    ["Dead", { ref: "http://127.0.0.1/dead", attributes: { Arn: "arn:dead" } }],
  ]),
};
const RULE = {
  Type: "AWS::Events::Rule",
  Properties: {
    Name: "Engine.ec2",
    State: "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS",
    EventPattern: { source: [{ prefix: "aws." }] },
    Targets: [{ Id: "detector", Arn: { "Fn::GetAtt": ["Detector", "Arn"] } }],
  },
};
const FUNCTION = {
  Type: "AWS::Lambda::Function",
  Properties: {
    Handler: "index.handler",
    Timeout: 60,
    MemorySize: 512,
    Code: { S3Bucket: { "Fn::Sub": "assets-${AWS::AccountId}" }, S3Key: "abc.zip" },
    Environment: { Variables: { ENGINE_TABLE: { "Fn::Join": ["", ["a", "b"]] } } },
    Role: { "Fn::GetAtt": ["Unknown", "Arn"] },
  },
};
const INVOKE = {
  Type: "AWS::Lambda::EventInvokeConfig",
  Properties: {
    FunctionName: { Ref: "Detector" },
    Qualifier: "$LATEST",
    MaximumRetryAttempts: 1,
    DestinationConfig: { OnFailure: { Destination: { "Fn::GetAtt": ["Dead", "Arn"] } } },
  },
};
const read = (resources: unknown) => readStack(readTemplate({ Resources: resources }), values);

describe("the stack as the template tells it", () => {
  it("has the event rules with name, state, pattern and targets", () => {
    expect(read({ RULE, Detector: FUNCTION }).eventRules).toEqual([
      {
        name: "Engine.ec2",
        state: "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS",
        eventPattern: { source: [{ prefix: "aws." }] },
        rules: [],
        targets: [ARN],
      },
    ]);
  });

  it("has the functions that are targets, with code, environment, limit, retries and on-failure queue", () => {
    expect(read({ RULE, Detector: FUNCTION, INVOKE }).functions).toEqual([
      {
        arn: ARN,
        name: "Detector",
        asset: "abc.zip",
        handler: "index.handler",
        timeoutSeconds: 60,
        memoryMb: 512,
        environment: { ENGINE_TABLE: "ab" },
        retries: 1,
        onFailure: "arn:dead",
      },
    ]);
  });

  it("has Lambda's own two retries and no on-failure queue where the template says nothing", () => {
    expect(read({ RULE, Detector: FUNCTION }).functions[0]).toMatchObject({
      retries: 2,
      onFailure: undefined,
    });
  });

  it("leaves out functions that no event rule invokes, and knows rules without a target", () => {
    const { Targets: _, ...properties } = RULE.Properties;
    const { eventRules, functions } = read({ R: { ...RULE, Properties: properties }, Detector: FUNCTION });
    expect(functions).toEqual([]);
    expect(eventRules[0]?.targets).toEqual([]);
  });

  it("refuses a target that is no function, and a rule that is disabled", () => {
    const to = { ...RULE.Properties, Targets: [{ Arn: "arn:elsewhere" }] };
    expect(() => read({ R: { ...RULE, Properties: to } })).toThrow("arn:elsewhere");
    const off = { ...RULE.Properties, State: "DISABLED" };
    expect(() => read({ R: { ...RULE, Properties: off }, Detector: FUNCTION })).toThrow('got "DISABLED"');
  });

  it("has the queues that Lambda polls, with the queue's own times and where its messages end", () => {
    const queue = {
      Type: "AWS::SQS::Queue",
      Properties: {
        VisibilityTimeout: 360,
        RedrivePolicy: { deadLetterTargetArn: "arn:buried", maxReceiveCount: 1000 },
      },
    };
    const mapping = {
      Type: "AWS::Lambda::EventSourceMapping",
      Properties: {
        EventSourceArn: { "Fn::GetAtt": ["Dead", "Arn"] },
        FunctionName: { Ref: "Detector" },
        BatchSize: 5,
        ScalingConfig: { MaximumConcurrency: 2 },
        FunctionResponseTypes: ["ReportBatchItemFailures"],
      },
    };
    expect(read({ Dead: queue, M: mapping }).eventSources).toEqual([
      {
        queueArn: "arn:dead",
        functionName: "Detector",
        batchSize: 5,
        maxConcurrency: 2,
        visibilitySeconds: 360,
        maxReceives: 1000,
        deadLettersArn: "arn:buried",
      },
    ]);
    const { FunctionResponseTypes: _, ...silent } = mapping.Properties;
    expect(() => read({ Dead: queue, M: { ...mapping, Properties: silent } })).toThrow(
      "ReportBatchItemFailures",
    );
    expect(() => read({ M: mapping })).toThrow("queues of the stack");
  });

  it("has the streams that Lambda reads, with filters, patience and the queue for what is given up", () => {
    const streamArn = "arn:aws:dynamodb:us-east-1:123456789012:table/State/stream/2026-01-01T00:00:00.000";
    const Properties = {
      EventSourceArn: streamArn,
      FunctionName: { Ref: "Detector" },
      BatchSize: 10,
      MaximumRetryAttempts: 100,
      ParallelizationFactor: 1,
      FilterCriteria: { Filters: [{ Pattern: '{"eventName":["INSERT"]}' }] },
      DestinationConfig: { OnFailure: { Destination: { "Fn::GetAtt": ["Dead", "Arn"] } } },
      FunctionResponseTypes: ["ReportBatchItemFailures"],
    };
    const stream = (changes: object) => ({
      M: { Type: "AWS::Lambda::EventSourceMapping", Properties: { ...Properties, ...changes } },
    });
    expect(read(stream({}))).toMatchObject({
      eventSources: [],
      streams: [
        {
          streamArn,
          table: "State",
          functionName: "Detector",
          batchSize: 10,
          filters: [{ eventName: ["INSERT"] }],
          retries: 100,
          onFailure: "arn:dead",
        },
      ],
    });
    expect(read(stream({ MaximumRetryAttempts: -1, FilterCriteria: undefined })).streams[0]).toMatchObject({
      retries: Infinity,
      filters: [],
    });
    expect(() => read(stream({ FunctionResponseTypes: [] }))).toThrow("ReportBatchItemFailures");
    expect(() => read(stream({ ParallelizationFactor: 2 }))).toThrow("ParallelizationFactor");
    expect(() => read(stream({ FilterCriteria: { Filters: [{ Pattern: "{" }] } }))).toThrow("no JSON");
  });
});
