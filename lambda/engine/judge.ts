/**
 * json-rules-engine, asked about one rule and one record, with only the facts that the rule names.
 *
 * Each rule has Engines of its own, because one operator that throws rejects a whole run, and because an Engine that is
 * run twice at the same time may skip rules (its `status` is shared): an idle one is taken, or another one is made.
 */
import type { Engine } from "json-rules-engine";
import { parseFactPath } from "../record/fact-path.ts";
import { readerOf } from "../record/fact-reader.ts";
import type { CloudTrailRecord } from "../record/record.ts";
import { literalsOf, type NormalCondition } from "./conditions.ts";
import { compileOperator } from "./operator-name.ts";
import { factOfValue } from "./predicate.ts";

/** Whether the rule matches the record; rejects when evaluating it fails. */
export type Judge = (record: CloudTrailRecord) => Promise<boolean>;

/** Makes the judge of one rule. */
export function createJudge(condition: NormalCondition): Judge {
  const literals = literalsOf(condition);
  const names = new Set(literals.flatMap(({ fact, value }) => [fact, factOfValue(value) ?? fact]));
  const readers = [...names].map((name) => [name, readerOf(parseFactPath(name))] as const);
  const operators = new Map(literals.map(({ operator }) => [operator, compileOperator(operator)]));
  const idle: Engine[] = [];

  async function makeEngine(): Promise<Engine> {
    // Loaded when the first candidate is judged: most records have none, and a cold start should not wait for it.
    const { Engine: RulesEngine } = await import("./rules-engine.ts");
    const engine = new RulesEngine([], { allowUndefinedFacts: true });
    for (const [name, holds] of operators) engine.addOperator(name, holds);
    const conditions = "all" in condition || "any" in condition ? condition : { all: [condition] };
    engine.addRule({ conditions: conditions as never, event: { type: "match" } });
    return engine;
  }

  return async (record) => {
    const engine = idle.pop() ?? (await makeEngine());
    const facts: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
    for (const [name, read] of readers) {
      const value = read(record);
      if (value !== undefined) facts[name] = value;
    }
    const { events } = await engine.run(facts);
    idle.push(engine);
    return events.length > 0;
  };
}
