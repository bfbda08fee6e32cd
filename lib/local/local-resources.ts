/**
 * Makes the topics, queues and tables of the template on the local SNS, SQS and DynamoDB, and says what stands in for every other
 * resource: names and ARNs as AWS forms them, so that what the template joins together looks like the real thing.
 */
import type { LocalTables } from "./local-table.ts";
import type { LocalQueue, LocalQueues } from "./queues.ts";
import type { LocalResource, LocalValues, Template, TemplateResource } from "./template.ts";

/** Where the resources are made. */
export type ResourcePlace = {
  readonly queues: LocalQueues;
  readonly tables: LocalTables;
  readonly account: string;
  readonly region: string;
  readonly stackName: string;
};

/** What was made: values for the template's references, and its queues. */
export type LocalResources = {
  readonly values: LocalValues;
  readonly queuesByArn: ReadonlyMap<string, LocalQueue>;
};

/** Makes the resources of a template. */
export async function createResources(template: Template, place: ResourcePlace): Promise<LocalResources> {
  const { queues, tables, account, region, stackName } = place;
  const resources = new Map<string, LocalResource>();
  const queuesByArn = new Map<string, LocalQueue>();
  for (const [id, resource] of template.resources) {
    if (resource.Type === "AWS::SNS::Topic") {
      const arn = await queues.createTopic(localName(id, resource, "TopicName"));
      resources.set(id, { ref: arn, attributes: { TopicArn: arn, TopicName: id } });
    } else if (resource.Type === "AWS::SQS::Queue") {
      const queue = await queues.createQueue(localName(id, resource, "QueueName"));
      queuesByArn.set(queue.arn, queue);
      resources.set(id, {
        ref: queue.url,
        attributes: { Arn: queue.arn, QueueUrl: queue.url, QueueName: id },
      });
    } else if (resource.Type === "AWS::DynamoDB::Table") {
      const name = localName(id, resource, "TableName");
      await tables.createTable(name, resource.Properties);
      const arn = `arn:aws:dynamodb:${region}:${account}:table/${name}`;
      const StreamArn = `${arn}/stream/2026-01-01T00:00:00.000`;
      resources.set(id, { ref: name, attributes: { Arn: arn, StreamArn } });
    } else {
      resources.set(id, standIn(id, resource, place));
    }
  }
  return { values: { account, region, stackName, resources }, queuesByArn };
}

/** What a reference to a resource gives that exists only on paper. */
function standIn(id: string, resource: TemplateResource, { account, region }: ResourcePlace): LocalResource {
  switch (resource.Type) {
    case "AWS::Lambda::Function":
      return { ref: id, attributes: { Arn: `arn:aws:lambda:${region}:${account}:function:${id}` } };
    case "AWS::IAM::Role":
      return {
        ref: id,
        attributes: { Arn: `arn:aws:iam::${account}:role/${id}`, RoleId: "AROALOCALRUN000000001" },
      };
    case "AWS::Events::Rule":
      return { ref: id, attributes: { Arn: `arn:aws:events:${region}:${account}:rule/${id}` } };
    case "AWS::Scheduler::ScheduleGroup":
      return {
        ref: id,
        attributes: { Arn: `arn:aws:scheduler:${region}:${account}:schedule-group/${id}` },
      };
    case "AWS::KMS::Key":
      return { ref: id, attributes: { Arn: `arn:aws:kms:${region}:${account}:key/${id}`, KeyId: id } };
    case "AWS::Logs::LogGroup":
      return { ref: id, attributes: { Arn: `arn:aws:logs:${region}:${account}:log-group:${id}:*` } };
    default:
      return { ref: id, attributes: {} };
  }
}

/** SNS and SQS take letters, digits, - and _, and a suffix .fifo: logical ids are such names. */
function localName(id: string, resource: TemplateResource, property: string): string {
  const name = resource.Properties[property];
  return typeof name === "string" ? name : id;
}
