/** The scope *events*: the records behind the alert, each to be unfolded. */
import { textAt } from "../../../lambda/record/untrusted.ts";
import { Json } from "./json.tsx";
import { ScopeFrame, type ScopeProps, useScope } from "./scope.tsx";
import { counted, fullTime, line } from "./words.ts";

export function CaseEvents({ id, version }: ScopeProps) {
  const scope = useScope(id, "events", version);
  return (
    <ScopeFrame scope={scope}>
      {({ value: { events, total } }) => (
        <>
          <p>
            {counted(total, "record")} {total === 1 ? "is" : "are"} behind this alert
            {events.length < total ? `; here are ${events.length} of them` : ""}.
          </p>
          {events.map((event, index) => (
            <details key={`${event.alertId} ${index}`} class="fold event" open={events.length === 1}>
              <summary>
                <time dateTime={event.time}>{fullTime(event.time)}</time>{" "}
                <b>{line(textAt(event.record, "eventName") ?? "a record", 120)}</b>{" "}
                <span class="dim">
                  {line(textAt(event.record, "eventSource"), 80)}{" "}
                  {line(textAt(event.record, "sourceIPAddress"), 80)}{" "}
                  {line(textAt(event.record, "errorCode"), 80)}
                </span>
              </summary>
              <Json value={event.record} label={`record ${index + 1}`} />
            </details>
          ))}
        </>
      )}
    </ScopeFrame>
  );
}
