import { describe, expect, it } from "vitest";
import type { Ports } from "../../lambda/pipeline.ts";
import { prove } from "./prove.ts";
import type { Break } from "./world.ts";

/** The proof itself; `npm run faults` runs more of it, and any seed again. */
describe("exact redelivery", () => {
  it("loses and repeats nothing in 2,000 schedules of faults", { timeout: 120_000 }, async () => {
    const { schedules, alerts, lost, repeated, failure, seed } = await prove({ count: 2_000 });
    expect({ failure, seed }).toEqual({ failure: undefined, seed });
    expect({ schedules, lost, repeated }).toEqual({ schedules: 2_000, lost: 0, repeated: 0 });
    expect(alerts).toBeGreaterThan(1_000);
  });

  const breaks: readonly (readonly [string, Break, RegExp])[] = [
    [
      "the redelivery queue is never sent to",
      (ports) => ({ ...ports, redeliver: async () => undefined }),
      /never told|for ever/,
    ],
    ["dead letters are dropped", (ports) => ({ ...ports, bury: async () => undefined }), /never told/],
    ["all claims have one name", (ports) => ({ ...ports, newOwner: () => "one" }), /twice|asked again/],
    [
      "nobody looks after deliveries that another invocation holds",
      (ports) =>
        withStore(ports, { record: async (...all) => ({ ...(await ports.store.record(...all)), busy: [] }) }),
      /for ever|never told/,
    ],
    [
      "successes are not recorded",
      (ports) =>
        withStore(ports, {
          settle: async (...all) => (all[3].state === "delivered" ? undefined : ports.store.settle(...all)),
        }),
      /twice|for ever/,
    ],
  ];
  it.each(breaks)("is found to be broken when %s", { timeout: 120_000 }, async (_, broken, violation) => {
    const { failure } = await prove({ count: 2_000, seed: 7, broken });
    expect(failure?.violations.join("\n")).toMatch(violation);
  });
});

function withStore(ports: Ports, changes: Partial<Ports["store"]>): Ports {
  return { ...ports, store: { ...ports.store, ...changes } };
}
