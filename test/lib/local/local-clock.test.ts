import { describe, expect, it } from "vitest";
import { startClock } from "../../../lib/local/local-clock.ts";

const HOUR = 3_600_000;

describe("the clock of a local run", () => {
  it("lets an hour pass in moments when there is nothing to do but wait", async () => {
    const clock = startClock({ speed: 1_000_000 });
    const began = clock.now();
    await clock.sleep(HOUR);
    expect(clock.now() - began).toBeGreaterThanOrEqual(HOUR);
    clock.stop();
  });

  it("keeps the machine's pace while something works, and hurries on when that is done", async () => {
    const clock = startClock({ speed: 1_000_000 });
    const leave = clock.enter();
    const began = clock.now();
    let rang = false;
    clock.at(began + HOUR, () => (rang = true));
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(clock.now() - began).toBeLessThan(HOUR / 2);
    expect(rang).toBe(false);
    leave();
    await expect.poll(() => rang).toBe(true);
    clock.stop();
  });

  it("calls actions in the order of their times, each when its time has come", async () => {
    const clock = startClock({ speed: 100_000 });
    const began = clock.now();
    const rang: [string, number][] = [];
    const late = clock.sleep(3 * HOUR).then(() => rang.push(["late", clock.now() - began]));
    const soon = clock.sleep(HOUR).then(() => rang.push(["soon", clock.now() - began]));
    await Promise.all([late, soon]);
    expect(rang.map(([name]) => name)).toEqual(["soon", "late"]);
    expect(rang[0]?.[1]).toBeGreaterThanOrEqual(HOUR);
    expect(rang[0]?.[1]).toBeLessThan(3 * HOUR);
    expect(rang[1]?.[1]).toBeGreaterThanOrEqual(3 * HOUR);
    clock.stop();
  });

  it("never calls what was called off, and frees who sleeps when it stops", async () => {
    const clock = startClock({ speed: 1 });
    let rang = false;
    const callOff = clock.at(clock.now() + 1, () => (rang = true));
    callOff();
    const sleeping = clock.sleep(HOUR);
    clock.stop();
    await sleeping;
    expect(clock.next()).toBeUndefined();
    expect(rang).toBe(false);
  });
});
