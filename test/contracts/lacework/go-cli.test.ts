import { describe, expect, it } from "vitest";
import { HOST, type KeyOptions, makeStage, NOW, type Stage } from "../../lambda/lacework/stage.ts";
import { CliError, GO_SCOPES, type GoScope, makeGoCli } from "./go-cli.ts";
import { connect } from "./wire.ts";

/** In the order in which it really calls (LACEWORK-API § 5), over the real stores. */
const HOUR = 3_600_000;
const BEGAN = new Date(NOW - HOUR).toISOString();
const BEGAN_LATER = new Date(NOW - HOUR + 60_000).toISOString();

async function connectCli(stage: Stage, options: KeyOptions = {}) {
  const { wire, credentials } = await connect(stage, options);
  return { wire, cli: makeGoCli(wire, HOST, credentials, () => stage.clock.now) };
}

describe("Lacework's command line", () => {
  it("lists over pages, filtered by status and type there and by severity here, with one token", async () => {
    const stage = makeStage({ pageRows: 2 });
    for (let n = 0; n < 5; n++) await stage.publish(BEGAN, { severity: n === 2 ? "critical" : "high" });
    const { cli, wire } = await connectCli(stage);
    expect((await cli.list()).map(({ alertId }) => alertId)).toEqual([5, 4, 3, 2, 1]);
    await cli.close(5, 1);
    expect(
      (await cli.list({ status: "Open", type: "SecurityGroupOpened" })).map(({ alertId }) => alertId),
    ).toEqual([4, 3, 2, 1]);
    expect((await cli.list({ status: "Closed" })).map(({ alertId }) => alertId)).toEqual([5]);
    expect((await cli.list({ severity: "critical" })).map(({ alertId }) => alertId)).toEqual([3]);
    expect(await cli.list({ type: "NewRegion" })).toEqual([]);
    expect(wire.sent.filter(({ url }) => url.endsWith("/tokens"))).toHaveLength(1);
    const called = wire.sent.filter(({ url }) => !url.endsWith("/tokens"));
    for (const { headers } of called) expect(headers.get("authorization")).toMatch(/^CTE_\S+$/);
  });

  it("lists nothing without a panic", async () => {
    const { cli } = await connectCli(makeStage());
    expect(await cli.list()).toEqual([]);
  });

  it("decodes every scope by its types", async () => {
    const stage = makeStage();
    await stage.publish(BEGAN);
    await stage.publish(BEGAN_LATER);
    const { cli } = await connectCli(stage);
    await cli.comment(1, "seen");
    for (const scope of Object.keys(GO_SCOPES) as GoScope[])
      expect([scope, Object.keys(await cli.show(1, scope)).length]).not.toEqual([scope, 0]);
  });

  it("comments and closes after it looked at the alert; what is not there does not exist", async () => {
    const stage = makeStage();
    await stage.publish(BEGAN);
    const { cli } = await connectCli(stage);
    expect(await cli.comment(1, "from Go")).toMatchObject({ alertId: 1, message: { value: "from Go" } });
    await cli.close(1, 0, "other");
    await expect(cli.close(2, 1)).rejects.toThrow(new CliError("does not exist"));
    expect(await cli.show(1, "Details")).toMatchObject({ status: "Closed" });
  });

  it("keeps its token over days by its clock, and throws it away for nothing but a 403", async () => {
    const stage = makeStage();
    await stage.publish(BEGAN);
    const { cli, wire } = await connectCli(stage, { access: "read" });
    for (let hour = 0; hour < 30; hour++) {
      await cli.list();
      stage.clock.now += HOUR / 2;
    }
    expect(wire.sent.filter(({ url }) => url.endsWith("/tokens"))).toHaveLength(10);
    await cli.list();
    await expect(cli.comment(1, "x")).rejects.toThrow("may only read");
    expect(cli.cache.token).toBeUndefined();
  });
});
