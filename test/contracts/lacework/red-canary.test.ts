import { describe, expect, it } from "vitest";
import { HOST, makeStage, NOW } from "../../lambda/lacework/stage.ts";
import { pullLikeRedCanary } from "./red-canary.ts";
import { connect } from "./wire.ts";

/** In the order in which it really calls (LACEWORK-API § 5), over the real stores. */
describe("Red Canary", () => {
  it("pulls records with six scopes, null where there is nothing", async () => {
    const stage = makeStage();
    await stage.publish(new Date(NOW - 3_600_000).toISOString());
    const { wire, credentials } = await connect(stage, { access: "read" });
    const [pulled] = await pullLikeRedCanary(wire, HOST, credentials);
    expect(pulled).toMatchObject({
      alertId: 1,
      scopeDetails: {
        alertId: 1,
        entityMap: { RulesTriggered: [{ KEY: expect.anything(), PROPS: expect.anything() }] },
      },
      scopeInvestigation: [{ answer: "Unknown" }, { answer: "Unknown" }, { answer: "Unknown" }],
      scopeEvents: [{ eventName: "AuthorizeSecurityGroupIngress" }],
      scopeRelatedAlerts: null,
      scopeIntegrations: [{ alertId: 1 }],
      scopeTimeline: [{ entryType: "Alert" }, { entryType: "Integration" }],
    });
    expect(wire.sent).toHaveLength(8);
  });
});
