/**
 * Files of Lacework Dynamic Alerts: a query for resources, whose answers a second query over CloudTrail is filled with.
 * The first becomes a dynamic list, the second a rule that compares with it.
 *
 *   resource_query: { queryId: …, queryText: "{ source { LW_CFG_AWS_S3 } … return { ARN as resource_results } }" }
 *   dynamic_query: { queryId: …, queryText: "{ source { CloudTrailRawEvents … } filter { … in (${query_var}) } … }" }
 */
import { basename } from "node:path";
import { nearestRuleName } from "../../../lambda/loader/rule-files.ts";
import { isObject, textAt } from "../../../lambda/record/untrusted.ts";
import { settle } from "../conditions.ts";
import { type ForeignDocument, readForeignYaml } from "../foreign-yaml.ts";
import { combine, type Imported, NOTHING, Refusal, type SourceText } from "../model.ts";
import { parseLql } from "./lql.ts";
import { queryConditions } from "./lql-conditions.ts";
import { resourceListQuery } from "./resource-query.ts";

/** Imports the pairs of one file. */
export function importLaceworkDynamic(source: SourceText): Imported {
  const { file } = source;
  try {
    return combine(readForeignYaml(source).map((document) => importPair(file, document)));
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return refused(file, 1, basename(file), error.message);
  }
}

function importPair(file: string, { data, lineOf }: ForeignDocument): Imported {
  const subject = textAt(data, "dynamic_query", "queryId") ?? basename(file);
  try {
    if (!isObject(data)) throw new Refusal("It is no pair of resource_query and dynamic_query.");
    const resource = part(data, "resource_query", (text) => resourceListQuery(parseLql(text)));
    const stem = nearestRuleName(resource.id) || "resources";
    const { folder, conditions } = part(data, "dynamic_query", (text) =>
      settle(queryConditions(parseLql(text), stem)),
    ).made;
    const place = { file, line: lineOf(["resource_query"]) };
    return {
      ...NOTHING,
      lists: [
        {
          stem,
          place,
          subject: resource.id,
          list: {
            description: `What ${resource.id} found in Lacework: imported from ${basename(file)}.`,
            kind: "exact",
            query: resource.made.query,
            refresh: "15m",
            "on-empty": "keep",
          },
        },
      ],
      rules: [
        {
          folder,
          stem: nearestRuleName(subject) || "dynamic-alert",
          place: { file, line: lineOf(["dynamic_query"]) },
          subject,
          rule: { name: subject.slice(0, 150), severity: "medium", conditions },
        },
      ],
      remarks: resource.made.changes.map((message) => ({
        kind: "changed",
        file,
        line: place.line,
        subject: resource.id,
        message,
      })),
    };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return refused(file, lineOf(error.path), subject, error.message);
  }
}

/** One of the two queries. */
function part<T>(
  data: Readonly<Record<string, unknown>>,
  key: string,
  make: (text: string) => T,
): { id: string; made: T } {
  const text = textAt(data, key, "queryText");
  if (text === undefined) throw new Refusal(`It has no ${key} with a queryText.`, [key]);
  try {
    return { id: textAt(data, key, "queryId") ?? key, made: make(text) };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    throw new Refusal(`${key}: ${error.message}`, [key, "queryText"]);
  }
}

function refused(file: string, line: number, subject: string, message: string): Imported {
  return { ...NOTHING, remarks: [{ kind: "refused", file, line, subject, message }] };
}
