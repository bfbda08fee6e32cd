import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openTable, type Table } from "../../../lambda/state/table.ts";
import { testTable } from "../../contracts/table.ts";
import { type LocalDynamo, startDynamo } from "./dynalite.ts";

let dynamo: LocalDynamo;
let table: Table;
beforeAll(async () => {
  dynamo = await startDynamo("State");
  table = openTable({ name: "State", endpoint: dynamo.endpoint });
});
afterAll(() => dynamo.stop());

describe("the table over DynamoDB", () => {
  testTable(() => table);

  it("gives up by the deadline, with the error of the SDK", async () => {
    await expect(table.get({ pk: "a", sk: "b" }, Date.now() - 1)).rejects.toThrow(/abort/i);
  });

  it("reads a partition of many pages to its end", async () => {
    const large = "x".repeat(300_000);
    for (let n = 0; n < 6; n++)
      await table.put({ pk: "PAGES", sk: String(n), large }, undefined, Date.now() + 20_000);
    expect(await table.query("PAGES", {}, Date.now() + 20_000)).toHaveLength(6);
    expect(await table.query("PAGES", { limit: 5 }, Date.now() + 20_000)).toHaveLength(5);
  });
});
