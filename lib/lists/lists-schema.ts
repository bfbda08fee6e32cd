/** What the function that refreshes answers, and `engine lists --format json` prints. */
import { z } from "zod";

const time = (what: string) => z.string().optional().describe(`${what}, in ISO 8601.`);

const listSchema = z.strictObject({
  name: z.string(),
  description: z.string(),
  kind: z.enum(["exact", "wildcard", "cidr"]),
  query: z.string().describe("The type of its query, e.g. resource-tags."),
  refreshMinutes: z.number(),
  onEmpty: z.enum(["keep", "clear", "fail"]),
  state: z
    .enum(["good", "stale", "unknown"])
    .describe(
      "stale: its last refresh failed, or its values are older than maxAge. unknown: it has none, and what is compared with it is taken to match.",
    ),
  values: z.int().optional().describe("How many it has."),
  refused: z.int().optional().describe("Rows of the last answer that had no value in the column."),
  bytes: z.int().optional().describe("Size of its values as they are stored."),
  version: time("Since when it has these values"),
  checkedAt: time("When they were last confirmed"),
  ageSeconds: z.int().optional().describe("How long ago that was."),
  failedAt: time("When the last refresh failed, if none has worked since"),
  failures: z.int().optional().describe("How many have failed in a row."),
  error: z.string().optional().describe("Why the last one failed."),
  emptyAt: time("When the query last gave nothing, if it has given nothing else since"),
  lastChange: z
    .strictObject({
      added: z.int(),
      removed: z.int(),
      firstAdded: z.array(z.string()),
      firstRemoved: z.array(z.string()),
    })
    .optional()
    .describe("What came and went with the last version, and the first few values of each."),
  all: z.array(z.string()).optional().describe("Its values, where it was asked for by name."),
});

const outcomeSchema = z.strictObject({
  list: z.string(),
  result: z.enum(["changed", "same", "kept", "failed", "overtaken"]),
  count: z.int().optional(),
  added: z.int().optional(),
  removed: z.int().optional(),
  refused: z.int().optional(),
  reason: z.string().optional(),
});

export const listsReportSchema = z.strictObject({
  outcomes: z.array(outcomeSchema).describe("What became of each refresh, with --refresh."),
  lists: z.array(listSchema),
});

/** What is shown of the lists of a deployed engine. */
export type ListsReport = z.infer<typeof listsReportSchema>;
