/** The scope *related alerts*: the nearest first, each with what it shares with this one. */
import { Severity, Status } from "./marks.tsx";
import { ScopeFrame, type ScopeProps, useScope } from "./scope.tsx";
import { counted, fullTime, line } from "./words.ts";

export function CaseRelated({ id, version, onOpen }: ScopeProps & { readonly onOpen: (id: string) => void }) {
  const scope = useScope(id, "related-alerts", version);
  return (
    <ScopeFrame scope={scope}>
      {({ value: { alerts, considered, all } }) => (
        <>
          <p class="dim">
            {counted(considered, "alert")} of the day before and after {considered === 1 ? "was" : "were"}{" "}
            looked at
            {all ? "." : "; there are more."}
          </p>
          {alerts.length === 0 && (
            <p class="empty">Nothing else shares an actor, session, address or resource.</p>
          )}
          <ol class="related">
            {alerts.map(({ rank, why, alert }) => (
              <li key={alert.id}>
                <button type="button" class="related-one" onClick={() => onOpen(alert.id)}>
                  <span class="rank" aria-label={`rank ${rank}`}>
                    {rank}
                  </span>
                  <span class="related-text">
                    <span class="related-title">
                      <Severity severity={alert.severity} /> {line(alert.title)}
                    </span>
                    <span>{line(alert.summary)}</span>
                    <span class="dim">
                      {fullTime(alert.startTime)} · {line(alert.actor.name, 80)}
                    </span>
                    <span class="labels">
                      {why.map((one) => (
                        <span key={one} class="label">
                          {line(one, 200)}
                        </span>
                      ))}
                    </span>
                  </span>
                  <Status row={alert} />
                </button>
              </li>
            ))}
          </ol>
        </>
      )}
    </ScopeFrame>
  );
}
