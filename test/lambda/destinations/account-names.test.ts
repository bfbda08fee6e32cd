import { describe, expect, it } from "vitest";
import { formatAlertForPeople } from "../../../lambda/alerts/text.ts";
import { nameAccounts } from "../../../lambda/destinations/account-names.ts";
import { toTags } from "../../../lambda/destinations/datadog-common.ts";
import type { Notice } from "../../../lambda/destinations/destination.ts";
import { glance } from "../../../lambda/destinations/glance.ts";
import { toEcs } from "../../../lambda/formats/ecs.ts";
import { toOcsf } from "../../../lambda/formats/ocsf.ts";
import { firstOf, NO_DEADLINE } from "../../contracts/destinations.ts";
import { sampleAlert } from "../alerts/sample.ts";

const told: Notice[] = [];
const destination = {
  id: "a",
  type: "test",
  updates: true,
  deliver: async (notice: Notice) => {
    told.push(notice);
    return "receipt";
  },
};

describe("a destination that is told what accounts are called", () => {
  it("gets the name with the alert, which itself stays what it was", async () => {
    const notice = firstOf();
    const before = structuredClone(notice.alert);
    const named = nameAccounts(destination, { "123456789012": "production" });
    await expect(named.deliver(notice, NO_DEADLINE)).resolves.toBe("receipt");
    expect(told.pop()?.alert).toEqual({ ...before, cloud: { ...before.cloud, accountName: "production" } });
    expect(notice.alert).toEqual(before);
  });

  it("gets an alert of an unnamed account as it is, whatever the record calls its account", async () => {
    const named = nameAccounts(destination, { "210987654321": "production" });
    for (const accountId of ["123456789012", "__proto__", "toString", ""]) {
      const notice = firstOf({ ...sampleAlert(), cloud: { accountId, service: "ec2" } });
      await named.deliver(notice, NO_DEADLINE);
      expect(told.pop()).toBe(notice);
    }
  });

  it("is itself when no account has a name", () => {
    expect(nameAccounts(destination, undefined)).toBe(destination);
  });
});

describe("an account's name", () => {
  const { cloud, ...rest } = sampleAlert();
  const alert = { ...rest, cloud: { ...cloud, accountName: "production" } };
  const shown = `account production (${String(cloud.accountId)})`;

  it("stands beside its id in chats, mails and on the terminal", () => {
    expect(formatAlertForPeople(alert)).toContain(shown);
    expect(glance({ ...firstOf(), alert }).facts.find(({ label }) => label === "Where")?.value).toContain(
      shown,
    );
    expect(formatAlertForPeople(sampleAlert())).toContain(`account ${String(cloud.accountId)},`);
  });

  it("stands where ECS, OCSF and Datadog have a place for it", () => {
    expect(toEcs(alert)["cloud"]).toMatchObject({ account: { id: cloud.accountId, name: "production" } });
    expect(toOcsf({ ...firstOf(), alert })["cloud"]).toMatchObject({
      account: { uid: cloud.accountId, name: "production" },
    });
    expect(toTags(alert, [])).toContain("account_name:production");
    expect(toTags(sampleAlert(), []).join()).not.toContain("account_name");
  });
});
