import * as fc from "fast-check";
import { expect, it } from "vitest";
import { readNotification } from "../../../lambda/intake/notifications.ts";

const s3 = (key: string, eventName = "ObjectCreated:Put") => ({
  eventSource: "aws:s3",
  eventName,
  eventTime: "2026-11-20T09:05:10.000Z",
  s3: { bucket: { name: "trail" }, object: { key, size: 10, versionId: "v1" } },
});
const read = (message: unknown) => readNotification(JSON.stringify(message));
const written = Date.parse("2026-11-20T09:05:10Z");
const object = { bucket: "trail", key: "my logs/a+b.json.gz", versionId: "v1", written };

it("reads S3's own notifications, with their encoded keys", () => {
  expect(read({ Records: [s3("my+logs/a%2Bb.json.gz")] })).toEqual({ ok: true, objects: [object] });
});

it("reads them out of SNS, however often they are wrapped", () => {
  const inner = { Type: "Notification", Message: JSON.stringify({ Records: [s3("my+logs/a%2Bb.json.gz")] }) };
  expect(read(inner)).toEqual({ ok: true, objects: [object] });
  expect(read({ Type: "Notification", Message: JSON.stringify(inner) })).toEqual({
    ok: true,
    objects: [object],
  });
});

it("reads EventBridge's, whose keys are as they are", () => {
  const event = {
    "detail-type": "Object Created",
    source: "aws.s3",
    time: "2026-11-20T09:05:10Z",
    detail: { bucket: { name: "trail" }, object: { key: "my logs/a+b.json.gz", "version-id": "v1" } },
  };
  expect(read(event)).toEqual({ ok: true, objects: [object] });
  expect(read({ ...event, source: "mine" })).toEqual({ ok: true, objects: [] });
  expect(read({ ...event, "detail-type": "Object Deleted" })).toEqual({ ok: true, objects: [] });
});

it("reads those that CloudTrail itself sends to SNS", () => {
  const message = JSON.stringify({ s3Bucket: "trail", s3ObjectKey: ["a.json.gz", "b.json.gz"] });
  expect(read({ Type: "Notification", Message: message })).toEqual({
    ok: true,
    objects: [
      { bucket: "trail", key: "a.json.gz" },
      { bucket: "trail", key: "b.json.gz" },
    ],
  });
});

it("takes its own dead letters back, to be read whatever was read before", () => {
  const letter = {
    engine: "intake",
    reason: "x",
    bucket: "trail",
    key: "a.json.gz",
    written: "2026-11-20T09:05:10.000Z",
  };
  expect(read(letter)).toEqual({
    ok: true,
    objects: [{ bucket: "trail", key: "a.json.gz", written, byHand: true }],
  });
  const body = JSON.stringify({ Records: [s3("a.json.gz")] });
  expect(read({ engine: "intake", reason: "x", body })).toMatchObject({
    ok: true,
    objects: [{ key: "a.json.gz" }],
  });
});

it("lets tests and deletions pass", () => {
  expect(read({ Service: "Amazon S3", Event: "s3:TestEvent", Bucket: "trail" })).toEqual({
    ok: true,
    objects: [],
  });
  expect(read({ Records: [s3("a.json.gz", "ObjectRemoved:Delete")] })).toEqual({ ok: true, objects: [] });
});

it("says of anything else that it is no notification, and keeps the good beside the bad", () => {
  expect(readNotification("{")).toMatchObject({ ok: false });
  expect(read({ a: 1 })).toMatchObject({ ok: false });
  expect(read({ Records: [{ eventSource: "aws:sqs" }] })).toMatchObject({ ok: false });
  expect(read({ Records: [{ eventSource: "aws:sqs" }, s3("a.json.gz")] })).toMatchObject({
    ok: true,
    objects: [{ key: "a.json.gz" }],
    problem: expect.any(String) as string,
  });
});

it("never throws, whatever comes", () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.json(),
        fc.json().map((Message) => JSON.stringify({ Type: "Notification", Message })),
      ),
      (body) => {
        expect(readNotification(body)).toHaveProperty("ok");
      },
    ),
  );
});
