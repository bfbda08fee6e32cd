import { describe, expect, it } from "vitest";
import {
  TemplateError,
  readTemplate,
  resolve,
  resolveText,
  resourcesOf,
} from "../../../lib/local/template.ts";
import type { LocalValues } from "../../../lib/local/template.ts";

const values: LocalValues = {
  account: "123456789012",
  region: "us-east-1",
  stackName: "Engine",
  resources: new Map([["Topic", { ref: "arn:topic", attributes: { TopicName: "t" } }]]),
};
const read = (value: unknown) => resolve(value, values, "Resources.X");

describe("a synthesised template", () => {
  it.each([
    ["a resource's Ref", { Ref: "Topic" }, "arn:topic"],
    ["a pseudo parameter", { Ref: "AWS::Region" }, "us-east-1"],
    ["an attribute", { "Fn::GetAtt": ["Topic", "TopicName"] }, "t"],
    ["an attribute with a dot", { "Fn::GetAtt": "Topic.TopicName" }, "t"],
    ["Fn::Join", { "Fn::Join": ["", ['[{"arn":"', { Ref: "Topic" }, '"}]']] }, '[{"arn":"arn:topic"}]'],
    ["Fn::Split and Fn::Select", { "Fn::Select": [1, { "Fn::Split": [":", { Ref: "Topic" }] }] }, "topic"],
    ["Fn::Sub", { "Fn::Sub": "${AWS::Partition}:${Topic.TopicName}:${!Literal}" }, "aws:t:${Literal}"],
    ["Fn::Sub with its own names", { "Fn::Sub": ["${A}", { A: { Ref: "Topic" } }] }, "arn:topic"],
    [
      "what is nested",
      { a: [{ b: { Ref: "Topic" } }], c: 1, d: null },
      { a: [{ b: "arn:topic" }], c: 1, d: null },
    ],
    ["AWS::NoValue, which takes its key away", { a: { Ref: "AWS::NoValue" }, b: 1 }, { b: 1 }],
  ])("has %s resolved", (_, value, expected) => {
    expect(read(value)).toEqual(expected);
  });

  it.each([
    ["a reference to nothing", { Ref: "Nobody" }, "Resources.X refers to Nobody"],
    [
      "an attribute that nothing stands in for",
      { a: [{ "Fn::GetAtt": ["Topic", "Owner"] }] },
      "Resources.X.a[0] refers to Topic.Owner",
    ],
    ["a function it does not know", { "Fn::ImportValue": "x" }, "Resources.X uses Fn::ImportValue"],
    ["a join of nothing", { "Fn::Join": ["", 1] }, "Resources.X uses Fn::Join"],
  ])("is refused, with the place, for %s", (_, value, message) => {
    expect(() => read(value)).toThrow(message);
  });

  it("is refused where a text is expected and something else stands", () => {
    expect(() => resolveText({ a: 1 }, values, "Resources.F.Handler")).toThrow(
      "Resources.F.Handler: expected a text",
    );
  });

  it("gives its resources by type, and is refused without any", () => {
    const template = readTemplate({
      Resources: { A: { Type: "X" }, B: { Type: "Y", Properties: { p: 1 } } },
    });
    expect(resourcesOf(template, "Y")).toEqual([["B", { Type: "Y", Properties: { p: 1 } }]]);
    expect(() => readTemplate({})).toThrow(TemplateError);
  });
});
