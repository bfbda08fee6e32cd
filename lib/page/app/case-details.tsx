/** The scope *details*: why the rule fired, on the left; the record with the fields that it rested on lit, on the right. */
import { useState } from "preact/hooks";
import type { ExplainedCondition } from "../../../lambda/explain/condition-schema.ts";
import { ConditionTree } from "./condition-tree.tsx";
import { Json } from "./json.tsx";
import { RecordTree } from "./record-tree.tsx";
import { ScopeFrame, type ScopeProps, useScope } from "./scope.tsx";
import { line } from "./words.ts";

export function CaseDetails({ id, version }: ScopeProps) {
  const scope = useScope(id, "details", version);
  return (
    <ScopeFrame scope={scope}>
      {({ value: { alert, rule, eventRules } }) => (
        <div class="details">
          <div class="details-why">
            <h2>Why it fired</h2>
            {alert.rule.description !== undefined && <p>{line(alert.rule.description, 1500)}</p>}
            {rule === undefined ? (
              <p class="note">The rule is not in the rule set any more, so its conditions cannot be shown.</p>
            ) : (
              <ConditionTree condition={rule.conditions as ExplainedCondition} />
            )}
            {alert.rule.runbook !== undefined && (
              <>
                <h2>What to do</h2>
                <p>{line(alert.rule.runbook, 2000)}</p>
              </>
            )}
            {alert.rule.falsePositives !== undefined && (
              <>
                <h2>When it is nothing</h2>
                <p>{line(alert.rule.falsePositives, 1500)}</p>
              </>
            )}
            <Labels alert={alert} />
            <h2>What let it through</h2>
            {eventRules.length === 0 ? (
              <p class="dim">No EventBridge rule of now lets this record through.</p>
            ) : (
              eventRules.map(({ name, state, eventPattern }) => (
                <details key={name} class="fold">
                  <summary>
                    {line(name, 120)} <span class="dim">{stateOf(state)}</span>
                  </summary>
                  <Json value={eventPattern} label={`the event pattern ${name}`} />
                </details>
              ))
            )}
          </div>
          <div class="details-record">
            <RecordHead record={alert.record} lit={rule?.matchedKeys ?? []} />
          </div>
        </div>
      )}
    </ScopeFrame>
  );
}

function RecordHead({ record, lit }: { readonly record: object; readonly lit: readonly string[] }) {
  const [isRaw, setRaw] = useState(false);
  return (
    <>
      <div class="with-switch">
        <h2>The record</h2>
        {lit.length > 0 && !isRaw && (
          <span class="dim">
            <mark>lit</mark>: what the rule rested on
          </span>
        )}
        <button type="button" class="button small" aria-pressed={isRaw} onClick={() => setRaw(!isRaw)}>
          JSON
        </button>
      </div>
      {isRaw ? <Json value={record} label="the record" /> : <RecordTree record={record} lit={lit} />}
    </>
  );
}

function Labels({
  alert: {
    rule: { attack, tags, references },
    links,
    notes,
  },
}: {
  readonly alert: {
    readonly rule: {
      readonly attack: readonly string[];
      readonly tags: readonly string[];
      readonly references: readonly string[];
    };
    readonly links: { readonly record?: string | undefined };
    readonly notes?: readonly string[] | undefined;
  };
}) {
  const addresses = [...(links.record === undefined ? [] : [links.record]), ...references].filter((one) =>
    one.startsWith("https://"),
  );
  return (
    <>
      {[...attack, ...tags].length > 0 && (
        <p class="labels">
          {[...attack, ...tags].map((label) => (
            <span key={label} class="label">
              {line(label, 60)}
            </span>
          ))}
        </p>
      )}
      {addresses.map((address) => (
        <p key={address} class="reference">
          <a href={address} target="_blank" rel="noopener noreferrer">
            {line(address === links.record ? "The record in the CloudTrail console" : address, 160)}
          </a>
        </p>
      ))}
      {(notes ?? []).map((note) => (
        <p key={note} class="note">
          {line(note, 600)}
        </p>
      ))}
    </>
  );
}

function stateOf(state: string): string {
  if (state === "ENABLED") return "management writes";
  return state === "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS" ? "reads, too" : line(state, 80);
}
