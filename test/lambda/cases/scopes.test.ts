import { describe, expect, it } from "vitest";
import { SCOPES, scopeValueSchemas } from "../../../lambda/cases/case-schema.ts";
import type { CaseStore } from "../../../lambda/cases/case-store.ts";
import { detailsOf } from "../../../lambda/cases/details.ts";
import { makeScopeReader, type ScopePorts } from "../../../lambda/cases/scopes.ts";
import { sampleAlert } from "../alerts/sample.ts";
import { caseOf, memoryCases } from "./memory-cases.ts";

const alert = sampleAlert();
const found = caseOf({ ...alert, status: "acknowledged" });
const stored = Date.parse(found.row.createdAt);
const answers = {
  scope: "investigation",
  state: "ready",
  computedAt: found.row.createdAt,
  value: { answers: [] },
  notes: ["Something is missing."],
};
const details = {
  scope: "details",
  state: "ready",
  computedAt: found.row.createdAt,
  value: {
    ...detailsOf(alert).value,
    rule: { id: alert.rule.id, conditions: {}, matchedKeys: ["eventName"] },
  },
  notes: [],
};

type Options = { scopes?: object; after?: number; disposition?: "delivered" | "suppressed" } & Pick<
  ScopePorts,
  "explain"
>;

function reader({ scopes = {}, after = 60_000, disposition = "delivered", explain }: Options = {}) {
  const one = { ...found, row: { ...found.row, disposition } };
  return makeScopeReader({
    cases: memoryCases([one], { scopes }) as unknown as CaseStore,
    now: () => stored + after,
    ...(explain === undefined ? {} : { explain }),
  });
}

describe("reading a scope", () => {
  it.each(SCOPES)("gives %s, as its schema has it", async (scope) => {
    const read = await reader({ scopes: { investigation: answers, details } })(alert.id, scope, 0);
    expect(read).toMatchObject({ scope, state: "ready" });
    const value = read?.state === "ready" ? read.value : undefined;
    expect(scopeValueSchemas[scope].safeParse(value).error).toBeUndefined();
  });

  it.each(SCOPES)("gives nothing of %s of an unknown case, or one of another account", async (scope) => {
    expect(await reader()("0".repeat(32), scope, 0)).toBeUndefined();
    expect(await reader()(alert.id, scope, 0, ["210987654321"])).toBeUndefined();
    expect(await reader()(alert.id, scope, 0, [])).toBeUndefined();
    expect(await reader()(alert.id, scope, 0, ["123456789012"])).toBeDefined();
  });

  it("gives what was stored, and details with the alert as it is now", async () => {
    const read = reader({ scopes: { investigation: answers, details } });
    expect(await read(alert.id, "investigation", 0)).toEqual(answers);
    expect(await read(alert.id, "details", 0)).toEqual({
      ...details,
      value: { ...details.value, alert: found.alert },
    });
  });

  it.each(["details", "investigation"] as const)(
    "says of %s that the background has not been there yet, since when, and when to ask again",
    async (scope) => {
      expect(await reader({ after: 4_200 })(alert.id, scope, 0)).toEqual({
        scope,
        state: "pending",
        why: "The alert was stored at 2026-11-20T10:15:31.000Z, 4 seconds ago, and the background has not been there yet. Ask again in 10 seconds.",
      });
      expect(await reader({ after: -5_000 })(alert.id, scope, 0)).toMatchObject({
        why: expect.stringContaining(", 0 seconds ago,"),
      });
    },
  );

  it("says why there is no investigation: stored before there were any, told to nobody, or the stored reason", async () => {
    const late = reader({ after: 3_600_000 });
    expect(await late(alert.id, "investigation", 0)).toMatchObject({
      state: "unavailable",
      why: expect.stringMatching(/older than case files are, or the background failed/),
    });
    expect(await reader({ disposition: "suppressed" })(alert.id, "investigation", 0)).toMatchObject({
      state: "unavailable",
      why: expect.stringMatching(/it is suppressed/),
    });
    const failed = { scope: "investigation", state: "unavailable", why: "The profile could not be read." };
    expect(await reader({ scopes: { investigation: failed } })(alert.id, "investigation", 0)).toEqual(failed);
  });

  it("gives of details what can be had without the background, and says what is missing", async () => {
    const read = await reader({ disposition: "suppressed" })(alert.id, "details", 0);
    expect(read).toMatchObject({
      state: "ready",
      value: { alert: found.alert, record: { eventName: "AuthorizeSecurityGroupIngress" }, eventRules: [] },
      notes: [
        expect.stringMatching(
          /^The rule's conditions and the EventBridge rules are missing\. Nobody was told/,
        ),
      ],
    });
  });

  it("explains an alert that was never explained where the rules are at hand", async () => {
    const explain = () => ({ value: { ...details.value, alert }, notes: ["explained now"] });
    expect(await reader({ disposition: "suppressed", explain })(alert.id, "details", 0)).toMatchObject({
      state: "ready",
      value: { rule: { matchedKeys: ["eventName"] } },
      notes: ["explained now"],
    });
  });

  it.each<[string, unknown]>([
    ["a text", "x"],
    ["null", null],
    ["another scope's", { ...answers, scope: "details" }],
    ["an unknown state", { ...answers, state: "done" }],
    ["an answer of another version", { ...answers, value: { answers: [{ id: "x" }] } }],
    ["more than there should be", { ...answers, secret: "x" }],
    ["no reason", { scope: "investigation", state: "unavailable" }],
  ])("does not hand out what was stored and is %s", async (_, value) => {
    const read = await reader({ scopes: { investigation: value } })(alert.id, "investigation", 0);
    expect(read).toMatchObject({
      scope: "investigation",
      state: "unavailable",
      why: expect.stringMatching(/another version stored it\.$/),
    });
  });

  it("gives no evidence that names alerts of accounts that the asker may not see", async () => {
    const foreign = caseOf(sampleAlert({ eventID: "foreign", recipientAccountId: "210987654321" }));
    const own = caseOf(sampleAlert({ eventID: "own" }));
    const evidence = [own.row.id, foreign.row.id, "f".repeat(32), undefined].map((alertId) =>
      Object.assign({ what: "Seen.", source: "alerts" }, alertId === undefined ? {} : { alertId }),
    );
    const answer = { id: "x", question: "?", answer: "yes", because: "Seen.", weight: 1, evidence };
    const investigation = { ...answers, value: { answers: [answer] } };
    const read = makeScopeReader({
      cases: memoryCases([found, own, foreign], { scopes: { investigation } }) as unknown as CaseStore,
      now: () => stored,
    });
    expect(await read(alert.id, "investigation", 0)).toEqual(investigation);
    expect(await read(alert.id, "investigation", 0, ["123456789012"])).toEqual({
      ...investigation,
      value: { answers: [{ ...answer, evidence: [evidence[0], evidence[3]] }] },
      notes: [
        "Something is missing.",
        "Evidence is left out that names alerts of accounts that you may not see: 2 in all.",
      ],
    });
  });

  it("fails as the table does", async () => {
    const cases = { ...memoryCases([]), read: () => Promise.reject(new Error("throttled")) };
    const read = makeScopeReader({ cases: cases as unknown as CaseStore, now: () => stored });
    await expect(read(alert.id, "events", 0)).rejects.toThrow("throttled");
  });
});
