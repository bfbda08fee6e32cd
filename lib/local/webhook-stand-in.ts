/** A stand-in for a receiver of the generic webhook, which checks the signature as a careful receiver does. */
import { createHmac, timingSafeEqual } from "node:crypto";
import { LOCAL_SECRETS } from "./local-secrets.ts";
import { json, objectIn, textIn } from "./stand-in.ts";
import type { Medium } from "./stand-in.ts";

/** The receiver. */
export const WEBHOOK: Medium = {
  contentTypes: ["application/json"],
  limit: 1_048_576,
  judge: ({ body, headers }) => {
    const signature = headers["x-cloudtrail-engine-signature"];
    if (signature !== undefined && !isSigned(body, String(signature)))
      return { reply: json(401, { error: "the signature is wrong" }) };
    const alert = objectIn(body);
    if (alert === undefined) return { reply: json(400, { error: "expected an alert document" }) };
    const kind = String(headers["x-cloudtrail-engine-notice"] ?? "first");
    const line = `${kind === "first" ? "" : `(${kind}) `}${textIn(alert, "title")}`;
    return { reply: json(200, { ok: true }), took: { line, body: alert } };
  },
};

function isSigned(body: string, signature: string): boolean {
  const [, time = "", given = ""] = /^t=(\d+),v1=([0-9a-f]{64})$/u.exec(signature) ?? [];
  const expected = createHmac("sha256", LOCAL_SECRETS.signingKey).update(`${time}.${body}`).digest();
  const got = Buffer.from(given, "hex");
  return got.length === expected.length && timingSafeEqual(got, expected);
}
