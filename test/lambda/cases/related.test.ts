import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type CaseRow, scopeValueSchemas } from "../../../lambda/cases/case-schema.ts";
import { computeRelated } from "../../../lambda/cases/related.ts";
import { sharedBy } from "../../../lambda/cases/shared-by.ts";
import { idOf, memoryCases, rowWith } from "./memory-cases.ts";

const deadline = 0;
const stranger: Partial<CaseRow> = {
  actor: { key: "arn:aws:iam::123456789012:user/bob", name: "bob", type: "IAMUser" },
  session: "AKIABOB",
  ip: "192.0.2.99",
  resources: [],
};
const subject = rowWith({ id: idOf(1), resources: ["arn:aws:s3:::logs"] });
const { session: _session, ip: _ip, ...unnamed } = subject;

type Fields = Pick<CaseRow, "id" | "resources" | "disposition"> & {
  readonly session: string | undefined;
  readonly ip: string | undefined;
  readonly key: string;
  readonly type: string;
  readonly minutes: number;
};

function toRow({ session, ip, key, type, minutes, ...rest }: Fields): CaseRow {
  return {
    ...unnamed,
    ...rest,
    ...(session === undefined ? {} : { session }),
    ...(ip === undefined ? {} : { ip }),
    actor: { key, name: key, type },
    startTime: new Date(Date.parse(subject.startTime) + minutes * 60_000).toISOString(),
  };
}

async function related(rows: readonly CaseRow[], of = subject) {
  const { value, notes } = await computeRelated(memoryCases([], { rows }), of, { deadline });
  expect(scopeValueSchemas["related-alerts"].safeParse(value).error).toBeUndefined();
  return { ...value, notes, ids: value.alerts.map(({ alert }) => Number.parseInt(alert.id, 16)) };
}

describe("related alerts", () => {
  it("are ranked by what they share, and say it", async () => {
    const { alerts, ids, considered, all, notes } = await related([
      subject,
      rowWith({ id: idOf(2), ...stranger }),
      rowWith({ id: idOf(3), ...stranger, actor: subject.actor }),
      rowWith({ id: idOf(4), ...stranger, ip: "192.0.2.10" }),
      rowWith({ id: idOf(5), ...stranger, resources: ["arn:aws:s3:::logs", "arn:aws:s3:::other"] }),
      rowWith({ id: idOf(6), ...stranger, actor: subject.actor, session: "AROAEXAMPLE:alice@example.com" }),
    ]);
    expect(ids).toEqual([6, 5, 4, 3]);
    expect(alerts.map(({ rank, why }) => `${rank} ${why.join(", ")}`)).toEqual([
      "1 same session AROAEXAMPLE:alice@example.com, same actor arn:aws:iam::123456789012:role/people/Admin",
      "2 same resource arn:aws:s3:::logs",
      "3 same source address 192.0.2.10",
      "4 same actor arn:aws:iam::123456789012:role/people/Admin",
    ]);
    expect({ considered, all, notes }).toEqual({ considered: 5, all: true, notes: [] });
  });

  it("come with those that nobody was told of, which count half", async () => {
    const { alerts } = await related([
      rowWith({ id: idOf(2), disposition: "suppressed" }),
      rowWith({ id: idOf(3), ...stranger, actor: subject.actor, session: "AROAEXAMPLE:alice@example.com" }),
    ]);
    expect(alerts.map(({ alert }) => alert.disposition)).toEqual(["delivered", "suppressed"]);
  });

  it.each<[string, Partial<CaseRow>, Partial<CaseRow>]>([
    ["a name of an AWS service for an address", { ip: "cloudformation.amazonaws.com" }, {}],
    ["a text that is no address", { ip: "AWS Internal" }, {}],
    [
      "an AWS service for an actor",
      { actor: { key: "name:AWSService/x", name: "x", type: "AWSService" }, ip: "ec2.amazonaws.com" },
      {},
    ],
    [
      "an identity that nobody knows",
      { actor: { key: "name:Unknown/(unknown)", name: "?", type: "Unknown" } },
      {},
    ],
    ["an ARN that was cut", { resources: [`arn:${"x".repeat(290)}…`] }, {}],
    [
      "the lack of a session, an address and resources",
      {},
      { actor: { key: "arn:b", name: "b", type: "IAMUser" } },
    ],
  ])("do not share %s", (_, both, other) => {
    const actor = { key: "arn:a", name: "a", type: "IAMUser" };
    const bare = { ...unnamed, resources: [] };
    const a: CaseRow = { ...bare, id: idOf(1), actor, ...both };
    const b: CaseRow = { ...bare, id: idOf(2), actor: { ...actor, key: "arn:b" }, ...both, ...other };
    expect(sharedBy(a, b)).toEqual({ why: [], score: 0 });
  });

  it("look at the nearest of too many, and say that they were not all", async () => {
    const crowd = Array.from({ length: 900 }, (_, n) =>
      rowWith({
        id: idOf(n + 10),
        ...stranger,
        startTime: new Date(Date.parse(subject.startTime) - n * 60_000).toISOString(),
      }),
    );
    const far = rowWith({ id: idOf(2), startTime: "2026-11-19T10:15:30.000Z" });
    const { considered, all, notes, ids } = await related([...crowd, far]);
    // The actor's own are asked for apart: the crowd does not hide them.
    expect({ considered, all, ids }).toEqual({ considered: 701, all: false, ids: [2] });
    expect(notes).toEqual([expect.stringMatching(/more alerts within a day than the 700 nearest/)]);
  });

  it("are listed up to fifty, and say how many there were", async () => {
    const many = Array.from({ length: 80 }, (_, n) => rowWith({ id: idOf(n + 2) }));
    const { alerts, notes } = await related(many);
    expect(alerts).toHaveLength(50);
    expect(notes).toEqual(["80 alerts are related: the nearest 50 are listed."]);
  });

  it("are none of accounts that the asker may not see", async () => {
    const rows = [rowWith({ id: idOf(2) }), rowWith({ id: idOf(3), accountId: "210987654321" })];
    const { value } = await computeRelated(memoryCases([], { rows }), subject, {
      deadline,
      accountIds: ["210987654321"],
    });
    expect(value.alerts.map(({ alert }) => alert.accountId)).toEqual(["210987654321"]);
    expect(value.considered).toBe(1);
  });

  const few = fc.constantFrom("a", "b", "192.0.2.1", "192.0.2.2", "ec2.amazonaws.com");
  const anyRow = fc
    .record({
      id: fc.nat(1_000).map(idOf),
      session: fc.option(few, { nil: undefined }),
      ip: fc.option(few, { nil: undefined }),
      resources: fc.array(few, { maxLength: 3 }),
      key: few,
      type: fc.constantFrom("IAMUser", "AWSService"),
      minutes: fc.oneof(fc.integer({ min: -1_440, max: 1_440 }), fc.constantFrom(0, 60, -60)),
      disposition: fc.constantFrom("delivered" as const, "suppressed" as const),
    })
    .map(toRow);
  const rows = fc.uniqueArray(anyRow, { selector: ({ id }) => id, minLength: 2, maxLength: 20 });

  it("share the same, whichever of two is asked about", () => {
    fc.assert(
      fc.property(anyRow, anyRow, (a, b) => {
        expect(sharedBy(a, b)).toEqual(sharedBy(b, a));
      }),
    );
  });

  it("relate both ways, over stores of any alerts", async () => {
    await fc.assert(
      fc.asyncProperty(rows, async (all) => {
        const [a, b] = all;
        if (a === undefined || b === undefined) throw new Error("the generator made too few rows");
        const apart = Math.abs(Date.parse(a.startTime) - Date.parse(b.startTime)) <= 86_400_000;
        const ofA = (await related(all, a)).alerts.some(({ alert }) => alert.id === b.id);
        const ofB = (await related(all, b)).alerts.some(({ alert }) => alert.id === a.id);
        expect(ofA).toBe(ofB);
        expect(ofA).toBe(apart && sharedBy(a, b).why.length > 0);
      }),
    );
  });

  it("have one order, in whatever order they are found", async () => {
    await fc.assert(
      fc.asyncProperty(rows, fc.integer(), async (all, seed) => {
        const [first, ...others] = all;
        if (first === undefined) throw new Error("the generator made no rows");
        const shuffled = others.toSorted((a, b) => (hashOf(a.id, seed) < hashOf(b.id, seed) ? -1 : 1));
        const found = (listed: readonly CaseRow[]) =>
          computeRelated({ list: () => Promise.resolve({ rows: listed }) }, first, { deadline });
        const { alerts } = (await found([first, ...others])).value;
        expect((await found([...shuffled, first])).value.alerts).toEqual(alerts);
        expect(alerts.map(({ rank }) => rank)).toEqual(alerts.map((_, index) => index + 1));
      }),
    );
  });
});

function hashOf(text: string, seed: number): number {
  let hash = seed;
  for (const character of text) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193);
  return hash;
}
