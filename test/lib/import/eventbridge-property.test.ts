/**
 * An imported event pattern matches exactly the records whose events EventBridge delivers to it, judged by the matcher
 * that judges our own patterns. Left out is what docs/import.md says differs: an object or a list of lists where the
 * pattern compares a value, and a list of numbers where it compares with a range.
 */
import * as fc from "fast-check";
import { expect, it } from "vitest";
import { compileEventPattern } from "../../../lambda/engine/event-pattern/compile.ts";
import { InvalidEventPatternError } from "../../../lambda/engine/event-pattern/invalid-event-pattern.ts";
import { matchesEventPattern } from "../../../lambda/engine/event-pattern/match.ts";
import { readEnvelope } from "../../../lambda/record/envelope.ts";
import { importEventBridge } from "../../../lib/import/eventbridge/eventbridge.ts";
import { matcherOf, ruleOf } from "./one-rule.ts";

const TEXTS = ["alpha", "Alpha", "alphabet", "beta", "5", "true", "kilo", "\u212Ailo", "a*b", ""];
const CALLS = ["CreateUser", "CreateAccessKey", "DeleteUser", "createuser"];
const SOURCES = ["iam.amazonaws.com", "s3.amazonaws.com"];
const ADDRESSES = ["192.0.2.7", "198.51.100.1", "2001:db8::1", "AWS Internal"];
const ACCOUNTS = ["123456789012", "210987654321"];

const leaf = fc.constantFrom<unknown>(...TEXTS, 5, 7, true, false, null);
const values = fc.oneof(leaf, fc.array(leaf, { maxLength: 2 }));
const record = fc.record(
  {
    eventSource: fc.constantFrom(...SOURCES),
    eventName: fc.constantFrom(...CALLS),
    eventType: fc.constantFrom("AwsApiCall", "AwsServiceEvent", "AwsConsoleSignIn"),
    sourceIPAddress: fc.constantFrom(...ADDRESSES),
    userAgent: fc.constantFrom(...TEXTS),
    errorCode: fc.constantFrom(...TEXTS),
    readOnly: fc.boolean(),
    recipientAccountId: fc.constantFrom(...ACCOUNTS),
    awsRegion: fc.constantFrom("eu-west-1", "us-east-1"),
    userIdentity: fc.record({ type: fc.constantFrom("Root", "IAMUser") }, { requiredKeys: [] }),
    requestParameters: fc.record(
      {
        a: values,
        n: fc.constantFrom<unknown>(4, 5, 6.5, "5", null, true),
        b: fc.oneof(
          fc.record({ c: values }, { requiredKeys: [] }),
          fc.array(fc.record({ c: values }, { requiredKeys: [] }), { maxLength: 2 }),
          fc.constant(null),
        ),
      },
      { requiredKeys: [] },
    ),
  },
  { requiredKeys: ["eventSource", "eventName", "eventType", "recipientAccountId", "awsRegion"] },
);

const text = fc.constantFrom(...TEXTS, "al", "pha", "Create", "User", "al*t", "*lph*", "kilo");
const full = text.filter((one) => one !== "");
const plainText = fc.oneof(
  text,
  fc.constantFrom(...CALLS, "Root"),
  text.map((one) => ({ prefix: one })),
  text.map((one) => ({ suffix: one })),
  fc.constantFrom("alpha", "ALPHA", "kilo", "createUser").map((one) => ({ "equals-ignore-case": one })),
  fc.constantFrom("AL", "K", "cre").map((one) => ({ prefix: { "equals-ignore-case": one } })),
  fc.constantFrom("HA", "LO", "user").map((one) => ({ suffix: { "equals-ignore-case": one } })),
  text.map((one) => ({ wildcard: one })),
  fc.boolean().map((exists) => ({ exists })),
  fc
    .array(fc.oneof(text, fc.constantFrom(...CALLS)), { minLength: 1, maxLength: 2 })
    .map((some) => ({ "anything-but": some })),
);
const onlyPlain = fc.oneof(
  plainText,
  full.map((prefix) => ({ "anything-but": { prefix } })),
  full.map((suffix) => ({ "anything-but": { suffix } })),
  fc.constant({ "anything-but": { wildcard: ["al*", "*eta"] } }),
  fc.constant({ "anything-but": { "equals-ignore-case": ["ALPHA"] } }),
  fc.constant({ "anything-but": [5] }),
);
const free = fc.oneof(
  plainText,
  fc.constantFrom<unknown>(5, 7, true, false, null, { numeric: ["=", 5] }, { "anything-but": [5, 7] }),
);
const numeric = fc.constantFrom<unknown>(
  { numeric: [">", 4] },
  { numeric: ["<=", 5] },
  { numeric: [">=", 5, "<", 7] },
  { numeric: ["=", 5] },
  4,
);
const some = (one: fc.Arbitrary<unknown>): fc.Arbitrary<unknown[]> =>
  fc.array(one, { minLength: 1, maxLength: 3 });
const field = fc.oneof(
  fc.record({ eventName: some(onlyPlain) }),
  fc.record({ errorCode: some(onlyPlain) }),
  fc.record({ userAgent: some(onlyPlain) }),
  fc.record({ readOnly: some(fc.constantFrom<unknown>(true, false, { exists: true }, { exists: false })) }),
  fc.record({
    sourceIPAddress: some(
      fc.constantFrom<unknown>(
        { cidr: "192.0.2.0/24" },
        { cidr: "2001:db8::/32" },
        { cidr: "198.51.100.77/25" },
        "AWS Internal",
      ),
    ),
  }),
  fc.record({ eventSource: some(fc.constantFrom(...SOURCES)) }),
  fc.record({ userIdentity: fc.record({ type: some(onlyPlain) }) }),
  fc.record({ requestParameters: fc.record({ a: some(free) }) }),
  fc.record({ requestParameters: fc.record({ n: some(numeric) }) }),
  fc.record({ requestParameters: fc.record({ b: fc.record({ c: some(free) }) }) }),
  fc.record({ requestParameters: fc.record({ a: some(free), b: fc.record({ c: some(free) }) }) }),
);
const object = fc
  .array(field, { minLength: 1, maxLength: 3 })
  .map((parts): Record<string, unknown> => Object.assign({}, ...parts) as Record<string, unknown>);
const detail = fc.oneof(
  object,
  fc
    .tuple(object, fc.array(object, { minLength: 2, maxLength: 3 }))
    .map(([base, $or]): Record<string, unknown> => Object.assign({}, base, { $or })),
);
const pattern = fc.record(
  {
    source: some(fc.constantFrom<unknown>("aws.iam", "aws.s3", { prefix: "aws." })),
    "detail-type": some(
      fc.constantFrom<unknown>("AWS API Call via CloudTrail", "AWS Service Event via CloudTrail", {
        suffix: "via CloudTrail",
      }),
    ),
    account: some(fc.constantFrom(...ACCOUNTS)),
    region: some(fc.constantFrom<unknown>("eu-west-1", { prefix: "us-" })),
    detail,
  },
  { requiredKeys: ["detail"] },
);

const EXPECTED_REFUSALS = /never one of|contradict each other|one element is not like this/;

it("matches what EventBridge delivers to the pattern, and nothing else", async () => {
  let imported = 0;
  let matched = 0;
  await fc.assert(
    fc.asyncProperty(pattern, fc.array(record, { minLength: 1, maxLength: 8 }), async (given, records) => {
      const { rules, remarks } = importEventBridge({ file: "p.json", text: JSON.stringify(given) });
      let compiled: ReturnType<typeof compileEventPattern>;
      try {
        compiled = compileEventPattern(given);
      } catch (error) {
        if (!(error instanceof InvalidEventPatternError) || rules.length > 0) throw error;
        return;
      }
      const [draft] = rules;
      if (draft === undefined) {
        const said = remarks.map(({ message }) => message).join();
        if (!EXPECTED_REFUSALS.test(said)) throw new Error(said);
        return;
      }
      imported++;
      const matches = matcherOf(ruleOf(draft));
      for (const one of records) {
        const reading = readEnvelope(one);
        if (!reading.ok) throw new Error(reading.reason);
        const expected = matchesEventPattern(compiled, reading.envelope);
        if (expected) matched++;
        expect({ one, matches: await matches(one) }).toEqual({ one, matches: expected });
      }
    }),
    { numRuns: 600 },
  );
  expect(imported).toBeGreaterThan(200);
  expect(matched).toBeGreaterThan(150);
});
