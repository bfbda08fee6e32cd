/** What the API answers with when all is well, as schemas: the documentation is made of them, and the tests check by them. */
import { z } from "zod";
import {
  caseRowSchema,
  caseSchema,
  historyEntrySchema,
  SCOPES,
  type ScopeName,
  scopeValueSchemas,
} from "../cases/case-schema.ts";

/** `GET /alerts`. */
export const listSchema = z.strictObject({
  alerts: z
    .array(caseRowSchema)
    .describe("Newest first. A page may be short, even empty, and have a next one."),
  next: z.string().optional().describe("The `cursor` of the next page; absent at the end."),
});

/** `PATCH /alerts/{id}`. */
export const changedSchema = z.strictObject({ alert: caseRowSchema, entry: historyEntrySchema });

/** One scope, as `GET /alerts/{id}/{scope}` gives it. */
const scopeSchema = <S extends ScopeName>(scope: S) => [
  z.strictObject({
    scope: z.literal(scope),
    state: z.literal("ready"),
    computedAt: z.string().describe("ISO 8601 with milliseconds, UTC."),
    value: scopeValueSchemas[scope] as z.ZodType,
    notes: z.array(z.string()).describe("What is missing in it, and why."),
  }),
  z.strictObject({
    scope: z.literal(scope),
    state: z.enum(["pending", "unavailable"]),
    why: z.string(),
  }),
];

/** `GET /alerts/{id}/{scope}`: ready, not yet there, or not to be had, and then why. */
export const anyScopeSchema = z.union(SCOPES.flatMap((scope) => scopeSchema(scope)));

/** The schemas that have a name of their own in the documentation. */
export const NAMED_SCHEMAS = {
  AlertRow: caseRowSchema,
  Case: caseSchema,
  HistoryEntry: historyEntrySchema,
} as const;
