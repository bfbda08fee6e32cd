import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SCOPES, type Scope, scopeValueSchemas } from "../../../lambda/cases/case-schema.ts";
import { computeDetails } from "../../../lambda/cases/details.ts";
import { makeScopeReader } from "../../../lambda/cases/scopes.ts";
import { deriveEventRules } from "../../../lambda/engine/event-rules.ts";
import { openTable, type Table } from "../../../lambda/state/table.ts";
import { asTable, makeMemoryTable } from "../../faults/memory-table.ts";
import { sampleRule } from "../alerts/sample.ts";
import { type LocalDynamo, startDynamo } from "../state/dynalite.ts";
import { newAlert, soon, storesOver } from "./stores.ts";

let dynamo: LocalDynamo;
const tables = new Map<string, Table>([["memory", asTable(makeMemoryTable())]]);
beforeAll(async () => {
  dynamo = await startDynamo("State");
  tables.set("DynamoDB", openTable({ name: "State", endpoint: dynamo.endpoint }));
});
afterAll(() => dynamo.stop());

const ruleSet = { rules: [sampleRule()], conditions: {}, lists: {}, suppressions: [] };
const { eventRules } = deriveEventRules(ruleSet);
const bob = {
  userIdentity: { type: "IAMUser", arn: "arn:aws:iam::123456789012:user/bob", accessKeyId: "AKIABOB" },
  sourceIPAddress: "192.0.2.77",
};

/** What a scope holds, which has to be what its schema says. */
function valueOf(scope: Scope | undefined): unknown {
  if (scope?.state !== "ready") throw new Error(`not ready: ${JSON.stringify(scope)}`);
  expect(scopeValueSchemas[scope.scope].safeParse(scope.value).error).toBeUndefined();
  return scope.value;
}

describe.each(["DynamoDB", "memory"])("the scopes of a case over %s", (name) => {
  it("are all read from what each part of the engine stored", async () => {
    const stores = storesOver(tables.get(name) as Table);
    const { cases } = stores;
    const readScope = makeScopeReader({ cases, now: Date.now, destinationTypes: { topic: "sns" } });
    const before = await stores.tell(newAlert("2026-11-20T09:58:00Z"));
    const alert = await stores.tell(newAlert("2026-11-20T10:00:00Z"));
    const quiet = await stores.keep(newAlert("2026-11-20T11:00:00Z", { disposition: "suppressed" }));
    await stores.tell(newAlert("2026-11-20T10:01:00Z", {}, bob));
    const neighbour = await stores.tell(
      newAlert("2026-11-21T09:59:00Z", {}, { ...bob, sourceIPAddress: "192.0.2.10" }),
    );
    await stores.tell(newAlert("2026-11-21T10:00:01Z"));
    await cases.change(alert.id, { by: "alice", status: "acknowledged", comment: "Mine." }, soon());
    expect(await readScope(alert.id, "details", soon())).toMatchObject({ state: "pending" });

    const { value, notes } = computeDetails(alert, ruleSet, eventRules);
    const computedAt = new Date().toISOString();
    await cases.writeScope(
      alert.id,
      "details",
      { scope: "details", state: "ready", computedAt, value, notes },
      soon(),
    );
    await cases.writeScope(
      alert.id,
      "investigation",
      { scope: "investigation", state: "unavailable", why: "The profile could not be read." },
      soon(),
    );
    const read = Object.fromEntries(
      await Promise.all(
        SCOPES.map(async (scope) => [scope, await readScope(alert.id, scope, soon())] as const),
      ),
    );
    expect(valueOf(read["details"])).toMatchObject({
      alert: { id: alert.id, status: "acknowledged" },
      rule: { matchedKeys: ["eventName"], conditions: { holds: true } },
      eventRules: [{ state: "ENABLED" }],
    });
    expect(read["investigation"]).toMatchObject({ why: "The profile could not be read." });
    expect(valueOf(read["events"])).toMatchObject({ total: 1, events: [{ alertId: alert.id }] });
    expect(valueOf(read["integrations"])).toMatchObject({
      integrations: [{ destination: "topic", type: "sns", outcome: "delivered" }],
    });
    expect(valueOf(read["related-alerts"])).toMatchObject({
      alerts: [{ alert: { id: before.id } }, { alert: { id: quiet.id } }, { alert: { id: neighbour.id } }],
      considered: 4,
      all: true,
    });
    const { entries } = valueOf(read["timeline"]) as { entries: { kind: string; text: string }[] };
    expect(entries.map(({ kind }) => kind)).toEqual([
      "alert",
      "this-alert",
      "alert",
      "delivery",
      "status",
      "comment",
    ]);
    expect(await readScope(quiet.id, "details", soon())).toMatchObject({ state: "ready" });
    expect(await readScope(alert.id, "timeline", soon(), ["210987654321"])).toBeUndefined();
  });

  it("are read of an alert without a time, at the beginning of time", async () => {
    const stores = storesOver(tables.get(name) as Table);
    const { cases } = stores;
    const alert = await stores.tell(newAlert("no time"));
    const readScope = makeScopeReader({ cases, now: Date.now });
    for (const scope of ["related-alerts", "timeline"] as const)
      expect(await readScope(alert.id, scope, soon())).toMatchObject({ state: "ready" });
  });
});
