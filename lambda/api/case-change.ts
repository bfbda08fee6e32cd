/**
 * What `PATCH /alerts/{id}` takes. It says no before the store is asked: closing without a reason is the most frequent
 * slip, and a field that is not known would be a change that somebody believes was made.
 *
 *     readChange({ status: "closed" })
 *     // ProblemError 400: "reason is missing: closing takes one of other, false-positive, …"
 */
import { z } from "zod";
import { CLOSE_REASONS, type CloseReason, type Status, statusSchema } from "../cases/case-schema.ts";
import { didYouMean } from "../words/nearest.ts";
import { ProblemError, shown } from "./problem.ts";

const MAX_COMMENT = 4_000;

/** The body. */
export const changeSchema = z
  .strictObject({
    status: statusSchema.optional().describe("The new status. From closed to open is a reopening."),
    reason: z
      .enum(CLOSE_REASONS)
      .optional()
      .describe("Why it is closed: required for that, and only taken with it."),
    comment: z.string().regex(/\S/).max(MAX_COMMENT).optional(),
  })
  .describe("At least one of status and comment.");

/** The header that makes trying again harmless: the same text twice is one change. */
export const idempotencyKeySchema = z.string().regex(/^[\x21-\x7e]{1,100}$/);

type Change = { readonly status?: Status; readonly reason?: CloseReason; readonly comment?: string };

const IS: Readonly<Record<string, string>> = {
  status: `one of ${statusSchema.options.join(", ")}`,
  reason: `one of ${CLOSE_REASONS.join(", ")}`,
  comment: `a text of 1 to ${MAX_COMMENT} characters that are not all spaces`,
};

/**
 * The change in a body.
 * @throws ProblemError 400 that says of everything that is wrong what would be right.
 */
export function readChange(body: unknown): Change {
  const read = changeSchema.safeParse(body);
  if (!read.success) throw new ProblemError(400, read.error.issues.map((issue) => describe(issue)).join(" "));
  const { status, reason, comment } = read.data;
  const problems = [
    ...(status === undefined && comment === undefined
      ? ["There is nothing to change. Give a status, a comment or both."]
      : []),
    ...(status === "closed" && reason === undefined
      ? [`reason is missing: closing takes ${IS["reason"]}.`]
      : []),
    ...(reason === "other" && comment === undefined
      ? ["comment is missing: closing for the reason other needs one that says which."]
      : []),
    ...(status !== "closed" && reason !== undefined
      ? ['reason is only taken with "status": "closed". Leave it out.']
      : []),
  ];
  if (problems.length > 0) throw new ProblemError(400, problems.join(" "));
  return {
    ...(status === undefined ? {} : { status }),
    ...(reason === undefined ? {} : { reason }),
    ...(comment === undefined ? {} : { comment }),
  };
}

/** The idempotency key of a request, of the asker's own: two askers that count from 1 do not meet. */
export function readIdempotencyKey(value: string | undefined, asker: string): string | undefined {
  if (value === undefined) return undefined;
  if (idempotencyKeySchema.safeParse(value).success) return `${asker}:${value}`;
  throw new ProblemError(
    400,
    "Idempotency-Key is 1 to 100 printable ASCII characters without spaces. Send a UUID, or leave it out.",
  );
}

function describe(issue: z.core.$ZodIssue): string {
  if (issue.code === "unrecognized_keys") {
    const [first = ""] = issue.keys;
    return `There is no field ${shown(first)}. ${didYouMean(first, Object.keys(IS))}`;
  }
  const field = String(issue.path[0] ?? "");
  return Object.hasOwn(IS, field)
    ? `${field} is ${IS[field]}.`
    : 'The body is an object, such as { "status": "acknowledged", "comment": "looking" }.';
}
