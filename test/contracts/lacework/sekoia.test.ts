import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { HOST, type KeyOptions, makeStage, NOW, type Stage } from "../../lambda/lacework/stage.ts";
import { ConnectorStoppedError, makeSekoia } from "./sekoia.ts";
import { connect } from "./wire.ts";

/** In the order in which it really calls (LACEWORK-API § 5), over the real stores. */
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const HOSTNAME = HOST.slice("https://".length);
const iso = (time: number): string => new Date(time).toISOString();
const ids = (alerts: readonly { readonly alertId: number }[]): number[] =>
  alerts.map(({ alertId }) => alertId);

async function connectSekoia(stage: Stage, options: KeyOptions = { access: "read" }) {
  const { wire, credentials } = await connect(stage, options);
  return { wire, sekoia: makeSekoia(wire, HOSTNAME, credentials, () => stage.clock.now) };
}

describe("Sekoia.io's connector", () => {
  it("polls an empty list and goes on", async () => {
    const stage = makeStage();
    const { sekoia, wire } = await connectSekoia(stage);
    await sekoia.poll();
    await sekoia.poll();
    expect(sekoia.forwarded).toEqual([]);
    expect(wire.sent.map(({ method, url }) => `${method} ${url.slice(HOST.length)}`)).toEqual([
      "POST /api/v2/access/tokens",
      "GET /api/v2/Alerts?startTime=2026-11-19T12:00:00Z",
      "POST /api/v2/access/tokens",
      "GET /api/v2/Alerts?startTime=2026-11-19T12:00:00Z",
    ]);
  });

  it("forwards each alert once, over pages, and a late one that began before the checkpoint", async () => {
    const stage = makeStage({ pageRows: 2 });
    const { sekoia } = await connectSekoia(stage);
    for (let n = 0; n < 5; n++) await stage.publish(iso(NOW - HOUR + n * MINUTE));
    await sekoia.poll();
    expect(ids(sekoia.forwarded)).toEqual([5, 4, 3, 2, 1]);
    stage.clock.now += MINUTE;
    await sekoia.poll();
    await stage.publish(iso(NOW - 20 * HOUR));
    stage.clock.now += MINUTE;
    await sekoia.poll();
    expect(ids(sekoia.forwarded)).toEqual([5, 4, 3, 2, 1, 6]);
  });

  it("comes back after two weeks with seven days, and is not refused", async () => {
    const stage = makeStage();
    const { sekoia } = await connectSekoia(stage);
    await stage.publish(iso(NOW - HOUR));
    await sekoia.poll();
    stage.clock.now += 14 * DAY;
    await stage.publish(iso(stage.clock.now - 3 * DAY));
    await sekoia.poll();
    expect(ids(sekoia.forwarded)).toEqual([1, 2]);
  });

  it("asks every minute for a day without being throttled: 480 requests an hour and their tokens are enough", async () => {
    const stage = makeStage();
    const { sekoia } = await connectSekoia(stage, { access: "read", requestsPerHour: 480 });
    for (let minute = 0; minute < 24 * 60; minute++) {
      stage.clock.now += MINUTE;
      if (minute % 60 === 0) await stage.publish(iso(stage.clock.now - MINUTE));
      await sekoia.poll();
    }
    expect(sekoia.forwarded).toHaveLength(24);
  });

  it("misses no published alert and forwards none twice, whatever comes late, early or between its pages", async () => {
    const steps = fc.array(
      fc.record({
        wait: fc.integer({ min: 0, max: 4 * HOUR }),
        // How long before its publication it began; below zero its record claims to be of the future.
        delay: fc.oneof(
          fc.integer({ min: -2 * DAY, max: 3 * DAY }),
          fc.integer({ min: 0, max: 10 * MINUTE }),
        ),
        publishes: fc.integer({ min: 0, max: 3 }),
        polls: fc.boolean(),
        between: fc.integer({ min: 0, max: 2 }),
      }),
      { maxLength: 14 },
    );
    await fc.assert(
      fc.asyncProperty(steps, fc.integer({ min: 1, max: 4 }), async (all, pageRows) => {
        const stage = makeStage({ pageRows });
        const { sekoia, wire } = await connectSekoia(stage);
        let published = 0;
        const publish = async (delay: number): Promise<void> => {
          published++;
          await stage.publish(iso(stage.clock.now - delay));
        };
        let lastPoll = stage.clock.now;
        await sekoia.poll();
        for (const { wait, delay, publishes, polls, between } of all) {
          stage.clock.now += wait;
          for (let n = 0; n < publishes; n++) await publish(delay + n * MINUTE);
          let left = between;
          wire.before = async ({ url }) => {
            if (!url.includes("nextPage") || left-- <= 0) return;
            stage.clock.now += 1_500;
            await publish(delay);
          };
          // Of what lies further back than a day its first round never asks.
          if (polls || stage.clock.now - lastPoll > 12 * HOUR) {
            lastPoll = stage.clock.now;
            await sekoia.poll();
          }
        }
        wire.before = async () => undefined;
        await sekoia.poll();
        expect(ids(sekoia.forwarded).toSorted((a, b) => a - b)).toEqual(
          Array.from({ length: published }, (_, n) => n + 1),
        );
      }),
      { numRuns: 60 },
    );
  });

  it("stops for good where a port of it would too, so that these tests can fail", async () => {
    const stage = makeStage();
    const { sekoia, wire } = await connectSekoia(stage);
    wire.lose = ({ method }) => (method === "GET" ? 204 : undefined);
    await expect(sekoia.poll()).rejects.toThrow(ConnectorStoppedError);
  });
});
