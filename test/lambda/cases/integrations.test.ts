import { describe, expect, it } from "vitest";
import { type Integration, scopeValueSchemas } from "../../../lambda/cases/case-schema.ts";
import { computeIntegrations } from "../../../lambda/cases/integrations.ts";
import { sampleAlert } from "../alerts/sample.ts";
import { caseOf } from "./memory-cases.ts";

const sent = (changes: Partial<Integration> = {}): Integration => ({
  destination: "topic",
  part: "first",
  outcome: "delivered",
  attempts: 1,
  firstAttempt: "2026-11-20T10:15:32.000Z",
  ...changes,
});
const alert = sampleAlert();
const quiet = (changes: object) => {
  const kept = { ...alert, ...changes };
  return computeIntegrations(caseOf(kept));
};

describe("where an alert was sent", () => {
  it("is told by destination, the first notice before the summary, with the kinds that are known", () => {
    const integrations = [
      sent({ part: "summary" }),
      sent({ destination: "slack", outcome: "dead", reason: "gone\nforged: line \u202e" }),
      sent(),
    ];
    const { value, notes } = computeIntegrations(caseOf(alert, { integrations }), { topic: "sns" });
    expect(scopeValueSchemas.integrations.safeParse(value).error).toBeUndefined();
    expect(value.integrations).toEqual([
      sent({ destination: "slack", outcome: "dead", reason: "gone forged: line \\u202e" }),
      sent({ type: "sns" }),
      sent({ type: "sns", part: "summary" }),
    ]);
    expect(notes).toEqual([]);
  });

  it("takes no kind from what JavaScript's objects have", () => {
    const integrations = [sent({ destination: "constructor" })];
    const { value } = computeIntegrations(caseOf(alert, { integrations }));
    expect(value.integrations).toEqual(integrations);
  });

  it("says why nobody was told", () => {
    expect(quiet({}).notes).toEqual([expect.stringMatching(/no route leads/)]);
    expect(quiet({ disposition: "staged" }).notes).toEqual(["Nobody was told: the rule is staged."]);
    const suppression = { id: "office", reason: "A\nknown thing.", owner: "bob", expires: "2027-01-01" };
    expect(quiet({ disposition: "suppressed", suppression }).notes).toEqual([
      "Nobody was told: a suppression held. It is office of bob, until 2027-01-01: A known thing.",
    ]);
    const found = caseOf({ ...alert, disposition: "deduplicated" });
    const repeat = { ...found, row: { ...found.row, repeatOf: "0".repeat(32) } };
    expect(computeIntegrations(repeat).notes).toEqual([
      expect.stringMatching(/repeats .* That one is 0{32}\.$/),
    ]);
  });
});
