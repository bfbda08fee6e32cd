/**
 * The table with all state: alerts with their deliveries, open windows, counts of thresholds. It is kept when the stack
 * is destroyed, and protected from being deleted by hand, because it is the record of who was told of what.
 *
 * It is encrypted with a key of AWS's own, which costs nothing: a customer key would add a dollar a month and a call to
 * KMS, and would protect only from people who may read the table and not use the key.
 */
import { RemovalPolicy } from "aws-cdk-lib";
import { AttributeType, BillingMode, Table, TableEncryption } from "aws-cdk-lib/aws-dynamodb";
import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import { Construct } from "constructs";

/** The attribute with the second after which DynamoDB may delete an item. */
const EXPIRY = "expiresAt";

/** The state table: on demand, so that a quiet account pays for what is stored only. */
export class StateTable extends Construct {
  readonly table: Table;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.table = new Table(this, "Table", {
      partitionKey: { name: "pk", type: AttributeType.STRING },
      sortKey: { name: "sk", type: AttributeType.STRING },
      billingMode: BillingMode.PAY_PER_REQUEST,
      encryption: TableEncryption.DEFAULT,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      timeToLiveAttribute: EXPIRY,
      deletionProtection: true,
      removalPolicy: RemovalPolicy.RETAIN,
    });
  }

  /** What the detector does with it, and no more: it deletes nothing, items expire. */
  permission(): PolicyStatement {
    return new PolicyStatement({
      sid: "KeepState",
      actions: ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query", "dynamodb:UpdateItem"],
      resources: [this.table.tableArn],
    });
  }
}
