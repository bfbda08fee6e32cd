/**
 * What Elasticsearch and ECS 9.0 take of a document of ours, from ECS's own definitions and not from our mapping:
 * github.com/elastic/ecs `schemas/{base,event,cloud,user,group,source,user_agent,rule,threat,related,error}.yml` for the
 * fields and their types, and elastic.co/docs/reference/ecs/ecs-allowed-values-event-{kind,category,type,outcome} for the
 * words and which types go with which category. A keyword is found up to its `ignore_above` of 1,024.
 */
import { isIP } from "node:net";
import { z } from "zod";

/** "Expected event types for category …". */
const EXPECTED: Readonly<Record<string, readonly string[]>> = {
  api: [
    "access",
    "admin",
    "allowed",
    "change",
    "creation",
    "deletion",
    "denied",
    "end",
    "info",
    "start",
    "user",
  ],
  authentication: ["start", "end", "info"],
  configuration: ["access", "change", "creation", "deletion", "info"],
  database: ["access", "change", "info", "error"],
  driver: ["change", "end", "info", "start"],
  file: ["access", "change", "creation", "deletion", "info"],
  host: ["access", "change", "end", "info", "start"],
  iam: ["admin", "change", "creation", "deletion", "group", "info", "user"],
  intrusion_detection: ["allowed", "denied", "info"],
  library: ["start"],
  malware: ["info"],
  network: ["access", "allowed", "connection", "denied", "end", "info", "protocol", "start"],
  package: ["access", "change", "deletion", "info", "installation", "start"],
  process: ["access", "change", "end", "info", "start"],
  registry: ["access", "change", "creation", "deletion"],
  session: ["start", "end", "info"],
  threat: ["indicator"],
  vulnerability: ["info"],
  web: ["access", "error", "info"],
};

const keyword = z.string().min(1).max(1024);
const keywords = z.array(keyword).min(1);
const date = z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
const long = z.int();
const ip = z.string().refine((text) => isIP(text) !== 0 && !text.includes("%"), "no address");
const text = z.string().min(1);

const event = z
  .strictObject({
    kind: z.literal("alert"),
    category: z.array(z.enum(Object.keys(EXPECTED))).min(1),
    type: keywords,
    outcome: z.enum(["success", "failure", "unknown"]),
    action: keyword.optional(),
    provider: keyword.optional(),
    module: keyword,
    dataset: keyword,
    id: keyword,
    severity: long,
    risk_score: z.number(),
    reason: keyword.optional(),
    start: date,
    end: date,
    reference: keyword.optional(),
    url: keyword.optional(),
    original: text,
  })
  .superRefine(({ category, type }, context) => {
    for (const one of type) {
      if (!category.some((name) => EXPECTED[name]?.includes(one) === true))
        context.addIssue({ code: "custom", message: `type ${one} goes with none of ${category.join(", ")}` });
    }
    for (const name of category) {
      if (!type.some((one) => EXPECTED[name]?.includes(one) === true))
        context.addIssue({ code: "custom", message: `category ${name} has none of its types` });
    }
  });

const userFields = {
  id: keyword.optional(),
  name: keyword.optional(),
  domain: keyword.optional(),
  email: keyword.optional(),
  full_name: keyword.optional(),
  roles: keywords.optional(),
};
const reusedUser = z.strictObject(userFields);
const named = { id: keywords, name: keywords.optional(), reference: keywords.optional() };

export const ecsSchema = z.strictObject({
  "@timestamp": date,
  ecs: z.strictObject({ version: z.string().regex(/^9\.\d+\.\d+$/) }),
  message: text,
  tags: keywords.optional(),
  labels: z.record(z.string().regex(/^[a-z_]+$/), keyword),
  event,
  cloud: z.strictObject({
    provider: keyword,
    account: z.strictObject({ id: keyword }).optional(),
    region: keyword.optional(),
    service: z.strictObject({ name: keyword }).optional(),
  }),
  user: z
    .strictObject({
      ...userFields,
      effective: reusedUser.optional(),
      target: reusedUser.optional(),
      changes: reusedUser.optional(),
    })
    .optional(),
  group: z.strictObject({ id: keyword.optional(), name: keyword.optional() }).optional(),
  source: z
    .strictObject({ address: keyword.optional(), ip: ip.optional(), domain: keyword.optional() })
    .optional(),
  user_agent: z.strictObject({ original: keyword }).optional(),
  rule: z.strictObject({
    id: keyword,
    name: keyword,
    description: keyword.optional(),
    reference: keyword.optional(),
    ruleset: keyword.optional(),
  }),
  threat: z
    .strictObject({
      framework: z.literal("MITRE ATT&CK"),
      tactic: z.strictObject(named).optional(),
      technique: z.strictObject({ ...named, subtechnique: z.strictObject(named).optional() }),
    })
    .optional(),
  related: z
    .strictObject({
      ip: z.array(ip).min(1).optional(),
      user: keywords.optional(),
      hosts: keywords.optional(),
    })
    .optional(),
  error: z.strictObject({ code: keyword.optional(), message: text.optional() }).optional(),
});
