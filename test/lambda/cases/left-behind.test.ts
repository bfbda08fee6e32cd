import { describe, expect, it, vi } from "vitest";
import { makeBackground } from "../../../lambda/cases/background.ts";
import { deriveEventRules } from "../../../lambda/engine/event-rules.ts";
import { asTable } from "../../faults/memory-table.ts";
import { sampleRule } from "../alerts/sample.ts";
import { fake, makeStage } from "../delivery/stage.ts";
import { newAlert, soon, storesOver } from "./stores.ts";

const RULES = { rules: [sampleRule()], conditions: {}, lists: {}, suppressions: [] };
const MINUTE = 60_000;

/** The background as it is deployed, and a way to store alerts of which its stream never told. */
function stage() {
  const base = makeStage([fake("topic")]);
  const table = asTable(base.memory);
  const { cases, tell, keep } = storesOver(table, base.time.now);
  const failed = vi.fn<(alertId: string, doing: string, error: unknown) => void>();
  const sandbox = () =>
    makeBackground({
      config: {
        keepDays: 90,
        timers: { roleArn: "r", group: "g", deadLetterArn: "arn:aws:sqs:eu-west-1:123456789012:dead" },
      },
      table,
      cases,
      rules: () => ({ ruleSet: RULES, eventRules: deriveEventRules(RULES).eventRules }),
      tell: { ...base.ports, cases, table },
      clock: base.time,
      failed,
    });
  const at = (minutes = 0): string => new Date(base.time.now() + minutes * MINUTE).toISOString();
  const bring = (build: ReturnType<typeof sandbox>, ...ids: readonly string[]) =>
    base.play(
      build(
        ids.map((id) => ({ pk: `ALERT#${id}`, sk: "ALERT", sequence: id })),
        base.invocation(),
      ),
    );
  const numbers = async () =>
    (await cases.published({ limit: 99 }, soon())).map(({ row }) => row.id).toReversed();
  return { ...base, table, cases, tell, keep, failed, sandbox, at, bring, numbers };
}

describe("an alert that the stream gave up", () => {
  it("gets its case and its number with the next alert, the oldest first, and only once it is overdue", async () => {
    const { sandbox, tell, at, bring, wait, numbers, cases, failed } = stage();
    const lost = [await tell(newAlert(at())), await tell(newAlert(at(-3 * 24 * 60)))];
    await wait(16 * MINUTE);
    const young = await tell(newAlert(at()));
    const next = await tell(newAlert(at()));
    expect(await bring(sandbox(), next.id)).toEqual([]);
    expect(await numbers()).toEqual([next.id, ...lost.map(({ id }) => id)]);
    for (const { id } of lost)
      expect(await cases.readScope(id, "investigation", soon())).toMatchObject({ state: "ready" });
    expect(await cases.readScope(young.id, "details", soon())).toBeUndefined();
    expect(failed).not.toHaveBeenCalled();
  });

  it("is looked for every quarter of an hour, and a few are built at once, until all are", async () => {
    const { sandbox, tell, at, bring, wait, numbers, memory } = stage();
    for (let n = 0; n < 25; n++) await tell(newAlert(at()));
    await wait(16 * MINUTE);
    const build = sandbox();
    const bringNext = async (): Promise<number> => {
      await bring(build, (await tell(newAlert(at()))).id);
      return (await numbers()).length;
    };
    expect(await bringNext()).toBe(11);
    expect(await bringNext()).toBe(12);
    await wait(16 * MINUTE);
    expect(await bringNext()).toBe(23);
    await wait(16 * MINUTE);
    expect(await bringNext()).toBe(29);
    expect(memory.items().filter(({ pk }) => pk === "NUMBERS")).toHaveLength(29);
  });

  it("is passed over where nobody was told of it, and waits while the table takes nothing", async () => {
    const { sandbox, tell, keep, at, bring, wait, numbers, cases, failed } = stage();
    await keep(newAlert(at(), { disposition: "suppressed" }));
    const lost = await tell(newAlert(at()));
    await wait(16 * MINUTE);
    const next = await tell(newAlert(at()));
    const list = vi.spyOn(cases, "list").mockRejectedValue(new Error("throttled"));
    const publish = vi.spyOn(cases, "publish").mockRejectedValueOnce(new Error("throttled"));
    const build = sandbox();
    expect(await bring(build, next.id)).toEqual([next.id]);
    expect(await bring(build, next.id)).toEqual([]);
    expect(failed).toHaveBeenLastCalledWith("any", "looking for alerts without a case", expect.any(Error));
    expect(await numbers()).toEqual([next.id]);
    list.mockRestore();
    publish.mockRestore();
    await wait(16 * MINUTE);
    await bring(build, next.id);
    expect(await numbers()).toEqual([next.id, lost.id]);
  });
});
