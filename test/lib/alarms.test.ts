import { createContext, runInContext } from "node:vm";
import { Match } from "aws-cdk-lib/assertions";
import { describe, expect, it } from "vitest";
import { createReport } from "../../lambda/report.ts";
import { makeTemplate, resourcesOf } from "./synthesise.ts";

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
  it("are three, on at most ten metrics each, and tell the operations topic", () => {
    expect([...alarms.keys()].toSorted()).toEqual(["DeadLetters", "Errors", "Throttles"]);
    for (const [alarm, properties] of alarms) {
      expect(properties).toMatchObject({
        AlarmActions: [{ Ref: expect.stringMatching(/^OperationsTopic/) }],
        TreatMissingData: "notBreaching",
        ComparisonOperator: "GreaterThanOrEqualToThreshold",
        Threshold: 1,
        EvaluationPeriods: 1,
      });
      expect(
        queriesOf(alarm).filter(({ MetricStat }) => MetricStat !== undefined).length,
      ).toBeLessThanOrEqual(10);
    }
  });

  it("are on nine metrics in all: each costs 0.10 a month, as docs/cost.md says", () => {
    const metrics = [...alarms.keys()].map(
      (alarm) => queriesOf(alarm).filter(({ MetricStat }) => MetricStat !== undefined).length || 1,
    );
    expect(metrics.reduce((sum, count) => sum + count, 0)).toBe(9);
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
        Dimensions: [{ Name: "QueueName", Value: { "Fn::GetAtt": [expect.any(String), "QueueName"] } }],
        Stat: "Sum",
      },
    ]);
  });

  it("reads the metric that the detector writes when a rule fails", () => {
    const lines: string[] = [];
    createReport((line) => lines.push(line), Date.now).counted({
      RecordsEvaluated: 0,
      RecordsUnreadable: 0,
      Alerts: 0,
      AlertsSuppressed: 0,
      AlertsStaged: 0,
      Deliveries: 0,
      DeliveriesFailed: 0,
      RulesFailed: 1,
      SuppressionsFailed: 0,
    });
    const { Metric } = queries.find(({ Id }) => Id === "rules")?.MetricStat ?? {};
    expect(JSON.parse(lines[0] ?? "")).toMatchObject({
      _aws: {
        CloudWatchMetrics: [
          { Namespace: Metric?.Namespace, Dimensions: [[]], Metrics: [{ Name: Metric?.MetricName }] },
        ],
      },
    });
  });

  it("is quiet when nothing is reported, and begins with any one failure", () => {
    expect(evaluate("Errors", {})).toBe(0);
    expect(queries).toHaveLength(6);
    expect(queries.map(({ Id }) => evaluate("Errors", { [Id]: 1 }))).toEqual(queries.map(() => 1));
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
