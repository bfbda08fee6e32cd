import { describe, expect, it } from "vitest";
import { scopeValueSchemas } from "../../../lambda/cases/case-schema.ts";
import { computeEvents } from "../../../lambda/cases/events.ts";
import { sampleAlert } from "../alerts/sample.ts";
import { caseOf, memoryCases } from "./memory-cases.ts";

const alert = sampleAlert();
const recordsOf = (count: number, changes: Readonly<Record<string, unknown>> = {}) =>
  Array.from({ length: count }, (_, n) => sampleAlert({ eventID: `event-${n}`, ...changes }));

async function events(count: number, records: ReturnType<typeof recordsOf>) {
  const found = { ...caseOf(alert).row, count };
  const cases = memoryCases([], { records: { [alert.id]: records } });
  const { value, notes } = await computeEvents(cases, found, { deadline: 0 });
  expect(scopeValueSchemas.events.safeParse(value).error).toBeUndefined();
  return { ...value, notes };
}

describe("the records behind an alert", () => {
  it("are all of them, each with the alert that it would be on its own", async () => {
    const records = recordsOf(3);
    const { events: listed, total, notes } = await events(3, records);
    expect(listed).toEqual(
      records.map(({ id, startTime, record }) => ({ alertId: id, time: startTime, record })),
    );
    expect({ total, notes }).toEqual({ total: 3, notes: [] });
  });

  it("are the first hundred of more, and say so", async () => {
    const { events: listed, total, notes } = await events(240, recordsOf(240));
    expect(listed).toHaveLength(100);
    expect({ total, notes }).toEqual({
      total: 240,
      notes: ["The alert stands for 240 records: the first 100 are listed."],
    });
  });

  it("say why there are fewer than the alert stands for", async () => {
    const { total, notes } = await events(5, recordsOf(2));
    expect(total).toBe(5);
    expect(notes).toEqual([
      expect.stringMatching(/^The alert stands for 5 records, and 2 of them could be had: /),
    ]);
  });

  it("count what was found where that is more, as while a window is open", async () => {
    expect(await events(1, recordsOf(4))).toMatchObject({ total: 4, notes: [] });
  });

  it("are shortened where all together are too large for an answer, and say so", async () => {
    const records = recordsOf(100, { requestParameters: { policy: "p".repeat(100_000) } });
    const { events: listed, notes } = await events(100, records);
    expect(JSON.stringify(listed).length).toBeLessThan(2_500_000);
    expect(listed[0]?.record["eventID"]).toBe("event-0");
    expect(notes).toEqual([expect.stringMatching(/^100 of the records are too large to list whole/)]);
  });

  it("are none of accounts that the asker may not see, and say how many that are", async () => {
    const [first, ...others] = recordsOf(3);
    const foreign = others.map((one) =>
      Object.assign({}, one, { cloud: { service: "ec2", accountId: "210987654321" } }),
    );
    const cases = memoryCases([], {
      records: { [alert.id]: [...(first === undefined ? [] : [first]), ...foreign] },
    });
    const { value, notes } = await computeEvents(
      cases,
      { ...caseOf(alert).row, count: 3 },
      { deadline: 0, accountIds: ["123456789012"] },
    );
    expect(value.events.map(({ alertId }) => alertId)).toEqual([first?.id]);
    expect(value.total).toBe(3);
    expect(notes).toEqual(["2 of the records are of accounts that you may not see, and are not listed."]);
  });
});
