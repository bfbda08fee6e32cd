/**
 * What lets rules be changed without deploying: a bucket that keeps every published version, the detector's leave to read
 * the two keys in it, and an alarm when what is published cannot be taken. Nobody else in this stack may write there:
 * whoever may write to the bucket decides what is alerted on, and people give that to those who may deploy.
 *
 * `engine publish` compares with what is deployed, so the stack also keeps that where people with leave to deploy can read
 * it: as an asset, beside the code.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Duration, RemovalPolicy, Stack, Validations } from "aws-cdk-lib";
import { Alarm, ComparisonOperator, Metric, Stats, TreatMissingData } from "aws-cdk-lib/aws-cloudwatch";
import { SnsAction } from "aws-cdk-lib/aws-cloudwatch-actions";
import { PolicyStatement, type Role } from "aws-cdk-lib/aws-iam";
import { BlockPublicAccess, Bucket, BucketEncryption, type IBucket } from "aws-cdk-lib/aws-s3";
import { Asset } from "aws-cdk-lib/aws-s3-assets";
import type { ITopic } from "aws-cdk-lib/aws-sns";
import { Construct } from "constructs";
import type { RuleSet } from "../lambda/engine/rule.ts";
import { POINTER_KEY, RULE_SET_KEY } from "../lambda/live-rules/published.ts";
import type { Count } from "../lambda/report.ts";
import type { EngineConfig } from "./config-schema.ts";
import { configFile } from "./destinations.ts";
import type { DeployedFile } from "./publish/deployed-file.ts";

/** The bucket of published rules. */
export class LiveRules extends Construct {
  readonly #bucket: Pick<IBucket, "bucketName" | "arnForObjects">;
  readonly #prefix: string;

  constructor(scope: Construct, id: string, { bucket: given }: NonNullable<EngineConfig["liveRules"]>) {
    super(scope, id);
    this.#prefix = `${Stack.of(this).stackName}/`;
    this.#bucket = given === undefined ? this.#makeBucket() : Bucket.fromBucketName(this, "Bucket", given);
  }

  #makeBucket(): Bucket {
    const bucket = new Bucket(this, "Bucket", {
      versioned: true,
      encryption: BucketEncryption.S3_MANAGED,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      enforceSSL: true,
      removalPolicy: RemovalPolicy.RETAIN,
    });
    Validations.of(bucket).acknowledge({
      id: "AwsSolutions-S1",
      reason: "Every version says who published it; access logs would need a second bucket.",
    });
    return bucket;
  }

  /** The environment of the detector. */
  environment(): Record<string, string> {
    return { ENGINE_LIVE_RULES: `${this.#bucket.bucketName}/${this.#prefix}` };
  }

  /** What the detector does with the bucket, and no more. */
  permission(): PolicyStatement {
    return new PolicyStatement({
      sid: "ReadPublishedRules",
      actions: ["s3:GetObject", "s3:GetObjectVersion"],
      resources: [POINTER_KEY, RULE_SET_KEY].map((key) => this.#bucket.arnForObjects(this.#prefix + key)),
    });
  }

  /** Raises an alarm when published rules could not be taken. */
  alarm(operations: ITopic): void {
    new Alarm(this, "Failed", {
      metric: new Metric({
        namespace: "CloudTrailEngine",
        metricName: "LiveRulesFailed" satisfies Count,
        statistic: Stats.SUM,
        period: Duration.minutes(5),
      }),
      alarmDescription:
        "The detector of CloudTrail Engine could not take the rules that were published, and works with those it had. " +
        "Its log says why (published rules not taken); publish again, or roll back with the publish command.",
      threshold: 1,
      evaluationPeriods: 1,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    }).addAlarmAction(new SnsAction(operations));
  }

  /** What `engine publish` needs to know of the deployment. */
  outputs(config: EngineConfig, ruleSet: RuleSet, role: Role): Record<string, string> {
    const deployed = this.#keepDeployed(config, ruleSet);
    return {
      LiveRulesBucket: this.#bucket.bucketName,
      LiveRulesPrefix: this.#prefix,
      LiveRulesDeployed: `${deployed.s3BucketName}/${deployed.s3ObjectKey}`,
      DetectorRole: config.hub === undefined ? role.roleName : role.roleArn,
    };
  }

  #keepDeployed(config: EngineConfig, ruleSet: RuleSet): Asset {
    const { destinations, routing } = configFile(config);
    const file: DeployedFile = {
      format: 1,
      allowWaiting: config.liveRules?.allowWaiting ?? false,
      ruleSet,
      destinations,
      routing,
    };
    const directory = mkdtempSync(join(tmpdir(), "cloudtrail-engine-"));
    const path = join(directory, "deployed.json");
    writeFileSync(path, JSON.stringify(file));
    const asset = new Asset(this, "Deployed", { path });
    rmSync(directory, { recursive: true });
    return asset;
  }
}
