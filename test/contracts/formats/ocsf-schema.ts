/**
 * What OCSF 1.6.0 takes of a Detection Finding, from its own definitions and not from our mapping: github.com/ocsf/ocsf-schema
 * `events/base_event.json`, `events/findings/{finding,detection_finding}.json`, `profiles/cloud.json` and
 * `objects/{metadata,product,finding_info,analytic,attack,tactic,technique,sub_technique,evidences,actor,user,account,session,
 * api,request,response,service,network_endpoint,http_request,resource_details,cloud,remediation,observable}.json`. An
 * attribute that is not here fails; requirements are "required"; `at_least_one` is in `constraints`; the words beside an
 * `_id` are its caption, as the schema's validator wants them.
 */
import { isIP } from "node:net";
import { z } from "zod";

const text = z.string().min(1);
const words = z.array(text).min(1);
/** `timestamp_t`: milliseconds since 1970. */
const timestamp = z.int().min(0).max(253_402_300_799_999);
const url = z.url({ protocol: /^https?$/ });
const ip = z.string().refine((value) => isIP(value) !== 0 && !value.includes("%"), "no address");

const captions =
  (idKey: string, wordKey: string, table: Readonly<Record<number, string>>) =>
  (value: Readonly<Record<string, unknown>>): boolean => {
    const id = value[idKey];
    // 99 is "Other": the word is the source's own.
    return id === 99 ? typeof value[wordKey] === "string" : table[id as number] === value[wordKey];
  };
const atLeastOne =
  (...keys: readonly string[]) =>
  (value: Readonly<Record<string, unknown>>): boolean =>
    keys.some((key) => value[key] !== undefined);

const account = z
  .strictObject({ uid: text.optional(), name: text.optional(), type_id: z.int(), type: text })
  .refine(captions("type_id", "type", { 0: "Unknown", 10: "AWS Account" }))
  .refine(atLeastOne("name", "uid"));

const USER_TYPES = { 0: "Unknown", 1: "User", 2: "Admin", 3: "System", 4: "Service" };
const userFields = {
  name: text.optional(),
  uid: text.optional(),
  uid_alt: text.optional(),
  type_id: z.int().optional(),
  type: text.optional(),
  account: account.optional(),
};
const user = z
  .strictObject(userFields)
  .refine(captions("type_id", "type", USER_TYPES))
  .refine(atLeastOne("account", "name", "uid"));
const owner = z.strictObject({ account }).refine(atLeastOne("account", "name", "uid"));

const actor = z
  .strictObject({
    user: user.optional(),
    session: z
      .strictObject({
        uid: text.optional(),
        uid_alt: text.optional(),
        issuer: text.optional(),
        credential_uid: text.optional(),
        created_time: timestamp.optional(),
        is_mfa: z.boolean().optional(),
      })
      .optional(),
    app_name: text.optional(),
  })
  .refine(atLeastOne("process", "user", "invoked_by", "session", "app_name", "app_uid"));

const api = z.strictObject({
  operation: text,
  service: z.strictObject({ name: text }).optional(),
  version: text.optional(),
  request: z.strictObject({ uid: text }).optional(),
  response: z.strictObject({ error: text.optional(), error_message: text.optional() }).optional(),
});

const evidence = z
  .strictObject({
    uid: text.optional(),
    name: text.optional(),
    actor: actor.optional(),
    api: api.optional(),
    src_endpoint: z
      .strictObject({ ip: ip.optional(), svc_name: text.optional() })
      .refine(atLeastOne("ip", "svc_name"))
      .optional(),
    http_request: z.strictObject({ user_agent: text }).optional(),
  })
  .refine(atLeastOne("actor", "api", "src_endpoint"));

/** `_entity`. */
const entity = z
  .strictObject({ uid: text.optional(), name: text.optional(), src_url: url.optional() })
  .refine(atLeastOne("uid", "name"));
const attack = z
  .strictObject({
    version: text,
    tactic: entity.optional(),
    technique: entity.optional(),
    sub_technique: entity.optional(),
  })
  .refine(atLeastOne("tactic", "technique", "sub_technique"));

const findingInfo = z.strictObject({
  uid: text,
  title: text,
  desc: text,
  types: words,
  analytic: z
    .strictObject({
      uid: text,
      name: text,
      desc: text.optional(),
      type_id: z.literal(1),
      type: z.literal("Rule"),
    })
    .optional(),
  attacks: z.array(attack).min(1).optional(),
  created_time: timestamp,
  first_seen_time: timestamp,
  last_seen_time: timestamp,
  related_events_count: z.int().positive(),
  data_sources: words,
  src_url: url.optional(),
});

const ACTIVITIES = { 1: "Create", 2: "Update", 3: "Close" };
const STATUSES = { 1: "New", 2: "In Progress", 3: "Suppressed", 4: "Resolved", 5: "Archived", 6: "Deleted" };
const SEVERITIES = { 1: "Informational", 2: "Low", 3: "Medium", 4: "High", 5: "Critical", 6: "Fatal" };

export const ocsfSchema = z
  .strictObject({
    activity_id: z.int(),
    activity_name: text,
    category_uid: z.literal(2),
    category_name: z.literal("Findings"),
    class_uid: z.literal(2004),
    class_name: z.literal("Detection Finding"),
    type_uid: z.int(),
    type_name: text,
    severity_id: z.int(),
    severity: text,
    status_id: z.int(),
    status: text,
    is_alert: z.boolean(),
    time: timestamp,
    start_time: timestamp,
    end_time: timestamp,
    count: z.int().positive(),
    message: text,
    metadata: z.strictObject({
      version: z.literal("1.6.0"),
      product: z.strictObject({ name: text, vendor_name: text }),
      profiles: z.tuple([z.literal("cloud")]),
      event_code: text,
      log_name: text,
      log_provider: text.optional(),
      original_time: text.optional(),
      labels: words.optional(),
    }),
    finding_info: findingInfo,
    evidences: z.array(evidence).length(1),
    resources: z
      .array(
        z
          .strictObject({
            uid: text,
            type: text.optional(),
            region: text.optional(),
            owner: owner.optional(),
          })
          .refine(atLeastOne("name", "uid")),
      )
      .min(1)
      .optional(),
    cloud: z.strictObject({
      provider: text,
      region: text.optional(),
      account: account.optional(),
    }),
    remediation: z.strictObject({ desc: text, references: words.optional() }).optional(),
    observables: z
      .array(
        z
          .strictObject({ name: text, type_id: z.int(), type: text, value: text })
          .refine(captions("type_id", "type", { 2: "IP Address", 4: "User Name" })),
      )
      .min(1)
      .optional(),
    raw_data: text,
    unmapped: z.record(text, z.unknown()),
  })
  .refine(captions("activity_id", "activity_name", ACTIVITIES))
  .refine(captions("severity_id", "severity", SEVERITIES))
  .refine(captions("status_id", "status", STATUSES))
  .refine(({ activity_id, type_uid }) => type_uid === 200_400 + activity_id)
  .refine(({ type_name, activity_name }) => type_name === `Detection Finding: ${activity_name}`);
