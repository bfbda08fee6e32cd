/**
 * Dynamic lists in the local run: the function that refreshes them, as it was bundled, in front of a stand-in for the
 * tagging API that holds buckets with their tags. They are refreshed when the run starts, as if that had been before
 * the day that is played, and when a record changes a tag, after the time that the tagging API is given.
 *
 *     const lists = await startLocalLists(stack, { clock, … });
 *     lists.take(envelope);   // a PutBucketTagging: the stand-in knows the tag, the list a minute later
 */
import { compileEventRules } from "../../lambda/engine/delivery.ts";
import type { Envelope } from "../../lambda/record/record.ts";
import { valueAt } from "../../lambda/record/untrusted.ts";
import type { LocalClock } from "./local-clock.ts";
import { LocalLambda } from "./local-lambda.ts";
import { type LocalServer, refusal, serve } from "./local-server.ts";
import type { LocalFunctionSpec, LocalStack } from "./local-stack.ts";
import { json, objectIn, textIn } from "./stand-in.ts";

/** The buckets of the shipped days and how they are tagged. */
const DAY_BUCKETS: Readonly<Record<string, Tags>> = {
  "shop-orders-123456789012": { Environment: "Prod" },
  "shop-reports-123456789012": { Environment: "Prod" },
  "shop-scratch-123456789012": { Environment: "Dev" },
  "trail-123456789012": { Environment: "Prod", Owner: "security" },
};
/** From a record until what it changed is asked for: half a minute in the queue, and one more of gathering. */
const SETTLED_MS = 90_000;
const AWS_JSON = "application/x-amz-json-1.1";

type Tags = Readonly<Record<string, string>>;

/** What it needs of the run. */
export type LocalListsPlace = {
  readonly clock: LocalClock;
  readonly folderOf: (spec: LocalFunctionSpec) => string;
  readonly environmentOf: (spec: LocalFunctionSpec) => Record<string, string>;
  readonly onProblem: (line: string) => void;
};

/** The lists of a run. */
export type LocalLists = {
  /** Takes note of what a record does to buckets and their tags. */
  take(envelope: Envelope): void;
  stop(): Promise<void>;
};

/** Starts them and waits for the first refresh; undefined when the stack has no such lists. */
export async function startLocalLists(
  { scheduled, queueRules }: Pick<LocalStack, "scheduled" | "queueRules">,
  { clock, folderOf, environmentOf, onProblem }: LocalListsPlace,
): Promise<LocalLists | undefined> {
  const [first] = scheduled;
  if (first === undefined) return undefined;
  const tagged = new Map(Object.entries(DAY_BUCKETS));
  const server = await startTagging(tagged);
  const { spec, inputs } = first;
  const lambda = new LocalLambda({
    spec: { ...spec, environment: { ...spec.environment, ENGINE_LISTS_LOCAL: "1" } },
    folder: folderOf(spec),
    // What has no stand-in of its own is refused here, and asked nowhere else.
    runtimeEnvironment: { AWS_ENDPOINT_URL: server.url, ...environmentOf(spec) },
    clock,
    onLog: (line) => {
      const told = objectIn(line);
      if (textIn(told, "level") === "error")
        onProblem(`${textIn(told, "message")}: ${textIn(told, "list")}: ${textIn(told, "reason")}`);
    },
    onFailure: async (failure) =>
      onProblem(`lists were not refreshed: ${failure.responsePayload.errorMessage}`),
  });
  const refresh = async (input: unknown): Promise<void> => {
    const result = await lambda.call(input);
    if (!result.ok) onProblem(`lists were not refreshed: ${result.error.errorMessage}`);
  };
  for (const input of inputs) await refresh(input);
  const changes = compileEventRules(queueRules);
  let callOff: (() => void) | undefined;
  return {
    take(envelope) {
      const detail: unknown = envelope.detail;
      note(tagged, detail);
      if (changes(envelope).length === 0) return;
      callOff?.();
      callOff = clock.at(clock.now() + SETTLED_MS, () => lambda.invoke({ engine: "refresh-lists" }));
    },
    async stop() {
      callOff?.();
      await lambda.stop();
      await server.close();
    },
  };
}

/** What a record did to a bucket. */
function note(tagged: Map<string, Tags>, record: unknown): void {
  const bucket = textIn(record, "requestParameters", "bucketName");
  if (bucket === "" || textIn(record, "errorCode") !== "") return;
  switch (textIn(record, "eventName")) {
    case "CreateBucket":
      tagged.set(bucket, {});
      break;
    case "DeleteBucket":
      tagged.delete(bucket);
      break;
    case "DeleteBucketTagging":
      tagged.set(bucket, {});
      break;
    case "PutBucketTagging":
      tagged.set(bucket, tagsIn(record));
      break;
    default:
  }
}

/** The tags of a PutBucketTagging: one alone is no list. */
function tagsIn(record: unknown): Tags {
  const found = valueAt(record, "requestParameters", "Tagging", "TagSet", "Tag");
  const listed: readonly unknown[] = Array.isArray(found) ? found : [found];
  return Object.fromEntries(listed.map((tag) => [textIn(tag, "Key"), textIn(tag, "Value")]));
}

/** The tagging API, as far as lists ask it. */
function startTagging(tagged: ReadonlyMap<string, Tags>): Promise<LocalServer> {
  return serve({
    contentTypes: [AWS_JSON],
    limit: 65_536,
    answer: ({ headers, body }) => {
      if (headers["x-amz-target"] !== "ResourceGroupsTaggingAPI_20170126.GetResources")
        return refusal(
          400,
          "UnknownOperationException",
          "the local run knows the tagging API's GetResources alone",
        );
      const request = objectIn(body);
      const types = listIn(request, "ResourceTypeFilters").map(String);
      const filters = listIn(request, "TagFilters").map((filter) => ({
        key: textIn(filter, "Key"),
        values: listIn(filter, "Values").map(String),
      }));
      const isOfType = types.length === 0 || types.some((type) => type === "s3" || type === "s3:bucket");
      const found = [...tagged].filter(
        ([, tags]) =>
          isOfType &&
          filters.every(
            ({ key, values }) =>
              Object.hasOwn(tags, key) && (values.length === 0 || values.includes(tags[key] ?? "")),
          ),
      );
      const ResourceTagMappingList = found.map(([name, tags]) => ({
        ResourceARN: `arn:aws:s3:::${name}`,
        Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
      }));
      return json(200, { PaginationToken: "", ResourceTagMappingList }, AWS_JSON);
    },
  });
}

function listIn(value: unknown, key: string): readonly unknown[] {
  const found = valueAt(value, key);
  return Array.isArray(found) ? (found as unknown[]) : [];
}
