/** What `engine keys --format json` prints, one document a run: of create, of list or of revoke. */
import { z } from "zod";

const keySchema = z.strictObject({
  id: z.string().describe("CTE_ and 24 hexadecimal digits. No secret: logs show it."),
  name: z.string(),
  access: z.enum(["read", "write"]),
  accountIds: z
    .array(z.string())
    .optional()
    .describe("Accounts whose alerts it sees; all of them when absent."),
  requestsPerHour: z.int().positive(),
  createdAt: z.string(),
  expiresAt: z.string().optional(),
  revokedAt: z.string().optional(),
  state: z.enum(["active", "revoked", "expired"]),
});

export const keysSchema = z.union([
  z
    .strictObject({ id: z.string(), secret: z.string().describe("Shown this once."), key: keySchema })
    .describe("keys create"),
  z.strictObject({ keys: z.array(keySchema) }).describe("keys list"),
  z.strictObject({ id: z.string(), revoked: z.boolean() }).describe("keys revoke"),
]);
