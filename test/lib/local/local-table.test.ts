import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openTable } from "../../../lambda/state/table.ts";
import { LOCAL_CREDENTIALS } from "../../../lib/local/queues.ts";
import { startTables } from "../../../lib/local/local-table.ts";
import { storesOver, newAlert } from "../../lambda/cases/stores.ts";
import { makeTemplate, resourcesOf } from "../synthesise.ts";

let tables: Awaited<ReturnType<typeof startTables>>;
beforeAll(async () => {
  tables = await startTables("us-east-1");
});
afterAll(() => tables.close());

describe("the table of a local run", () => {
  it("has the indexes of the template, so that lists work as deployed", async () => {
    const [state] = resourcesOf(makeTemplate({ config: {} }), "AWS::DynamoDB::Table");
    await tables.createTable("State", state?.[1].Properties ?? {});
    const here = { endpoint: tables.url, region: "us-east-1" };
    const { tell, cases } = storesOver(openTable({ name: "State", ...here, credentials: LOCAL_CREDENTIALS }));
    const { id, rule, actor } = await tell(newAlert("2026-11-20T10:00:00Z"));
    for (const filter of [{}, { ruleId: rule.id }, { actor: actor.arn ?? "" }])
      expect((await cases.list(filter, { limit: 9 }, Date.now() + 20_000)).rows).toMatchObject([{ id }]);
    // Another user of the machine finds the port, and has no credentials of the run.
    const stranger = openTable({
      name: "State",
      ...here,
      credentials: { accessKeyId: "local", secretAccessKey: "local" },
    });
    await expect(stranger.query("NUMBERS", {}, Date.now() + 20_000)).rejects.toThrow(
      "credentials of the run",
    );
  });
});
