/**
 * How the compatible API says no. Lacework's Python client crashes on an error that is no JSON object with a `message`
 * (LACEWORK-API § 1), so every refusal is one, and everything that goes wrong goes through here.
 *
 *     throw new ProblemError(404, "Not found")   // 404 {"message":"Not found"}
 */
import { jsonAnswer } from "../api/bodies.ts";
import { ProblemError, shown } from "../api/problem.ts";

/** An unknown alert, or a scope in which there is nothing: in just these words (go-sdk's integration tests). */
export function notFound(): ProblemError {
  return new ProblemError(404, "Not found");
}

/** The answer that a refusal becomes. */
export function refusalOf({ status, message, headers }: ProblemError): Response {
  return jsonAnswer({ message }, { status, headers });
}

/** What somebody wrote, as a message repeats it: one line, nothing hidden, short. */
export function quoted(value: unknown): string {
  return typeof value === "string" ? shown(value) : shown(jsonOf(value));
}

function jsonOf(value: unknown): string {
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    // 64 KB are nested deeper than the stack is.
    return "a deeply nested value";
  }
}
