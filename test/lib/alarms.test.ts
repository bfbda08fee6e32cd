import { readFileSync } from "node:fs";
import { createContext, runInContext } from "node:vm";
import { Match } from "aws-cdk-lib/assertions";
import { describe, expect, it } from "vitest";
import { createReport } from "../../lambda/report.ts";
import { sampleAlert } from "../lambda/alerts/sample.ts";
import { DATADOG, makeTemplate, resourcesOf } from "./synthesise.ts";

type Query = {
  readonly Id: string;
  readonly Expression?: string;
  readonly ReturnData?: boolean;
  readonly MetricStat?: { readonly Metric: Metric; readonly Period: number; readonly Stat: string };
};
type Metric = { readonly Namespace: string; readonly MetricName: string; readonly Dimensions?: unknown };

const template = makeTemplate();
const alarms = new Map(
  resourcesOf(template, "AWS::CloudWatch::Alarm").map(([id, { Properties }]) => [
    id.replace(/^Alarms(\w+?)[0-9A-F]{8}$/, "$1"),
    Properties,
  ]),
);
const queriesOf = (alarm: string): readonly Query[] => (alarms.get(alarm)?.["Metrics"] ?? []) as Query[];

/** CloudWatch's functions. */
const cloudWatch = createContext({
  FILL: (value: number | null, other: number) => value ?? other,
  SUM: (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0),
  IF: (condition: boolean, value: number, other: number) => (condition ? value : other),
  FLOOR: (value: number) => Math.floor(value),
});

/** The value of an alarm's expression; a metric that is not given has no data. */
function evaluate(alarm: string, metrics: Readonly<Record<string, number>>): number {
  const queries = queriesOf(alarm);
  const expression = queries.find(({ ReturnData }) => ReturnData === true)?.Expression ?? "";
  const missing = queries.filter(({ MetricStat }) => MetricStat !== undefined).map(({ Id }) => [Id, null]);
  Object.assign(cloudWatch, Object.fromEntries(missing), metrics);
  return runInContext(expression, cloudWatch) as number;
}

function lasts(metrics: Readonly<Record<string, number>>): boolean {
  return evaluate("DeadLetters", metrics) >= 1;
}

describe("the alarms", () => {
  it("are six, on at most ten metrics each, and tell the operations topic", () => {
    expect([...alarms.keys()].toSorted()).toEqual([
      "DeadDeliveries",
      "DeadLetters",
      "Deliverytopic",
      "Errors",
      "Redelivery",
      "Throttles",
    ]);
    for (const [alarm, properties] of alarms) {
      expect(properties).toMatchObject({
        AlarmActions: [{ Ref: expect.stringMatching(/^OperationsTopic/) }],
        TreatMissingData: "notBreaching",
        ComparisonOperator: "GreaterThanOrEqualToThreshold",
      });
      expect(
        queriesOf(alarm).filter(({ MetricStat }) => MetricStat !== undefined).length,
      ).toBeLessThanOrEqual(10);
    }
    for (const alarm of ["Errors", "Throttles", "DeadLetters", "DeadDeliveries"])
      expect(alarms.get(alarm)).toMatchObject({ Threshold: 1, EvaluationPeriods: 1 });
  });

  it("are on fifteen metrics in all: each costs 0.10 a month, as docs/cost.md says", () => {
    const metrics = [...alarms.keys()].map(
      (alarm) => queriesOf(alarm).filter(({ MetricStat }) => MetricStat !== undefined).length || 1,
    );
    expect(metrics.reduce((sum, count) => sum + count, 0)).toBe(15);
    const cost = readFileSync(new URL("../../docs/cost.md", import.meta.url), "utf8");
    expect(cost).toContain("six, on fifteen metrics at 0.10");
  });

  it("are one more for each destination, on the attempts that the detector counts for it", () => {
    const more = makeTemplate({ config: DATADOG });
    const lines: string[] = [];
    const report = createReport((line) => lines.push(line), Date.now);
    report.deliveryFailed(sampleAlert(), "datadog", new Error("no"));
    report.flush();
    const counted = JSON.parse(lines.at(-1) ?? "") as Record<string, unknown>;
    expect(resourcesOf(more, "AWS::CloudWatch::Alarm")).toHaveLength(7);
    const found = resourcesOf(more, "AWS::CloudWatch::Alarm").find(([id]) =>
      id.startsWith("AlarmsDeliverydatadog"),
    );
    expect(found?.[1].Properties).toMatchObject({
      Namespace: "CloudTrailEngine",
      MetricName: "DeliveriesFailed",
      Dimensions: [{ Name: "destination", Value: "datadog" }],
      Statistic: "Sum",
      Period: 900,
      Threshold: 3,
      EvaluationPeriods: 1,
    });
    expect(counted).toMatchObject({
      _aws: {
        CloudWatchMetrics: [
          {
            Namespace: "CloudTrailEngine",
            Dimensions: [["destination"]],
            Metrics: [{ Name: "DeliveriesFailed" }],
          },
        ],
      },
      destination: "datadog",
      DeliveriesFailed: 1,
    });
  });

  it("watch throttles", () => {
    expect(() =>
      template.hasResourceProperties("AWS::CloudWatch::Alarm", {
        Namespace: "AWS/Lambda",
        MetricName: "Throttles",
        Statistic: "Sum",
      }),
    ).not.toThrow();
  });
});

describe("the errors alarm", () => {
  const queries = queriesOf("Errors").filter(({ MetricStat }) => MetricStat !== undefined);

  it("watches failures of the detector, of its rules, of its own calls, and all that takes a record past it", () => {
    const lambda = dimension("FunctionName", "DetectorFunction");
    const watched = queries.map(({ MetricStat }) => ({ ...MetricStat?.Metric, Stat: MetricStat?.Stat }));
    expect(watched).toEqual([
      { Namespace: "AWS/Lambda", MetricName: "Errors", Dimensions: lambda, Stat: "Sum" },
      {
        Namespace: "AWS/Events",
        MetricName: "MatchedEvents",
        Dimensions: dimension("RuleName", "RulesOwnDenials"),
        Stat: "Sum",
      },
      { Namespace: "CloudTrailEngine", MetricName: "RulesFailed", Stat: "Sum" },
      { Namespace: "AWS/Lambda", MetricName: "AsyncEventsDropped", Dimensions: lambda, Stat: "Sum" },
      { Namespace: "AWS/Lambda", MetricName: "DestinationDeliveryFailures", Dimensions: lambda, Stat: "Sum" },
      {
        Namespace: "AWS/SQS",
        MetricName: "NumberOfMessagesSent",
        Dimensions: queueName("DeadLettersQueue"),
        Stat: "Sum",
      },
      {
        Namespace: "AWS/SQS",
        MetricName: "NumberOfMessagesSent",
        Dimensions: queueName("RedeliveryDeadDeliveries"),
        Stat: "Sum",
      },
    ]);
  });

  it("reads the metric that the detector writes when a rule fails", () => {
    const lines: string[] = [];
    const report = createReport((line) => lines.push(line), Date.now);
    report.ruleFailed("ec2.amazonaws.com/x", "no", "1");
    report.flush();
    const { Metric } = queries.find(({ Id }) => Id === "rules")?.MetricStat ?? {};
    expect(JSON.parse(lines.at(-1) ?? "")).toMatchObject({
      _aws: {
        CloudWatchMetrics: [
          { Namespace: Metric?.Namespace, Dimensions: [[]], Metrics: [{ Name: Metric?.MetricName }] },
        ],
      },
    });
  });

  it("is quiet when nothing is reported, and begins with any one failure", () => {
    expect(evaluate("Errors", {})).toBe(0);
    expect(queries).toHaveLength(7);
    expect(queries.map(({ Id }) => evaluate("Errors", { [Id]: 1 }))).toEqual(queries.map(() => 1));
  });
});

describe("the redelivery alarm", () => {
  it("begins when the queue was not empty for an hour, whether due or hidden", () => {
    expect(alarms.get("Redelivery")).toMatchObject({ Threshold: 1, EvaluationPeriods: 12 });
    expect(evaluate("Redelivery", {})).toBe(0);
    expect(evaluate("Redelivery", { due: 0, hidden: 1 })).toBe(1);
    expect(evaluate("Redelivery", { due: 2 })).toBe(2);
  });
});

describe("the dead-letter alarm", () => {
  const DAY = 86_400;

  it("watches how many wait and how long the oldest has", () => {
    expect(() =>
      template.hasResourceProperties("AWS::CloudWatch::Alarm", {
        Metrics: Match.arrayWith([
          Match.objectLike({
            Id: "waiting",
            MetricStat: Match.objectLike({
              Metric: Match.objectLike({ MetricName: "ApproximateNumberOfMessagesVisible" }),
              Stat: "Maximum",
              Period: 300,
            }),
          }),
          Match.objectLike({
            Id: "age",
            MetricStat: Match.objectLike({
              Metric: Match.objectLike({ MetricName: "ApproximateAgeOfOldestMessage" }),
              Stat: "Maximum",
              Period: 300,
            }),
          }),
        ]),
      }),
    ).not.toThrow();
  });

  it("begins at once with the first dead letter, also where its age is not known", () => {
    expect(lasts({})).toBe(false);
    expect(lasts({ waiting: 0, age: 0 })).toBe(false);
    expect(lasts({ waiting: 1 })).toBe(true);
    expect(lasts({ waiting: 1, age: 0 })).toBe(true);
    expect(lasts({ waiting: 1, age: DAY - 1 })).toBe(true);
  });

  it("ends for ten minutes after each full day and begins anew, until nothing waits", () => {
    const states: boolean[] = [];
    for (let age = 0; age < 14 * DAY; age += 300) states.push(lasts({ waiting: 3, age }));
    const begins = states.filter((state, index) => state && states[index - 1] !== true);
    expect(begins).toHaveLength(14);
    expect(states.filter((state) => !state)).toHaveLength(13 * 2);
  });
});

function dimension(name: string, start: string): unknown {
  return [{ Name: name, Value: { Ref: expect.stringMatching(new RegExp(`^${start}`)) as unknown } }];
}

function queueName(start: string): unknown {
  const value = { "Fn::GetAtt": [expect.stringMatching(new RegExp(`^${start}`)) as unknown, "QueueName"] };
  return [{ Name: "QueueName", Value: value }];
}
