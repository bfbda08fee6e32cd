/** The conditions of a rule as they are written, each with its verdict, what it saw, and what would have been different. */
import type { ExplainedComparison, ExplainedCondition } from "../../../lambda/explain/condition-schema.ts";
import { Verdict } from "./marks.tsx";
import { counted, line } from "./words.ts";

const GROUPS: Readonly<Record<string, string>> = { all: "all of", any: "any of", not: "not" };

export function ConditionTree({ condition }: { readonly condition: ExplainedCondition }) {
  return (
    <ul class="tree conditions">
      <Condition condition={condition} />
    </ul>
  );
}

function Condition({ condition }: { readonly condition: ExplainedCondition }) {
  if (condition.kind === "comparison") return <Comparison comparison={condition} />;
  // Of alternatives one is enough: those that changed nothing stand back.
  const isChosen = condition.kind === "any" && condition.holds;
  const shown = condition.conditions.filter(({ holds }) => holds || !isChosen);
  const others = condition.conditions.filter((one) => !shown.includes(one));
  const name = condition.kind === "shared" ? `${line(condition.condition, 120)}:` : GROUPS[condition.kind];
  return (
    <li class={condition.decisive ? "" : "idle"}>
      <div class="condition">
        <Verdict holds={condition.holds} />
        <span>
          <b>{name}</b>
          {condition.name === undefined ? "" : ` ${line(condition.name, 120)}`}
        </span>
      </div>
      <ul>
        {shown.map((one, index) => (
          <Condition key={index} condition={one} />
        ))}
        {others.length > 0 && (
          <li>
            <details class="others">
              <summary>{counted(others.length, "other does", "others do")} not hold</summary>
              <ul>
                {others.map((one, index) => (
                  <Condition key={index} condition={one} />
                ))}
              </ul>
            </details>
          </li>
        )}
      </ul>
    </li>
  );
}

function Comparison({ comparison }: { readonly comparison: ExplainedComparison }) {
  const { fact, operator, value, saw, holds, decisive, expected, list, toDiffer, name } = comparison;
  return (
    <li class={decisive ? "" : "idle"}>
      <div class="condition">
        <Verdict holds={holds} />
        <div>
          {name !== undefined && <div class="dim">{line(name, 120)}</div>}
          <code class="fact-name">{line(fact, 200)}</code> <span class="operator">{line(operator, 60)}</span>{" "}
          <code>{textOf(value, expected, list)}</code>
          <div class="saw">
            saw <code>{saw === "" ? "nothing" : line(saw, 600)}</code>
            {list?.matched !== undefined && (
              <>
                , which meets <code>{line(list.matched, 200)}</code>
              </>
            )}
          </div>
          {!holds && toDiffer !== undefined && <div class="differ">{line(toDiffer, 400)}</div>}
        </div>
      </div>
    </li>
  );
}

function textOf(
  value: unknown,
  expected: ExplainedComparison["expected"],
  list: ExplainedComparison["list"],
): string {
  if (expected !== undefined) return `${line(expected.fact, 200)}, which is ${line(expected.saw, 300)}`;
  if (list !== undefined) return `the list ${line(list.name, 120)} of ${list.values}`;
  return line(JSON.stringify(value) ?? "", 600);
}
