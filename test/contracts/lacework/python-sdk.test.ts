import { describe, expect, it } from "vitest";
import { HOST, type KeyOptions, LATER, makeStage, NOW, type Stage } from "../../lambda/lacework/stage.ts";
import { ApiError, makePythonSdk } from "./python-sdk.ts";
import { connect } from "./wire.ts";

/** In the order in which it really calls (LACEWORK-API § 5), over the real stores. */
const BEGAN = new Date(NOW - 3_600_000).toISOString();
const HOSTNAME = HOST.slice("https://".length);
const ACCOUNT = HOSTNAME.slice(0, HOSTNAME.indexOf("."));
const BASE_DOMAIN = HOSTNAME.slice(HOSTNAME.indexOf(".") + 1);

async function connectPython(stage: Stage, options: KeyOptions = {}) {
  const { wire, credentials } = await connect(stage, options);
  return {
    wire,
    sdk: await makePythonSdk(wire, { ...credentials, account: ACCOUNT, baseDomain: BASE_DOMAIN }),
  };
}

describe("Lacework's Python SDK", () => {
  it("gets, searches, reads details, comments and closes", async () => {
    const stage = makeStage({ pageRows: 2 });
    for (let n = 0; n < 5; n++) await stage.publish(BEGAN);
    const { sdk, wire } = await connectPython(stage);
    const range = { startTime: "2026-11-20T00:00:00+0000", endTime: "2026-11-20T12:00:00+0000" };
    expect((await sdk.get(range)).map((row) => row["alertId"])).toEqual([5, 4, 3, 2, 1]);
    expect(wire.sent.at(-1)?.url).toMatch(
      /nextPage\?cursor=p_[\w-]+&startTime=2026-11-20T00%3A00%3A00%2B0000&endTime=/,
    );
    expect(await sdk.get()).toHaveLength(5);

    const pages = await sdk.search({
      timeFilters: { startTime: range.startTime, endTime: range.endTime },
      filters: [{ expression: "eq", field: "alertId", value: 3 }],
      returns: ["alertId"],
    });
    expect(pages).toEqual([
      { paging: { rows: 1, totalRows: 1, urls: { nextPage: null } }, data: [{ alertId: 3 }] },
    ]);

    const details = await sdk.getDetails(3, "Details");
    expect(details["data"]).toMatchObject({ alertId: 3, entityMap: expect.anything() });
    expect(await sdk.comment(3, "from Python")).toMatchObject({
      data: { message: { value: "from Python" } },
    });
    expect(await sdk.close(3, 1)).toBe(204);
    expect(await sdk.get()).toContainEqual(expect.objectContaining({ alertId: 3, status: "Closed" }));
  });

  it("gets an empty list", async () => {
    const { sdk } = await connectPython(makeStage());
    expect(await sdk.get()).toEqual([]);
  });

  it("tries a comment and a closing again when their answers are lost, and each is done once", async () => {
    const stage = makeStage();
    const { id } = await stage.publish(BEGAN);
    const { sdk, wire } = await connectPython(stage);
    let losses = 6;
    wire.lose = ({ method }) => (method === "POST" && losses-- % 3 !== 0 ? 502 : undefined);
    await sdk.comment(1, "once");
    losses = 3;
    wire.lose = ({ method }) => (method === "POST" && losses-- > 0 ? 504 : undefined);
    await sdk.close(1, 5, "done");
    const history = (await stage.cases.read(id, LATER))?.history ?? [];
    expect(history.map(({ comment, to }) => [comment, to])).toEqual([
      ["once", undefined],
      ["done", "closed"],
    ]);
  });

  it.each([
    ["an unknown alert", async (sdk: Sdk) => sdk.getDetails(99, "Details"), 404, "Not found"],
    [
      "an unknown scope",
      async (sdk: Sdk) => sdk.getDetails(1, "Everything"),
      400,
      'scope "Everything" is unknown',
    ],
    ["a scope without entries", async (sdk: Sdk) => sdk.getDetails(1, "RelatedAlerts"), 404, "Not found"],
    ["a time that is none", async (sdk: Sdk) => sdk.get({ startTime: "today" }), 400, "write a time such as"],
    ["an unknown reason", async (sdk: Sdk) => sdk.close(1, 9), 400, "reason is one of"],
  ])("raises its own error, and no other, for %s", async (_, call, status, message) => {
    const stage = makeStage();
    await stage.publish(BEGAN);
    const { sdk } = await connectPython(stage);
    const error: unknown = await call(sdk).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(ApiError);
    expect(error).toMatchObject({ status, message: expect.stringContaining(message) });
  });
  type Sdk = Awaited<ReturnType<typeof makePythonSdk>>;

  it("raises its own error for a wrong secret and for a key that may only read", async () => {
    const stage = makeStage();
    await stage.publish(BEGAN);
    const { wire, credentials } = await connect(stage);
    const wrong = { ...credentials, secret: "x", account: ACCOUNT, baseDomain: BASE_DOMAIN };
    await expect(makePythonSdk(wire, wrong)).rejects.toMatchObject({ name: "ApiError", status: 401 });
    const { sdk } = await connectPython(stage, { access: "read" });
    await expect(sdk.comment(1, "x")).rejects.toMatchObject({ name: "ApiError", status: 403 });
  });
});
