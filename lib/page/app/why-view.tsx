/** *Why did it not fire?*: a pasted record, and what the rules make of it from the event bus to the alert. */
import { useState } from "preact/hooks";
import type { Explanation } from "../../explain/explanation-schema.ts";
import type { WhyAnswer } from "../exchange.ts";
import { type About, sendWhy } from "./api.ts";
import { ConditionTree } from "./condition-tree.tsx";
import { Problem, Severity, Verdict } from "./marks.tsx";
import { counted, line } from "./words.ts";

const MAX_BYTES = 262_144;

export function WhyView({ rules }: { readonly rules: About["rules"] }) {
  const [text, setText] = useState("");
  const [ruleId, setRuleId] = useState("");
  const [index, setIndex] = useState(0);
  const [answer, setAnswer] = useState<WhyAnswer>();
  const [problem, setProblem] = useState("");
  const [isBusy, setBusy] = useState(false);
  const ask = async (at: number): Promise<void> => {
    setProblem("");
    setAnswer(undefined);
    setIndex(at);
    if (text.trim() === "") return setProblem("Paste a CloudTrail record.");
    if (new TextEncoder().encode(text).length > MAX_BYTES)
      return setProblem("That is too much: 256 KB at most.");
    setBusy(true);
    try {
      setAnswer(await sendWhy({ text, index: at, ...(ruleId === "" ? {} : { ruleId }) }));
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
    }
    setBusy(false);
    return undefined;
  };
  return (
    <main class="sheet">
      <h1>Why did it not fire?</h1>
      <p>
        Paste a CloudTrail record, the EventBridge event around it, or what{" "}
        <code>aws cloudtrail lookup-events</code> prints. It stays on this machine.
      </p>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void ask(0);
        }}
      >
        <label class="field">
          <span>Record</span>
          <textarea
            class="paste"
            rows={10}
            spellcheck={false}
            value={text}
            placeholder='{ "eventVersion": "1.11", "eventSource": "ec2.amazonaws.com", … }'
            onInput={(event) => setText(event.currentTarget.value)}
          />
        </label>
        <div class="field-row">
          <label class="field">
            <span>Rule</span>
            <select value={ruleId} onChange={(event) => setRuleId(event.currentTarget.value)}>
              <option value="">those that come nearest</option>
              {rules.map(({ id }) => (
                <option key={id} value={id}>
                  {line(id, 160)}
                </option>
              ))}
            </select>
          </label>
          <button type="submit" class="button primary" disabled={isBusy}>
            {isBusy ? "Explaining …" : "Explain"}
          </button>
        </div>
      </form>
      <div aria-live="polite">
        {problem !== "" && <Problem message={problem} />}
        {answer?.ok === false && <Problem message={line(answer.message, 800)} />}
        {answer?.ok === true && (
          <>
            {answer.records.length > 1 && (
              <label class="field">
                <span>{counted(answer.records.length, "record")} in the text; explained is</span>
                <select
                  value={String(index)}
                  onChange={(event) => void ask(Number(event.currentTarget.value))}
                >
                  {answer.records.map((name, at) => (
                    <option key={at} value={String(at)}>
                      {line(name, 160)}
                    </option>
                  ))}
                </select>
              </label>
            )}
            <p class="dim">
              {counted(answer.tried, "rule is", "rules are")} tried on such a record
              {answer.tried > answer.explanations.length
                ? `; the ${answer.explanations.length} that come nearest:`
                : ":"}
            </p>
            {answer.explanations.map((explanation, at) => (
              <Explained key={explanation.rule.id} explanation={explanation} isOpen={at === 0} />
            ))}
          </>
        )}
      </div>
    </main>
  );
}

function Explained({ explanation, isOpen }: { readonly explanation: Explanation; readonly isOpen: boolean }) {
  const { rule, delivery, conditions, verdict } = explanation;
  return (
    <details class="fold explained" open={isOpen}>
      <summary>
        <Verdict holds={verdict.alerts} words={verdict.alerts ? "alerts" : "does not alert"} />{" "}
        <Severity severity={rule.severity} /> {line(rule.id, 200)}
      </summary>
      <p class="because">{because(explanation)}</p>
      <ol class="steps">
        <li>
          <Verdict holds={delivery.delivered} words={delivery.delivered ? "delivered" : "not delivered"} />{" "}
          EventBridge{" "}
          {delivery.delivered
            ? `lets it through: ${delivery.by.map(({ name }) => line(name, 80)).join(", ")}.`
            : delivery.readHeldBack
              ? "holds it back: the pattern matches, but the rule's state keeps read-only calls away."
              : "does not let it through:"}
          {!delivery.delivered && (
            <ul class="misses">
              {delivery.misses.map((miss) => (
                <li key={miss.field}>
                  <code>{line(miss.field, 200)}</code> wants{" "}
                  <code>{line(JSON.stringify(miss.wanted), 300)}</code>, saw{" "}
                  <code>{miss.saw.length === 0 ? "nothing" : line(JSON.stringify(miss.saw), 300)}</code>
                  {miss.inOtherElement ? " (in another element of the list)" : ""}
                </li>
              ))}
            </ul>
          )}
        </li>
        <li>
          <Verdict holds={verdict.matches} words={verdict.matches ? "matches" : "does not match"} />{" "}
          {verdict.tried
            ? "The conditions:"
            : `The rule is only tried on records of ${line(rule.eventSource ?? "", 80)}. Its conditions:`}
          <ConditionTree condition={conditions} />
        </li>
        {verdict.disposition !== undefined && verdict.disposition !== "delivered" && (
          <li>
            <Verdict holds={false} words={verdict.disposition} />{" "}
            {verdict.suppression === undefined
              ? "The rule is staged: its alerts go nowhere until it is trusted."
              : `The suppression ${line(verdict.suppression.id, 120)} of ${line(verdict.suppression.owner, 80)} holds until ${line(verdict.suppression.expires, 20)}: ${line(verdict.suppression.reason)}`}
          </li>
        )}
        {verdict.notes.map((note) => (
          <li key={note} class="differ">
            {line(note, 600)}
          </li>
        ))}
      </ol>
    </details>
  );
}

/** The one reason that comes first. */
function because({ delivery, verdict }: Explanation): string {
  if (verdict.alerts) return "It alerts: somebody is told.";
  if (!verdict.tried) return "The rule is for records of another service.";
  if (!verdict.matches && !delivery.delivered)
    return "The conditions do not hold, and EventBridge would not deliver it for them either.";
  if (!verdict.matches) return "It is delivered, but the conditions do not hold.";
  if (!delivery.delivered) return "The conditions hold, but EventBridge does not deliver the record.";
  return "It matches, and the alert is kept back.";
}
