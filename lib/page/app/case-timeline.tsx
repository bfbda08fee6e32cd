/** The scope *timeline*: what the actor did, what was told, what people did, in the order of time. */
import { Open } from "./case-investigation.tsx";
import { Severity } from "./marks.tsx";
import { ScopeFrame, type ScopeProps, useScope } from "./scope.tsx";
import { fullTime, line } from "./words.ts";

const KINDS: Readonly<Record<string, string>> = {
  "this-alert": "this alert",
  alert: "alert",
  delivery: "delivery",
  status: "status",
  comment: "comment",
};

export function CaseTimeline({
  id,
  version,
  onOpen,
}: ScopeProps & { readonly onOpen: (id: string) => void }) {
  const scope = useScope(id, "timeline", version);
  return (
    <ScopeFrame scope={scope}>
      {({ value: { entries, all } }) => (
        <>
          <ol class="timeline">
            {entries.map((entry) => (
              <li key={entry.id} class={`moment moment-${entry.kind}`}>
                <time dateTime={entry.at}>{fullTime(entry.at)}</time>
                <span class="kind">{KINDS[entry.kind]}</span>
                <div>
                  {entry.severity !== undefined && <Severity severity={entry.severity} />}{" "}
                  {line(entry.text, 1000)}
                  {entry.by !== undefined && <span class="dim"> {line(entry.by, 120)}</span>}{" "}
                  {entry.alertId !== undefined && entry.alertId !== id && (
                    <Open id={entry.alertId} onOpen={onOpen}>
                      open
                    </Open>
                  )}
                </div>
              </li>
            ))}
          </ol>
          {!all && <p class="dim">There is more than is shown here.</p>}
        </>
      )}
    </ScopeFrame>
  );
}
