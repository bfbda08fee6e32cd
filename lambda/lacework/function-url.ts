/**
 * The compatible API behind a function URL. What cannot be made a request of is refused before the app sees it, in the form
 * of our own API; here a refusal is an object with a `message`, always.
 *
 *     await serveLacework(app)({ rawPath: "/api/v2/Alerts", headers: { "x": "🚨" }, … })   // 400 {"message": "The request …"}
 */
import type { Hono } from "hono";
import type { ApiEnv } from "../api/authenticate.ts";
import { type FunctionUrlAnswer, serveFunctionUrl } from "../api/function-url.ts";
import { textAt } from "../record/untrusted.ts";

/** The Lambda's handler over the app. */
export function serveLacework(app: Hono<ApiEnv>): (event: unknown) => Promise<FunctionUrlAnswer> {
  const serve = serveFunctionUrl((request) => app.fetch(request));
  return async (event) => {
    const answer = await serve(event);
    if (answer.headers["content-type"] !== "application/problem+json") return answer;
    const message = textAt(JSON.parse(answer.body), "detail") ?? "The request cannot be answered.";
    const headers = { ...answer.headers, "content-type": "application/json" };
    return { ...answer, headers, body: JSON.stringify({ message }) };
  };
}
