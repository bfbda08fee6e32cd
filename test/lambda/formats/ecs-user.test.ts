import { describe, expect, it } from "vitest";
import { toEcs } from "../../../lambda/formats/ecs.ts";
import { actedUpon } from "../../../lambda/formats/ecs-user.ts";
import { sampleAlert } from "../alerts/sample.ts";

const upon = (record: Readonly<Record<string, unknown>>): unknown =>
  actedUpon({ eventSource: "iam.amazonaws.com", ...record });

describe("actedUpon", () => {
  it.each([
    ["the user of the request", { requestParameters: { userName: "bob" } }, { target: { name: "bob" } }],
    [
      "the user who was made, with the id",
      {
        requestParameters: { userName: "bob" },
        responseElements: { user: { userId: "AIDAEXAMPLE", userName: "bob" } },
      },
      { target: { name: "bob", id: "AIDAEXAMPLE" } },
    ],
    [
      "whoever made a key without saying for whom",
      { requestParameters: null, responseElements: { accessKey: { userName: "bob" } } },
      { target: { name: "bob" } },
    ],
    [
      "a user and a group",
      { requestParameters: { userName: "bob", groupName: "admins" } },
      { target: { name: "bob" }, group: { name: "admins" } },
    ],
    [
      "a new name",
      { requestParameters: { userName: "bob", newUserName: "rob" } },
      { target: { name: "bob" }, changes: { name: "rob" } },
    ],
    [
      "a member of a group of Identity Center, by id",
      {
        eventSource: "identitystore.amazonaws.com",
        requestParameters: { groupId: "g-1", memberId: { userId: "u-1" } },
      },
      { target: { id: "u-1" }, group: { id: "g-1" } },
    ],
    [
      "nobody, where the name is hidden",
      { requestParameters: { userName: "HIDDEN_DUE_TO_SECURITY_REASONS" } },
      {},
    ],
    ["nobody, where a role is changed", { requestParameters: { roleName: "Admin" } }, {}],
    [
      "nobody outside directories",
      { eventSource: "rds.amazonaws.com", requestParameters: { userName: "x" } },
      {},
    ],
    ["nobody, where the fields are no text", { requestParameters: { userName: ["bob"], groupName: {} } }, {}],
  ])("finds %s", (_what, record, expected) => {
    expect(JSON.parse(JSON.stringify(upon(record)))).toEqual(expected);
  });
});

describe("the user of a document", () => {
  it("has the rights of the role that this call assumed", () => {
    const { user, event } = toEcs(
      sampleAlert({
        eventSource: "sts.amazonaws.com",
        eventName: "AssumeRole",
        responseElements: {
          assumedRoleUser: {
            arn: "arn:aws:sts::210987654321:assumed-role/Audit/alice",
            assumedRoleId: "AROAOTHER:alice",
          },
        },
      }),
    );
    expect(user).toMatchObject({ effective: { id: "AROAOTHER:alice", name: "Audit" } });
    expect(event).toMatchObject({ category: ["session", "api"], type: ["start"] });
  });

  it("names whom the call was about, and finds them among all users", () => {
    const { user, related, group } = toEcs(
      sampleAlert({
        eventSource: "iam.amazonaws.com",
        eventName: "AddUserToGroup",
        requestParameters: { userName: "bob", groupName: "admins" },
      }),
    );
    expect(user).toMatchObject({ target: { name: "bob" } });
    expect(group).toEqual({ name: "admins" });
    expect(related).toMatchObject({ user: expect.arrayContaining(["bob"]) });
  });
});
