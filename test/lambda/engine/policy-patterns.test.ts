import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { coversAction, isEveryResource, serviceOf } from "../../../lambda/engine/policy-patterns.ts";
import { ACCOUNT } from "./samples.ts";

const name = fc.stringMatching(/^[a-z]{3,12}$/);

describe("the pattern of an action", () => {
  it("covers an action when parts of its name are wildcards, however they are put together", () => {
    const wildcards = fc.stringMatching(/^[*?]{0,3}[*][*]{0,3}$/);
    fc.assert(
      fc.property(name, name, wildcards, fc.nat(), (service, call, wildcard, at) => {
        const wanted = `${service}:${call}`;
        const cut = at % wanted.length;
        expect(coversAction(wanted.slice(0, cut) + wildcard, wanted)).toBe(true);
        expect(coversAction(wildcard + wanted.slice(cut), wanted)).toBe(true);
        expect(coversAction(wanted.slice(0, cut).toUpperCase() + wildcard, wanted)).toBe(true);
      }),
    );
  });

  it("does not cover an action with another letter in it", () => {
    fc.assert(
      fc.property(name, name, fc.nat(), (service, call, at) => {
        const wanted = `${service}:${call}`;
        const cut = at % wanted.length;
        const other = `${wanted.slice(0, cut)}_${wanted.slice(cut + 1)}`;
        expect(coversAction(other, wanted)).toBe(false);
        expect(coversAction(`${other}*`, wanted)).toBe(false);
        expect(coversAction(`${wanted.slice(0, cut)}?${wanted.slice(cut + 1)}`, wanted)).toBe(true);
      }),
    );
  });

  it("asked for all of a service, takes no single letters for all", () => {
    expect(coversAction("iam:*", "iam:*")).toBe(true);
    expect(coversAction("iam:?*", "iam:*")).toBe(true);
    expect(coversAction("iam:?", "iam:*")).toBe(false);
    expect(coversAction("iam:p*", "iam:*")).toBe(false);
  });
});

describe("the pattern of a resource", () => {
  it.each([
    ["arn:aws:iam::*:role/*", "sts:assumerole", true],
    [`arn:aws:iam::${ACCOUNT}:role/?*`, "sts:assumerole", true],
    ["arn:aws:sts::*:*", "sts:assumerole", false],
    ["arn:aws:iam::*:role/cdk-*", "sts:assumerole", false],
    [`arn:aws:lambda:eu-central-1:${ACCOUNT}:function:*`, "lambda:createfunction", true],
    [`arn:aws:lambda:eu-central-1:${ACCOUNT}:function:app-*`, "lambda:createfunction", false],
    ["arn:aws:ec2:*:*:instance/*", "ec2:runinstances", true],
    ["arn:aws:s3:::*", "s3:getobject", true],
    ["arn:aws:s3:::example*", "s3:getobject", false],
    ["arn:aws:s3:::*", "iam:passrole", false],
  ])("%s is everything for %s: %s", (resource, action, all) => {
    expect(isEveryResource(resource, serviceOf(action))).toBe(all);
    expect(isEveryResource(resource, undefined)).toBe(false);
  });

  it("that names anything is not everything, whatever stands around it", () => {
    fc.assert(
      fc.property(
        name,
        fc.stringMatching(/^[*?:]{0,5}$/),
        fc.stringMatching(/^[*?:]{0,5}$/),
        (text, before, after) => {
          expect(isEveryResource(`${before}${text}_${after}*`, undefined)).toBe(false);
        },
      ),
    );
  });
});
