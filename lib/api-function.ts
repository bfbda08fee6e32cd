/**
 * An API as a function of its own, behind a URL of its own, with a role and a log of its own: what asks for alerts never
 * competes with what raises them, and whoever got into the one could not touch the other.
 *
 * Our API's URL is open to callers that IAM lets in, and they need a key of ours besides. The clients of the Lacework one
 * cannot sign, so its URL is open and the key is all; reserved concurrency keeps a flood there to a few sandboxes, which
 * leaves the account's others to the detector.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Duration, RemovalPolicy, Stack } from "aws-cdk-lib";
import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import {
  Architecture,
  Code,
  FunctionUrlAuthType,
  Function as LambdaFunction,
  Runtime,
} from "aws-cdk-lib/aws-lambda";
import { CfnLogGroup, LogGroup } from "aws-cdk-lib/aws-logs";
import { Construct } from "constructs";
import type { ApiConfigFile } from "../lambda/api/api-config.ts";
import { bundleEntry } from "./bundle.ts";
import type { EngineConfig } from "./config.ts";
import { configFile } from "./destinations.ts";
import type { StateTable } from "./state-table.ts";

/** In MB: a token or a list takes a fraction of a second of it. */
const MEMORY_MB = 512;
/** A request gives up after ten seconds of asking; a cold start may come before it, and one slow answer after it. */
const TIMEOUT_SECONDS = 30;

/** What a case is read by, and what a person's change of it, and a key's rate, write. */
const READ_INDEXES = ["byTime", "byActor", "byRule"] as const;
const READ_PARTITIONS = ["ALERT#*", "DAYS", "KEYS", "NUMBERS", "WINDOW#*"] as const;
const WRITTEN_PARTITIONS = ["ALERT#*", "DAYS", "NUMBERS", "RATE#*"] as const;

export type ApiFunctionProps = {
  readonly config: EngineConfig;
  readonly state: StateTable;
  /** The module that Lambda runs. */
  readonly entry: "lambda/api/handler.ts" | "lambda/lacework/handler.ts";
  readonly description: string;
  /** Whether callers must be let in by IAM, or the URL is open and the key alone counts. */
  readonly access: "iam" | "open";
  /** How many requests it may answer at a time; the account's limit when absent. */
  readonly concurrency?: number;
};

/** The function with its URL. */
export class ApiFunction extends Construct {
  readonly role: Role;
  readonly lambda: LambdaFunction;
  readonly url: string;

  constructor(scope: Construct, id: string, props: ApiFunctionProps) {
    super(scope, id);
    const { config, state, entry, description, access, concurrency } = props;
    const logGroup = new LogGroup(this, "Logs", { removalPolicy: RemovalPolicy.DESTROY });
    if (logGroup.node.defaultChild instanceof CfnLogGroup) {
      logGroup.node.defaultChild.retentionInDays = config.logRetentionDays;
    }
    this.role = new Role(this, "Role", {
      description: `What the function may do: ${description}`,
      assumedBy: new ServicePrincipal("lambda.amazonaws.com"),
      inlinePolicies: { Api: new PolicyDocument({ statements: permissions(state, logGroup) }) },
    });
    const asset = buildAsset(entry, config, Stack.of(this).bundlingRequired);
    this.lambda = new LambdaFunction(this, "Function", {
      description,
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      handler: "index.handler",
      code: Code.fromAsset(asset),
      memorySize: MEMORY_MB,
      timeout: Duration.seconds(TIMEOUT_SECONDS),
      role: this.role,
      logGroup,
      environment: { ENGINE_TABLE: state.table.tableName },
      ...(concurrency === undefined ? {} : { reservedConcurrentExecutions: concurrency }),
    });
    rmSync(asset, { recursive: true });
    // For an open one CDK adds both permissions that Lambda asks for since October 2025: to invoke the URL, and by it.
    const { url } = this.lambda.addFunctionUrl({
      authType: access === "iam" ? FunctionUrlAuthType.AWS_IAM : FunctionUrlAuthType.NONE,
    });
    this.url = url;
  }
}

/**
 * Alerts are read, and changed as people change them; keys are read and never written: `engine keys` makes them with a
 * person's own credentials. What the detector remembers of actors and of CloudTrail's history is none of theirs.
 */
function permissions({ table }: StateTable, logGroup: LogGroup): PolicyStatement[] {
  return [
    new PolicyStatement({
      sid: "ReadCasesAndKeys",
      actions: ["dynamodb:GetItem", "dynamodb:Query"],
      resources: [table.tableArn],
      conditions: within(READ_PARTITIONS),
    }),
    new PolicyStatement({
      sid: "ReadLists",
      actions: ["dynamodb:Query"],
      resources: READ_INDEXES.map((index) => `${table.tableArn}/index/${index}`),
    }),
    new PolicyStatement({
      sid: "ChangeCasesAndCount",
      actions: ["dynamodb:PutItem", "dynamodb:UpdateItem"],
      resources: [table.tableArn],
      conditions: within(WRITTEN_PARTITIONS),
    }),
    new PolicyStatement({
      sid: "WriteLog",
      actions: ["logs:CreateLogStream", "logs:PutLogEvents"],
      resources: [logGroup.logGroupArn],
    }),
  ];
}

/** Only items of these partitions. */
function within(partitions: readonly string[]): Record<string, Record<string, unknown>> {
  return {
    "ForAllValues:StringLike": { "dynamodb:LeadingKeys": [...partitions] },
    // Without it, a request that names no key would meet the condition.
    Null: { "dynamodb:LeadingKeys": "false" },
  };
}

/** A folder to make the asset of; CDK copies it at once. Without bundling (unit tests) it says what it is. */
function buildAsset(entry: string, config: EngineConfig, bundle: boolean): string {
  const directory = mkdtempSync(join(tmpdir(), "cloudtrail-engine-api-"));
  if (bundle) bundleApi(entry, config, directory);
  else
    writeFileSync(
      join(directory, "index.mjs"),
      'throw new Error("Synthesised without bundling: not for deployment.");\n',
    );
  return directory;
}

/** Bundles an API's handler into `directory`, with its configuration beside it. Equal sources give equal bytes. */
export function bundleApi(entry: string, config: EngineConfig, directory: string): void {
  mkdirSync(directory, { recursive: true });
  bundleEntry(entry, directory);
  const { keepDays, destinations } = configFile(config);
  const file: ApiConfigFile = {
    keepDays,
    destinationTypes: Object.fromEntries(destinations.map(({ id, type }) => [id, type])),
  };
  writeFileSync(join(directory, "config.json"), JSON.stringify(file));
}
