import { describe, expect, it } from "vitest";
import { makeTeams, teams } from "../../../lambda/destinations/teams.ts";
import {
  destinationContract,
  firstOf,
  type Limit,
  NO_DEADLINE,
  type Reply,
} from "../../contracts/destinations.ts";
import { httpDestinationContract, type HttpDestinationStage } from "../../contracts/http-destinations.ts";
import { httpStage, stageSecret } from "../../contracts/http-stage.ts";
import { sampleAlert } from "../alerts/sample.ts";
import { cardOf, checkTeams, recordLines, runsOf } from "./teams-checks.ts";

const SECRET = "prod/teams";
const PATH = "/workflows/0123456789abcdef0123456789abcdef/triggers/manual/paths/invoke";
const WORKFLOWS = [
  `https://prod-12.westeurope.logic.azure.com:443${PATH}?api-version=2016-06-01&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0&sig=not-a-real-signature-0000`,
  `https://prod-12.westeurope.logic.azure.com:443${PATH}?api-version=2016-06-01&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0&sig=not-a-real-signature-1111`,
] as const;
const TAKEN: Reply = { status: 202, body: "" };

function stageOf(
  replies: readonly Reply[],
  addresses: readonly string[] = [WORKFLOWS[0]],
): HttpDestinationStage {
  const stage = httpStage(replies);
  const secret = stageSecret(stage, addresses, "url", SECRET);
  const destination = makeTeams({ id: "teams", secret: SECRET }, secret, stage.ports);
  return { ...stage, destination, reads: secret.reads };
}

const LIMITS: readonly Limit[] = [
  {
    of: "the message's 28,000 bytes",
    max: 28_000,
    measure: (body) => Buffer.byteLength(body),
    grow: (padding) => {
      const fields = Array.from({ length: 60 }, (_, at) =>
        "x".repeat(1 + Math.min(350, Math.max(0, padding - at * 350))),
      );
      return firstOf(sampleAlert({ requestParameters: { fields } }));
    },
    saysCut: (body) =>
      (recordLines(cardOf(body)).at(-1) ?? "").endsWith(" more, which the record in CloudTrail has"),
  },
  {
    of: "the heading's 300 characters",
    max: 300,
    measure: (body) => runsOf(cardOf(body).body)[0]?.text.length ?? 0,
    grow: (padding) =>
      firstOf({ ...sampleAlert(), title: `Security group opened to the internet${"x".repeat(padding)}` }),
    saysCut: (body) => runsOf(cardOf(body).body)[0]?.text.endsWith("…") ?? false,
  },
];

describe("the Teams destination", () => {
  destinationContract({
    make: stageOf,
    taken: TAKEN,
    secret: WORKFLOWS[0],
    budget: 20_000,
    checkBody: checkTeams,
    limits: LIMITS,
  });
  httpDestinationContract({
    make: stageOf,
    taken: TAKEN,
    secrets: WORKFLOWS,
    refusal: { status: 401, body: '{"error":{"code":"DirectApiAuthorizationRequired"}}' },
    refusalHeals: true,
    takesWebPages: false,
    recognisesCopies: false,
  });

  it.each([200, 202])("posts to the address in the secret, and takes %i for a yes", async (status) => {
    const { destination, requests } = stageOf([{ status, body: "1" }]);
    expect(destination).toMatchObject({ type: "teams", updates: false });
    await expect(destination.deliver(firstOf(), NO_DEADLINE)).resolves.toBeUndefined();
    expect(requests.map(({ url }) => url)).toEqual([new URL(WORKFLOWS[0]).href]);
  });

  it.each([404, 410])(
    "fails for good when the workflow is gone (%i), unless the secret names another",
    async (status) => {
      const gone: Reply = { status, body: '{"error":{"code":"WorkflowNotFound"}}' };
      await expect(stageOf([gone]).destination.deliver(firstOf(), NO_DEADLINE)).rejects.toMatchObject({
        retryable: false,
        message: `prod-12.westeurope.logic.azure.com answered ${status}: there is no such workflow; put a working workflow's webhook address (https://…) into the secret ${SECRET}`,
      });
      const healed = stageOf([gone, TAKEN], WORKFLOWS);
      await healed.destination.deliver(firstOf(), NO_DEADLINE);
      expect(healed.requests).toHaveLength(2);
    },
  );

  it("waits for a workflow that is switched off to be switched on again", async () => {
    const off: Reply = {
      status: 400,
      body: '{"error":{"code":"WorkflowTriggerIsNotEnabled","message":"…"}}',
    };
    await expect(stageOf([off]).destination.deliver(firstOf(), NO_DEADLINE)).rejects.toMatchObject({
      retryable: true,
      message: expect.stringContaining("the workflow is switched off; turn it on") as string,
    });
  });

  it.each(["http://prod-12.westeurope.logic.azure.com/x", "not an address", "ftp://x.example/"])(
    "sends nothing when the secret holds %j",
    async (address) => {
      const { destination, requests } = stageOf([TAKEN], [address.replaceAll(" ", "-")]);
      await expect(destination.deliver(firstOf(), NO_DEADLINE)).rejects.toThrow(
        `the secret does not hold an address that begins with https://; put a working workflow's webhook address (https://…) into the secret ${SECRET}`,
      );
      expect(requests).toHaveLength(0);
    },
  );

  it("posts to a local endpoint when it has one", async () => {
    const stage = httpStage([TAKEN]);
    const given = { id: "teams", secret: SECRET, endpoint: "http://127.0.0.1:8080" };
    await makeTeams(given, stageSecret(stage, WORKFLOWS, "url"), stage.ports).deliver(firstOf(), NO_DEADLINE);
    const { pathname, search } = new URL(WORKFLOWS[0]);
    expect(stage.requests[0]?.url).toBe(`http://127.0.0.1:8080${pathname}${search}`);
  });

  it.each([
    [{ secret: SECRET }, []],
    [{}, ["secret is missing"]],
    [{ secret: WORKFLOWS[0] }, ["never the secret itself"]],
  ])("checks the settings %j", (given, problems) => {
    const found = teams.check({ id: "teams", type: "teams", ...given });
    expect(found).toHaveLength(problems.length);
    for (const [at, problem] of problems.entries()) expect(found[at]).toContain(problem);
    expect(found.join()).not.toContain("sig=");
  });
});
