import { expect, it } from "vitest";
import { counted } from "../../lib/words.ts";

it("counts one as one, and thousands with commas", () => {
  expect(counted(1, "rule")).toBe("1 rule");
  expect(counted(0, "rule")).toBe("0 rules");
  expect(counted(2900, "record")).toBe("2,900 records");
  expect(counted(2, "entry", "entries")).toBe("2 entries");
});
