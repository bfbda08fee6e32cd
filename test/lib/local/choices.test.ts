import { describe, expect, it } from "vitest";
import { DESTINATION_NAMES, readFaults, readNames, readSpeed } from "../../../lib/local/choices.ts";

describe("what a person chooses for a local run", () => {
  it("takes all destinations, or a list of them, each once", () => {
    expect(readNames("all")).toEqual(DESTINATION_NAMES);
    expect(readNames("slack, ses,slack")).toEqual(["slack", "ses"]);
    expect(readNames("slak")).toContain('Did you mean "slack"');
  });

  it("takes faults: a status or a timeout, for good or for so long", () => {
    expect(readFaults(["slack:503", "slack-bot:timeout", "ses:429:30m"])).toMatchObject([
      { id: "slack", how: { status: 503 }, milliseconds: undefined },
      { id: "slack-bot", how: "timeout", milliseconds: undefined },
      { id: "ses", how: { status: 429 }, milliseconds: 1_800_000 },
    ]);
  });

  it.each([
    ["slack", "e.g. slack:503"],
    ["slack:down", "e.g. slack:503"],
    ["slack:503:soon", "e.g. slack:503"],
    ["slack:200", "200 is no failure"],
    ["topic:503", "cannot be made to fail"],
  ])("says what is wrong with %s", (text, advice) => {
    expect(readFaults([text])).toContain(advice);
  });

  it("takes a speed of at least 1", () => {
    expect(readSpeed("60")).toBe(60);
    for (const text of ["0", "-1", "fast", "1e9", "1.5"]) expect(readSpeed(text)).toContain(`not "${text}"`);
  });
});
