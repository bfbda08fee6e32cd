import { describe, expect, it } from "vitest";
import { TECHNIQUE_IDS } from "../../../lambda/attack/attack-techniques.ts";
import { attackPoints } from "../../../lambda/formats/attack.ts";

describe("attackPoints", () => {
  it("knows name, page and tactics of every technique there is", () => {
    for (const { tactics, technique, subtechnique } of attackPoints(TECHNIQUE_IDS)) {
      expect(tactics.length).toBeGreaterThan(0);
      for (const { id, url } of tactics) expect(url).toBe(`https://attack.mitre.org/tactics/${id}/`);
      for (const one of [technique, ...(subtechnique === undefined ? [] : [subtechnique])])
        expect(one).toMatchObject({
          name: expect.stringMatching(/\S/),
          url: expect.stringMatching(/^https:/),
        });
    }
  });

  it("tells technique and sub-technique apart", () => {
    expect(attackPoints(["T1685.002"])).toEqual([
      {
        tactics: [
          {
            id: "TA0112",
            name: "Defense Impairment",
            url: "https://attack.mitre.org/tactics/TA0112/",
          },
        ],
        technique: expect.objectContaining({ id: "T1685" }),
        subtechnique: {
          id: "T1685.002",
          name: "Disable or Modify Cloud Log",
          url: "https://attack.mitre.org/techniques/T1685/002/",
        },
      },
    ]);
  });

  it("gives an id of another version as it is, each once, and nothing that is no id", () => {
    expect(attackPoints(["T9999", "T9999", "<b>", "T1", "__proto__"])).toEqual([
      { tactics: [], technique: { id: "T9999" } },
    ]);
  });
});
