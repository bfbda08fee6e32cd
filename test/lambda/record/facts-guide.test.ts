import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { alertSchema } from "../../../lambda/alerts/alert-schema.ts";

const guide = readFileSync(join(import.meta.dirname, "../../../docs/facts.md"), "utf8");
const { actor, channel, outcome } = alertSchema.shape;

describe("the guide to derived facts", () => {
  it.each(Object.keys(actor.shape))("says what actor.%s is", (key) => {
    expect(guide).toMatch(new RegExp(`\`(?:actor)?\\.${key}\``));
  });

  it.each(channel.shape.name.options)("says by what evidence a call is %s", (name) => {
    expect(guide).toMatch(new RegExp(`\\| (?:\\w+, )?${name} \\| (?:high|medium|low) \\|`));
  });

  it.each(outcome.shape.result.options)("says what %s means", (result) => {
    expect(guide).toMatch(new RegExp(`^\\| \`${result}\` \\|`, "m"));
  });
});
