/**
 * The table with all state: alerts with their deliveries, open windows, counts of thresholds. It is kept when the stack
 * is destroyed, and protected from being deleted by hand, because it is the record of who was told of what.
 *
 * It is encrypted with a key of AWS's own, which costs nothing: a customer key would add a dollar a month and a call to
 * KMS, and would protect only from people who may read the table and not use the key.
 *
 * Its indexes hold what lists show of an alert and no more, so that a page of a list is one query. Its stream names the
 * items that were put, for what is computed of an alert after somebody was told of it.
 */
import { RemovalPolicy } from "aws-cdk-lib";
import {
  AttributeType,
  BillingMode,
  ProjectionType,
  StreamViewType,
  Table,
  TableEncryption,
} from "aws-cdk-lib/aws-dynamodb";
import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import { Construct } from "constructs";
import { INDEX_SORT_KEY, INDEXES, type IndexName } from "../lambda/state/table.ts";

/** The partition with the keys to the APIs (`lambda/api/make-key-store.ts`). */
const KEYS = "KEYS";
/** The attribute with the second after which DynamoDB may delete an item. */
const EXPIRY = "expiresAt";

/** The state table: on demand, so that a quiet account pays for what is stored only. */
export class StateTable extends Construct {
  readonly table: Table;

  /**
   * `indexes`: how many of the indexes it has, when not all. DynamoDB adds one index at a time to a table that there is, so
   * CloudFormation refuses an update that adds two: a table of an earlier version gets them in three deployments.
   */
  constructor(scope: Construct, id: string, { indexes }: { readonly indexes?: number | undefined } = {}) {
    super(scope, id);
    this.table = new Table(this, "Table", {
      partitionKey: { name: "pk", type: AttributeType.STRING },
      sortKey: { name: "sk", type: AttributeType.STRING },
      billingMode: BillingMode.PAY_PER_REQUEST,
      encryption: TableEncryption.DEFAULT,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      timeToLiveAttribute: EXPIRY,
      stream: StreamViewType.KEYS_ONLY,
      deletionProtection: true,
      removalPolicy: RemovalPolicy.RETAIN,
    });
    for (const [indexName, key] of Object.entries(INDEXES).slice(0, indexes))
      this.table.addGlobalSecondaryIndex({
        indexName,
        partitionKey: { name: key, type: AttributeType.STRING },
        sortKey: { name: INDEX_SORT_KEY, type: AttributeType.STRING },
        projectionType: ProjectionType.INCLUDE,
        nonKeyAttributes: ["row"],
      });
  }

  /**
   * What the detector does with it, and no more: it deletes nothing, items expire. It looks for other alerts of an actor
   * and of a time. The keys to the APIs are none of its business: who takes it over makes itself no key.
   */
  permission(): PolicyStatement {
    const { tableArn } = this.table;
    const indexes = ["byTime", "byActor"] satisfies IndexName[];
    return new PolicyStatement({
      sid: "KeepState",
      actions: ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query", "dynamodb:UpdateItem"],
      resources: [tableArn, ...indexes.map((index) => `${tableArn}/index/${index}`)],
      conditions: { "ForAllValues:StringNotEquals": { "dynamodb:LeadingKeys": [KEYS] } },
    });
  }
}
