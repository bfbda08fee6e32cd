import { expect, it } from "vitest";
import { decodeNotifiedKey, kindOfKey } from "../../../lambda/intake/log-key.ts";

const name = "eu-west-1/2026/11/20/123456789012_CloudTrail_eu-west-1_20261120T0905Z_AbCdEfGhIjKlMnOp.json.gz";

it.each([
  [`AWSLogs/123456789012/CloudTrail/${name}`, "records"],
  [`some/prefix/AWSLogs/o-abcde12345/123456789012/CloudTrail/${name}`, "records"],
  [`AWSLogs/123456789012/CloudTrail-Digest/${name}`, "digest"],
  [`AWSLogs/o-abcde12345/123456789012/CloudTrail-Digest/${name}`, "digest"],
  [`AWSLogs/123456789012/CloudTrail-Insight/${name}`, "insight"],
  ["AWSLogs/123456789012/elasticloadbalancing/eu-west-1/2026/11/20/a.json.gz", "other"],
  ["AWSLogs/123456789012/Config/eu-west-1/2026/11/20/ConfigHistory/a.json.gz", "other"],
  ["AWSLogs/123456789012/CloudTrail/", "other"],
  ["copies/2026-11-20.json.gz", "records"],
  ["copies/readme.txt", "other"],
])("%s holds %s", (key, kind) => {
  expect(kindOfKey(key)).toBe(kind);
});

it("decodes keys as S3 writes them, and leaves what is not so written", () => {
  expect(decodeNotifiedKey("my+trail%2Ba/AWSLogs/%C3%A9.json.gz")).toBe("my trail+a/AWSLogs/é.json.gz");
  expect(decodeNotifiedKey("100%")).toBe("100%");
});
