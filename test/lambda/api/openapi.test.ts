import { beforeAll, describe, expect, it } from "vitest";
import { makeOpenApi } from "../../../lambda/api/openapi.ts";
import { SCOPES } from "../../../lambda/cases/case-schema.ts";
import { isObject, valueAt } from "../../../lambda/record/untrusted.ts";
import { judge, judgeOfAnswer, objectAt, operationsOf } from "./document.ts";
import { idOf, makeStage, type Stage } from "./stage.ts";

/** The document is held against the API: every status that it names is reached, and every answer is as it says. */

let stage: Stage;
let read: string;
let write: string;
let poor: string;
let document: unknown;
beforeAll(async () => {
  stage = makeStage();
  read = await stage.key();
  write = await stage.key({ access: "write" });
  poor = await stage.key({ access: "write", requestsPerHour: 1 });
  await stage.get("/alerts", poor);
  document = await (await stage.get("/openapi.json", read)).json();
});

const NOBODY = "0".repeat(32);
type Ask = () => Promise<Response>;

/** What reaches each documented status, by path and method. */
function asks(): Record<string, Record<number, Ask>> {
  const id = idOf(stage, 0);
  const reading = (path: string): Record<number, Ask> => ({
    200: () => stage.get(path, read),
    401: () => stage.get(path),
    429: () => stage.get(path, poor),
    503: async () => {
      stage.failing = { with: new Error("down") };
      try {
        return await stage.get(path, read);
      } finally {
        stage.failing = undefined;
      }
    },
  });
  return {
    "get /alerts": { ...reading("/alerts"), 400: () => stage.get("/alerts?limit=0", read) },
    "get /alerts/{id}": { ...reading(`/alerts/${id}`), 404: () => stage.get(`/alerts/${NOBODY}`, read) },
    "get /alerts/{id}/{scope}": {
      ...reading(`/alerts/${id}/timeline`),
      404: () => stage.get(`/alerts/${NOBODY}/timeline`, read),
    },
    "get /openapi.json": reading("/openapi.json"),
    "patch /alerts/{id}": {
      200: () => stage.patch(id, write, { status: "acknowledged", comment: "looking" }),
      400: () => stage.patch(id, write, {}),
      401: () => stage.patch(id, "", {}),
      403: () => stage.patch(id, read, {}),
      404: () => stage.patch(NOBODY, write, { comment: "x" }),
      409: () => stage.patch(id, write, { comment: "refuse this" }),
      413: () => stage.patch(id, write, { comment: "x".repeat(70_000) }),
      415: () => stage.patch(id, write, "x", { "content-type": "text/plain" }),
      429: () => stage.patch(id, poor, {}),
      503: async () => {
        stage.failing = { with: new Error("down") };
        try {
          return await stage.patch(id, write, { comment: "x" });
        } finally {
          stage.failing = undefined;
        }
      },
    },
  };
}

const operations = (): Record<string, unknown> => operationsOf(document);

describe("the OpenAPI document", () => {
  it("is OpenAPI 3.1, made of the code's own schemas, with nothing that refers to nothing", () => {
    expect(document).toEqual(JSON.parse(JSON.stringify(makeOpenApi())));
    expect(valueAt(document, "openapi")).toBe("3.1.0");
    const references = JSON.stringify(document).match(/"\$ref":"[^"]+"/g) ?? [];
    expect(references.length).toBeGreaterThan(10);
    for (const reference of references) {
      const path = /"#\/(.+)"/.exec(reference)?.[1]?.split("/") ?? [];
      expect({ reference, found: isObject(valueAt(document, ...path)) }).toEqual({ reference, found: true });
    }
    expect(JSON.stringify(document)).not.toMatch(/"\$(?:id|schema)"/);
  });

  it("names the very operations and statuses that the API has", () => {
    const documented = Object.entries(operations()).map(([name, operation]) => [
      name,
      Object.keys(objectAt(operation, "responses")),
    ]);
    const reached = Object.entries(asks()).map(([name, byStatus]) => [name, Object.keys(byStatus)]);
    expect(Object.fromEntries(documented)).toEqual(Object.fromEntries(reached));
  });

  it("says of every answer what it is", async () => {
    let answers = 0;
    for (const [name, byStatus] of Object.entries(asks()))
      for (const [status, ask] of Object.entries(byStatus)) {
        const answer = await ask();
        expect({ name, status: answer.status }).toEqual({ name, status: Number(status) });
        const response = objectAt(operations()[name], "responses", status);
        const type = answer.headers.get("content-type") ?? "";
        expect(Object.keys(objectAt(response, "content"))).toEqual([type]);
        for (const header of Object.keys(isObject(response["headers"]) ? response["headers"] : {}))
          expect(answer.headers.has(header), `${name} ${status} ${header}`).toBe(true);
        const schema = judgeOfAnswer(document, name, status, type);
        const body: unknown = await answer.json();
        expect({ name, status, error: schema.safeParse(body).error }).toEqual({
          name,
          status,
          error: undefined,
        });
        // It must be able to say no.
        expect(schema.safeParse([]).success).toBe(false);
        answers++;
      }
    expect(answers).toBe(29);
  });

  it("says of every scope in every state what it is", async () => {
    const schema = judge(
      document,
      valueAt(
        operations()["get /alerts/{id}/{scope}"],
        "responses",
        "200",
        "content",
        "application/json",
        "schema",
      ),
    );
    const states = new Set<unknown>();
    for (const scope of SCOPES) {
      const body: unknown = await (await stage.get(`/alerts/${idOf(stage, 0)}/${scope}`, read)).json();
      expect(schema.safeParse(body).error).toBeUndefined();
      expect(schema.safeParse({ ...(body as object), scope: "other" }).success).toBe(false);
      states.add(valueAt(body, "state"));
    }
    expect(states).toEqual(new Set(["ready", "pending", "unavailable"]));
    const names = valueAt(document, "paths", "/alerts/{id}/{scope}", "parameters", "1", "schema", "enum");
    expect(names ?? SCOPES).toEqual(SCOPES);
  });

  it("names every parameter of the list: each is taken as its schema says, and refused where it says no", async () => {
    const parameters = valueAt(operations()["get /alerts"], "parameters") as readonly unknown[];
    const tried: Record<string, readonly [good: string, bad: string]> = {
      from: ["2026-11-20T10:00:00Z", "now"],
      to: ["2026-11-20", "20.11.2026"],
      severity: ["high", "HIGH"],
      status: ["open", "Open"],
      disposition: ["staged", "all"],
      rule: ["a/b", ""],
      actor: ["alice", ""],
      channel: ["console", "Console"],
      account: ["123456789012", "1"],
      limit: ["200", "201"],
      cursor: ["page-2", ""],
    };
    expect(parameters.map((parameter) => valueAt(parameter, "name"))).toEqual(Object.keys(tried));
    for (const parameter of parameters) {
      const name = String(valueAt(parameter, "name"));
      const schema = judge(document, valueAt(parameter, "schema"));
      const isList = valueAt(parameter, "schema", "type") === "array";
      const [good, bad] = tried[name] ?? ["", ""];
      const typed = (text: string): unknown => (isList ? [text] : name === "limit" ? Number(text) : text);
      for (const [text, isRight] of [
        [good, true],
        [bad, false],
      ] as const) {
        const { status } = await stage.get(`/alerts?${name}=${encodeURIComponent(text)}`, read);
        expect({ name, text, status, schema: schema.safeParse(typed(text)).success }).toEqual({
          name,
          text,
          status: isRight ? 200 : 400,
          schema: isRight,
        });
      }
    }
  });

  it("says of a change what the API takes and what it refuses", async () => {
    const schema = judge(
      document,
      valueAt(operations()["patch /alerts/{id}"], "requestBody", "content", "application/json", "schema"),
    );
    for (const [body, isRight] of [
      [{ status: "closed", reason: "expected", comment: "x" }, true],
      [{ status: "open" }, true],
      [{ comment: " " }, false],
      [{ status: "gone" }, false],
      [{ other: 1 }, false],
      [{ comment: "x".repeat(4_001) }, false],
    ] as const) {
      const { status } = await stage.patch(idOf(stage, 0), write, body);
      expect({ body, status, schema: schema.safeParse(body).success }).toEqual({
        body,
        status: isRight ? 200 : 400,
        schema: isRight,
      });
    }
  });
});
