import { describe, expect, it } from "vitest";
import { entryNumber } from "../../../lambda/lacework/scope-timeline.ts";
import { newAlert } from "../cases/stores.ts";
import { type Body, makeStage, NOW, rowsOf } from "./stage.ts";

async function stageWithAlert(record: Body = {}) {
  const stage = makeStage();
  const token = await stage.token();
  const alert = await stage.publish("2026-11-20T10:15:30Z", {}, record);
  return { stage, token, alert };
}

describe("RelatedAlerts", () => {
  it("name published alerts by number and severity, both as texts", async () => {
    const { stage, token } = await stageWithAlert();
    await stage.publish("2026-11-20T10:20:30Z", { severity: "critical" });
    await stage.tell(newAlert("2026-11-20T10:21:00Z"));
    expect(rowsOf(await stage.scope(token, 1, "RelatedAlerts"))).toEqual([
      {
        eventType: "SecurityGroupOpened",
        eventId: "2",
        severity: "1",
        startTime: "2026-11-20T10:20:30Z",
        endTime: "2026-11-20T10:20:30Z",
        rank: expect.any(Number),
        eventInfo: {
          description: expect.stringMatching(/^ For account: /),
          subject: expect.stringMatching(/^Security group/),
        },
        eventName: "Security group opened to the internet",
      },
    ]);
  });

  it("show a key for some accounts nothing of others", async () => {
    const { stage, token } = await stageWithAlert({ recipientAccountId: "123456789012" });
    await stage.publish("2026-11-20T10:20:30Z", {}, { recipientAccountId: "210987654321" });
    expect(rowsOf(await stage.scope(token, 1, "RelatedAlerts"))).toHaveLength(1);
    const own = await stage.token({ accountIds: ["123456789012"] });
    expect((await stage.scope(own, 1, "RelatedAlerts")).status).toBe(404);
    expect((await stage.scope(own, 1, "Timeline")).text).not.toContain("210987654321");
  });
});

describe("Integrations", () => {
  it("say where the alert was sent and what came of it", async () => {
    const { stage, token } = await stageWithAlert();
    expect(rowsOf(await stage.scope(token, 1, "Integrations"))).toEqual([
      {
        alertIntegrationId: "1-topic-first",
        alertId: 1,
        integrationType: "SNS",
        integrationContext: { id: "topic", link: "" },
        intgGuid: "topic",
        lastSyncTime: "2026-11-20T12:00:00.000Z",
        alertIntegrationStatus: "delivered",
        status: "Open",
        isBidirectional: false,
        alertChannel: {
          INTG_GUID: "topic",
          NAME: "topic",
          CREATED_OR_UPDATED_TIME: "2026-11-20T12:00:00.000Z",
          CREATED_OR_UPDATED_BY: "",
          ENV_GUID: "",
          TYPE: "SNS",
          ENABLED: 1,
          IS_ORG: 0,
          STATE: {
            ok: true,
            lastUpdatedTime: NOW,
            lastSuccessfulTime: NOW,
            lastWebhookUpdateTime: 0,
            details: {},
          },
          DATA: {},
        },
      },
    ]);
  });
});

describe("Timeline", () => {
  it("has integer ids that stay, and comments in their own words", async () => {
    const { stage, token } = await stageWithAlert();
    const said = (await stage.comment(token, 1, { comment: "Asked alice." })).body["data"] as Body;
    stage.clock.now += 1_000;
    await stage.close(token, 1, { reason: 5, comment: "planned" });
    const entries = rowsOf(await stage.scope(token, 1, "Timeline"));
    expect(entries.map((entry) => entry["entryType"])).toEqual([
      "Alert",
      "Integration",
      "Comment",
      "StatusChange",
      "Comment",
    ]);
    expect(entries.find(({ id }) => id === said["id"])).toEqual(said);
    expect(entries[4]).toMatchObject({ message: { value: "planned" }, user: { username: "Sekoia" } });
    for (const entry of entries) {
      expect(Number.isSafeInteger(entry["id"])).toBe(true);
      expect(entry).toMatchObject({
        alertId: 1,
        externalTime: expect.stringMatching(/^\d{13}$/),
        updateContext: {},
      });
    }
    expect(rowsOf(await stage.scope(token, 1, "Timeline"))).toEqual(entries);
    expect(new Set(entries.map(({ id }) => id)).size).toBe(5);
  });

  it("numbers entries by their time, below 2^53, whatever their ids and times are", () => {
    expect(entryNumber("b", "2026-11-20T10:15:30.000Z")).toBeLessThan(
      entryNumber("a", "2026-11-20T10:15:31.000Z"),
    );
    for (const at of [
      "",
      "never",
      "+275760-09-13T00:00:00.000Z",
      "9999-12-31T23:59:59.999Z",
      "1970-01-01T00:00:00Z",
    ])
      expect(Number.isSafeInteger(entryNumber("\u202e", at))).toBe(true);
  });
});
