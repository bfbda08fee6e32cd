import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Rule } from "../../../lambda/engine/rule.ts";
import { TECHNIQUE_IDS } from "../../../lambda/attack/attack-techniques.ts";
import { coverageOf } from "../../../lib/attack-coverage/coverage.ts";
import { navigatorLayer } from "../../../lib/attack-coverage/navigator.ts";
import { navigatorLayerSchema } from "../../contracts/navigator-layer.ts";
import { ruleNaming } from "./samples.ts";

/** The layer as Navigator would read it from a file. */
function layerOf(rules: readonly Rule[]) {
  const layer: unknown = JSON.parse(JSON.stringify(navigatorLayer(coverageOf({ rules }), { rules })));
  return navigatorLayerSchema.parse(layer);
}

describe("the Navigator layer", () => {
  it("is of format 4.5, for the Enterprise matrix of ATT&CK 19", () => {
    expect(layerOf([ruleNaming("a/b", ["T1078"])])).toMatchObject({
      domain: "enterprise-attack",
      versions: { attack: "19", layer: "4.5" },
    });
  });

  it("scores a technique by its active rules and names all of them", () => {
    const rules = [
      ruleNaming("a/one", ["T1530"], { name: "One" }),
      ruleNaming("a/two", ["T1530"], { name: "Two" }),
      ruleNaming("a/try", ["T1530"], { name: "Try", mode: "staged" }),
    ];
    expect(layerOf(rules).techniques).toEqual([
      {
        techniqueID: "T1530",
        score: 2,
        comment: "2 active rules. 1 staged.",
        metadata: [
          { name: "a/one", value: "One" },
          { name: "a/two", value: "Two" },
          { name: "a/try (staged)", value: "Try" },
        ],
        links: [{ label: "The technique at MITRE's", url: "https://attack.mitre.org/techniques/T1530/" }],
      },
    ]);
  });

  it("gives no score, and so no colour, to what only staged rules name", () => {
    const [technique] = layerOf([ruleNaming("a/b", ["T1530"], { mode: "staged" })]).techniques ?? [];
    expect(technique?.score).toBeUndefined();
    expect(technique?.comment).toBe("0 active rules. 1 staged.");
  });

  it("unfolds the parent of a sub-technique, whether rules name it or not", () => {
    const techniques = layerOf([ruleNaming("a/b", ["T1685.002", "T1098", "T1098.001"])]).techniques ?? [];
    expect(
      techniques.map(({ techniqueID, score, showSubtechniques }) => [techniqueID, score, showSubtechniques]),
    ).toEqual([
      ["T1098", 1, true],
      ["T1098.001", 1, undefined],
      ["T1685", undefined, true],
      ["T1685.002", 1, undefined],
    ]);
  });

  it("names a technique of several tactics once: Navigator shows it in each", () => {
    const techniques = layerOf([ruleNaming("a/b", ["T1078"])]).techniques ?? [];
    expect(techniques.map(({ techniqueID, tactic }) => [techniqueID, tactic])).toEqual([
      ["T1078", undefined],
    ]);
  });

  it("spreads its colours from one rule to the most rules of a technique", () => {
    const many = Array.from({ length: 5 }, (_, at) => ruleNaming(`a/r${at}`, ["T1530"]));
    expect(layerOf(many).gradient).toMatchObject({ minValue: 1, maxValue: 5 });
  });

  it("keeps to the format for any rules", () => {
    const rule = fc.record({
      attack: fc.option(fc.array(fc.constantFrom(...TECHNIQUE_IDS), { maxLength: 5 }), { nil: undefined }),
      mode: fc.constantFrom("active" as const, "staged" as const),
      name: fc.string({ minLength: 1 }),
    });
    fc.assert(
      fc.property(fc.array(rule, { maxLength: 12 }), (some) => {
        const rules = some.map(({ attack, mode, name }, at) =>
          ruleNaming(`a/r${at}`, attack, { mode, name }),
        );
        const ids = (layerOf(rules).techniques ?? []).map(({ techniqueID }) => techniqueID);
        expect(new Set(ids).size).toBe(ids.length);
      }),
      { numRuns: 50 },
    );
  });
});
