import { afterAll, beforeAll, expect, it } from "vitest";
import { openTable } from "../../../lambda/state/table.ts";
import { makeSekoia } from "../../contracts/lacework/sekoia.ts";
import { connect } from "../../contracts/lacework/wire.ts";
import { type LocalDynamo, startDynamo } from "../state/dynalite.ts";
import { HOST, makeStage, numbersOf, rowsOf, type Stage } from "./stage.ts";

let dynamo: LocalDynamo;
let stage: Stage;
beforeAll(async () => {
  dynamo = await startDynamo("State");
  stage = makeStage({ pageRows: 3 }, openTable({ name: "State", endpoint: dynamo.endpoint }));
  // The table's calls end by the machine's clock.
  stage.clock.now = Date.now();
});
afterAll(() => dynamo.stop());

it("over DynamoDB tokens, pages, scopes, comments and closing work as over the table in memory", async () => {
  const began = new Date(stage.clock.now - 3_600_000).toISOString();
  for (let n = 0; n < 7; n++) await stage.publish(began);
  const { wire, credentials } = await connect(stage);
  const sekoia = makeSekoia(wire, HOST.slice("https://".length), credentials, () => stage.clock.now);
  await sekoia.poll();
  await sekoia.poll();
  expect(sekoia.forwarded.map(({ alertId }) => alertId)).toEqual([7, 6, 5, 4, 3, 2, 1]);

  const token = await stage.token({ name: "alice" });
  const said = await stage.comment(token, 4, { comment: "over DynamoDB" });
  expect((await stage.comment(token, 4, { comment: "over DynamoDB" })).text).toBe(said.text);
  expect((await stage.close(token, 4, { reason: 5 })).status).toBe(204);
  expect(rowsOf(await stage.scope(token, 4, "Timeline"))).toContainEqual(said.body["data"]);
  const open = { filters: [{ field: "status", expression: "eq", value: "Closed" }] };
  expect(numbersOf(await stage.search(token, open))).toEqual([4]);
  await stage.keys.revoke(credentials.id, stage.clock.now + 20_000);
  await expect(sekoia.poll()).rejects.toThrow("4xx");
});
