/** What `engine import --format json` prints: one document, made from this schema and published in `docs/schemas/`. */
import { z } from "zod";

const place = {
  file: z.string().describe("The foreign file, as it was named."),
  line: z.int().positive().describe("Line in it, from 1."),
};

/** The document. */
export const importReportSchema = z.strictObject({
  format: z.enum(["tattletail", "sigma", "lacework-dynamic", "eventbridge"]).describe("What was imported."),
  into: z.string().describe("The rules folder."),
  written: z.boolean().describe("Whether the files were written: only with --write."),
  rules: z.int().nonnegative().describe("Rules that are imported."),
  tests: z.int().nonnegative().describe("Those of them that have a test."),
  lists: z.int().nonnegative().describe("Lists that are imported."),
  refused: z.int().nonnegative().describe("What could not be imported."),
  files: z.array(
    z.strictObject({
      path: z.string().describe("The file in the rules folder."),
      state: z
        .enum(["new", "same", "changed", "kept"])
        .describe(
          "new: it is not there yet. same: it is there as it would be written. changed: it is there and is overwritten (--force). kept: it is there, differs, and is not overwritten.",
        ),
      from: z.strictObject(place),
      text: z.string().describe("What is written."),
      diff: z
        .array(z.string())
        .describe("What would change in the file that is there; empty for new and same."),
    }),
  ),
  destinations: z
    .record(z.string(), z.record(z.string(), z.unknown()))
    .describe("For engine.destinations of cdk.json, without any secret."),
  config: z
    .strictObject({ path: z.string(), diff: z.array(z.string()).describe("What changes in it.") })
    .optional()
    .describe("The configuration that the destinations are put into; absent when it is left alone."),
  commands: z.array(z.string()).describe("Commands that a person has to run, with placeholders for secrets."),
  remarks: z.array(
    z.strictObject({
      kind: z
        .enum(["refused", "changed"])
        .describe("refused: it is not imported. changed: it is, but for what the message says."),
      ...place,
      subject: z.string().describe("The rule or destination, as the foreign file calls it."),
      message: z.string(),
    }),
  ),
});

/** The document's type. */
export type ImportReport = z.infer<typeof importReportSchema>;
