import { describe, expect, it } from "vitest";
import {
  type Case,
  type HistoryEntry,
  type Integration,
  scopeValueSchemas,
} from "../../../lambda/cases/case-schema.ts";
import { computeTimeline } from "../../../lambda/cases/timeline.ts";
import { sampleAlert } from "../alerts/sample.ts";
import { caseOf, idOf, memoryCases, rowWith } from "./memory-cases.ts";

const alert = sampleAlert();
const time = (clock: string): string => `2026-11-20T${clock}.000Z`;
const entry = (clock: string, changes: Partial<HistoryEntry>): HistoryEntry => ({
  id: `entry ${clock}`,
  at: time(clock),
  by: "alice",
  ...changes,
});
const sent = (changes: Partial<Integration>): Integration => ({
  destination: "topic",
  part: "first",
  outcome: "delivered",
  attempts: 1,
  firstAttempt: time("10:15:32"),
  ...changes,
});

async function timeline(
  changes: Partial<Case>,
  rows = [rowWith({ id: idOf(2), startTime: time("09:00:00") })],
) {
  const found = caseOf(alert, changes);
  const { value, notes } = await computeTimeline(memoryCases([], { rows: [found.row, ...rows] }), found, {
    deadline: 0,
  });
  expect(scopeValueSchemas.timeline.safeParse(value).error).toBeUndefined();
  const ids = value.entries.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  const times = value.entries.map(({ at }) => at);
  expect(times).toEqual(times.toSorted());
  return { ...value, notes, told: value.entries.map(({ kind, text }) => `${kind}: ${text}`) };
}

describe("the timeline of a case", () => {
  it("tells what the actor did, this alert, its deliveries and what people did, in order", async () => {
    const { told, all, entries } = await timeline({
      integrations: [
        sent({}),
        sent({
          destination: "slack",
          outcome: "dead",
          attempts: 3,
          lastAttempt: time("10:40:00"),
          reason: "404",
        }),
        sent({
          destination: "mail",
          outcome: "queued",
          attempts: 1,
          nextAttempt: time("10:20:00"),
          reason: "429",
        }),
      ],
      history: [
        entry("10:30:00", { from: "open", to: "acknowledged", comment: "I look at it." }),
        entry("10:50:00", { from: "acknowledged", to: "closed", reason: "false-positive" }),
        entry("10:55:00", { from: "closed", to: "open" }),
      ],
    });
    expect(told).toEqual([
      expect.stringMatching(/^alert: ec2\.amazonaws\.com: Security group opened to the internet\. /),
      expect.stringMatching(/^this-alert: This alert: ec2/),
      "delivery: The alert could not be sent to mail yet (attempt 1): 429. Next attempt: 2026-11-20T10:20:00.000Z.",
      "delivery: First attempt to send the alert to slack.",
      "delivery: The alert was sent to topic.",
      "status: alice acknowledged the alert.",
      "comment: I look at it.",
      "delivery: The alert could not be sent to slack, after 3 attempts: 404. It waits in the dead-letter queue.",
      "status: alice closed the alert (false positive).",
      "status: alice reopened the alert.",
    ]);
    expect(entries[0]).toMatchObject({ alertId: idOf(2), severity: "high" });
    expect(all).toBe(true);
  });

  it("tells when the last record of a window was", async () => {
    const row = { ...caseOf(alert).row, count: 40, endTime: time("10:45:00") };
    const { told } = await timeline({ row }, []);
    expect(told[1]).toBe("this-alert: The last of the 40 records of this alert.");
  });

  it("has nothing of other actors", async () => {
    const actor = { key: "arn:bob", name: "bob", type: "IAMUser" };
    const { entries } = await timeline({}, [rowWith({ id: idOf(2), actor })]);
    expect(entries.map(({ kind }) => kind)).toEqual(["this-alert"]);
  });

  it("marks alerts that nobody was told of", async () => {
    const { told } = await timeline({}, [
      rowWith({ id: idOf(2), disposition: "suppressed", count: 3, startTime: time("09:00:00") }),
    ]);
    expect(told[0]).toContain("the internet (3 times) (suppressed). ");
  });

  it("shows hostile texts on one line, with nothing hidden in them", async () => {
    const nasty = "x\u202ey\n12:00 status: forged\u001b[2J";
    const { entries } = await timeline(
      {
        history: [entry("10:30:00", { by: nasty, comment: nasty, to: "closed" })],
        integrations: [sent({ outcome: "dead", reason: nasty })],
      },
      [rowWith({ id: idOf(2), title: nasty, summary: nasty })],
    );
    expect(entries).toHaveLength(5);
    for (const { text, by = "" } of entries) expect(`${text}${by}`).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  });

  it("keeps the nearest alerts and the last changes of too many, and says so", async () => {
    const rows = Array.from({ length: 400 }, (_, n) =>
      rowWith({
        id: idOf(n + 2),
        startTime: new Date(Date.parse(alert.startTime) - (n + 1) * 60_000).toISOString(),
      }),
    );
    const history = Array.from({ length: 500 }, (_, n) =>
      entry("10:30:00", { id: `entry ${String(n).padStart(3, "0")}`, comment: `comment ${n}` }),
    );
    const { all, notes, entries } = await timeline({ history }, rows);
    expect(all).toBe(false);
    expect(notes).toEqual([
      "The actor has more alerts within a day: the 200 nearest are listed.",
      "500 changes were made to the case: the last 300 are listed.",
    ]);
    expect(entries).toHaveLength(501);
    expect(entries.at(-1)?.text).toBe("comment 499");
    expect(entries[0]?.alertId).toBe(idOf(201));
  });
});
