import { describe } from "vitest";
import { testTable } from "../contracts/table.ts";
import { asTable, makeMemoryTable } from "./memory-table.ts";

describe("the table in memory", () => {
  const memory = makeMemoryTable();
  testTable(() => asTable(memory));
});
