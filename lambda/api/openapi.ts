/**
 * The OpenAPI 3.1 document, made of the very schemas by which the API reads and answers. A test asks for every status that
 * it documents and checks every answer against it.
 */
import { z } from "zod";
import { SCOPES } from "../cases/case-schema.ts";
import { anyScopeSchema, changedSchema, listSchema, NAMED_SCHEMAS } from "./answers.ts";
import { changeSchema, idempotencyKeySchema } from "./case-change.ts";
import { LIST_PARAMETERS, MAX_VALUES } from "./parameters.ts";
import { problemSchema } from "./problem.ts";

type Json = Readonly<Record<string, unknown>>;

const ID = /^[0-9a-f]{32}$/;
const RETRY_AFTER = {
  "Retry-After": { description: "Seconds after which to try again.", schema: { type: "integer" } },
};
const FAILURES = {
  400: refusal("Something about the request is wrong; the detail names what would be right."),
  401: refusal("The key is missing, unknown, expired or revoked.", {
    "WWW-Authenticate": { schema: { type: "string" } },
  }),
  403: refusal("The key may read only."),
  404: refusal("There is no such alert, or none that the key may see."),
  409: refusal("The alert is not in a state in which this can be done."),
  413: refusal("The body has more than 64 KB."),
  415: refusal("The body is no application/json."),
  429: refusal("The key has used up its requests of this hour.", RETRY_AFTER),
  503: refusal("The store does not answer.", RETRY_AFTER),
} as const;
/** What every call may meet. */
const ALWAYS = [401, 429, 503] as const;

/** The document. */
export function makeOpenApi(): Json {
  return {
    openapi: "3.1.0",
    info: {
      title: "CloudTrail Engine",
      version: "1",
      description:
        "Alerts as cases: find, read, acknowledge, close and comment. Every refusal is an application/problem+json.",
    },
    security: [{ key: [] }, { bearer: [] }],
    paths: {
      "/alerts": {
        get: {
          operationId: "listAlerts",
          summary: "Alerts, newest first",
          parameters: Object.entries(LIST_PARAMETERS).map(([name, parameter]) =>
            queryParameter(name, parameter),
          ),
          responses: responses(answer("A part of the list.", listSchema), [400]),
        },
      },
      "/alerts/{id}": {
        parameters: [idParameter],
        get: {
          operationId: "readAlert",
          summary: "One alert with what people did about it and where it was sent",
          responses: responses(answer("The case.", NAMED_SCHEMAS.Case), [404]),
        },
        patch: {
          operationId: "changeAlert",
          summary: "Acknowledge, close, reopen or comment",
          parameters: [
            {
              name: "Idempotency-Key",
              in: "header",
              required: false,
              description: "The same key twice is one change: send it to be able to try again.",
              schema: schemaOf(idempotencyKeySchema),
            },
          ],
          requestBody: {
            required: true,
            content: { "application/json": { schema: schemaOf(changeSchema) } },
          },
          responses: responses(answer("It is changed.", changedSchema), [400, 403, 404, 409, 413, 415]),
        },
      },
      "/alerts/{id}/{scope}": {
        parameters: [
          idParameter,
          { name: "scope", in: "path", required: true, schema: { type: "string", enum: SCOPES } },
        ],
        get: {
          operationId: "readScope",
          summary: "One scope of an alert: what was found out in the background",
          responses: responses(answer("The scope, or why it is not there.", anyScopeSchema), [404]),
        },
      },
      "/openapi.json": {
        get: {
          operationId: "readDocument",
          summary: "This document",
          responses: responses(
            { description: "OpenAPI 3.1.", content: { "application/json": { schema: { type: "object" } } } },
            [],
          ),
        },
      },
    },
    components: {
      securitySchemes: {
        key: { type: "apiKey", in: "header", name: "X-Api-Key", description: "ID:SECRET of a key." },
        bearer: { type: "http", scheme: "bearer", description: "ID:SECRET of a key, where no IAM signs." },
      },
      schemas: { ...namedSchemas(), Problem: schemaOf(problemSchema) },
    },
  };
}

const idParameter = {
  name: "id",
  in: "path",
  required: true,
  description: "The alert's id.",
  schema: { type: "string", pattern: ID.source },
} as const;

type Parameter = {
  readonly many: boolean;
  readonly schema: z.ZodType;
  readonly documented?: z.ZodType;
  readonly says: string;
};
function queryParameter(name: string, { many, schema, documented, says }: Parameter): Json {
  const one = schemaOf(documented ?? schema);
  return {
    name,
    in: "query",
    required: false,
    description: many ? `${says} Repeat it, or put commas between several.` : says,
    schema: many ? { type: "array", items: one, maxItems: MAX_VALUES } : one,
    ...(many ? { style: "form", explode: true } : {}),
  };
}

function refusal(description: string, headers?: Json): Json {
  return {
    description,
    ...(headers === undefined ? {} : { headers }),
    content: { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } },
  };
}

function answer(description: string, schema: z.ZodType): Json {
  return { description, content: { "application/json": { schema: schemaOf(schema) } } };
}

function responses(success: Json, failures: readonly (keyof typeof FAILURES)[]): Json {
  const refused = [...failures, ...ALWAYS].toSorted((a, b) => a - b);
  return { 200: success, ...Object.fromEntries(refused.map((status) => [status, FAILURES[status]])) };
}

/** A schema as JSON Schema, in which those with a name of their own are references. */
function schemaOf(schema: z.ZodType): Json {
  const named = Object.entries(NAMED_SCHEMAS).find(([, one]) => one === schema);
  if (named !== undefined) return { $ref: `#/components/schemas/${named[0]}` };
  const registry = makeRegistry();
  const own = "This";
  registry.add(schema, { id: own });
  return withoutIds(z.toJSONSchema(registry, { uri }).schemas[own]);
}

function namedSchemas(): Json {
  const { schemas } = z.toJSONSchema(makeRegistry(), { uri });
  return Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, withoutIds(schema)]));
}

function makeRegistry(): z.core.$ZodRegistry<{ id: string }> {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries(NAMED_SCHEMAS)) registry.add(schema, { id });
  return registry;
}

function uri(id: string): string {
  return `#/components/schemas/${id}`;
}

function withoutIds(schema: object | undefined): Json {
  return Object.fromEntries(
    Object.entries(schema ?? {}).filter(([name]) => name !== "$schema" && name !== "$id"),
  );
}
