/** The scope *integrations*: where the alert was sent, what came of it, how often it was tried. */
import type { Integration } from "../../../lambda/cases/case-schema.ts";
import { useNow } from "./hooks.ts";
import { ScopeFrame, type ScopeProps, useScope } from "./scope.tsx";
import { ago, counted, fullTime, line } from "./words.ts";

const OUTCOMES: Readonly<Record<Integration["outcome"], string>> = {
  pending: "on its way",
  queued: "waits for the next attempt",
  delivered: "delivered",
  dead: "given up: a dead letter",
};

export function CaseIntegrations({ id, version }: ScopeProps) {
  const scope = useScope(id, "integrations", version);
  const now = useNow();
  return (
    <ScopeFrame scope={scope}>
      {({ value: { integrations } }) =>
        integrations.length === 0 ? (
          <p class="empty">It was sent nowhere.</p>
        ) : (
          <ul class="integrations">
            {integrations.map((one) => (
              <li key={`${one.destination} ${one.part}`} class={`integration outcome-${one.outcome}`}>
                <div class="integration-head">
                  <b>{line(one.destination, 120)}</b>
                  {one.type !== undefined && one.type !== one.destination && (
                    <span class="dim">{line(one.type, 60)}</span>
                  )}
                  <span class="dim">{one.part === "first" ? "first notice" : "summary of the window"}</span>
                  <span class={`outcome-word outcome-${one.outcome}`}>{OUTCOMES[one.outcome]}</span>
                </div>
                <div>
                  {counted(one.attempts, "attempt")}
                  {one.attempts > 1 ? `, ${counted(one.attempts - 1, "retry", "retries")}` : ""}
                  {"; first "}
                  {fullTime(one.firstAttempt)}
                  {one.lastAttempt === undefined || one.attempts < 2
                    ? ""
                    : `, last ${fullTime(one.lastAttempt)}`}
                  {one.nextAttempt === undefined
                    ? ""
                    : `; next not before ${fullTime(one.nextAttempt)} (${ago(one.nextAttempt, now)})`}
                </div>
                {one.reason !== undefined && <div class="differ">{line(one.reason, 800)}</div>}
              </li>
            ))}
          </ul>
        )
      }
    </ScopeFrame>
  );
}
