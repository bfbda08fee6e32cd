/** One case: what happened in a glance, what can be done about it, the answers that matter, and a tab for each scope. */
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { Answer, Case, CaseRow, ScopeName } from "../../../lambda/cases/case-schema.ts";
import { fetchCase } from "./api.ts";
import { CaseDetails } from "./case-details.tsx";
import { CaseEvents } from "./case-events.tsx";
import { CaseFormats } from "./case-formats.tsx";
import { CaseIntegrations } from "./case-integrations.tsx";
import { CaseInvestigation, Answer3 } from "./case-investigation.tsx";
import { CaseRelated } from "./case-related.tsx";
import { CaseTimeline } from "./case-timeline.tsx";
import type { Filter } from "./filters.ts";
import { useNow, useReply } from "./hooks.ts";
import { Problem, Severity, Status } from "./marks.tsx";
import { useScope } from "./scope.tsx";
import { ago, counted, fullTime, line, placeOf, REASONS } from "./words.ts";

const TABS = [
  { tab: "details", label: "Details" },
  { tab: "investigation", label: "Investigation" },
  { tab: "events", label: "Events" },
  { tab: "related-alerts", label: "Related" },
  { tab: "integrations", label: "Integrations" },
  { tab: "timeline", label: "Timeline" },
  { tab: "formats", label: "Formats" },
] as const satisfies readonly { tab: ScopeName | "formats"; label: string }[];

type Props = {
  readonly id: string;
  readonly tab: string;
  readonly row: CaseRow | undefined;
  readonly formats: readonly string[];
  readonly onTab: (tab: string) => void;
  readonly onBack: () => void;
  readonly onOpen: (id: string) => void;
  readonly onFilter: (filter: Partial<Filter>) => void;
  readonly onStatus: (status: "acknowledged" | "open") => void;
  readonly onDialog: (dialog: "close" | "comment" | "suppress") => void;
};

export function CaseView(props: Props) {
  const { id, row, onBack, onOpen, onTab, formats } = props;
  // A change by anybody comes with the stream: then the case is read again.
  const version = `${row?.status} ${row?.changedAt} ${row?.count} ${row?.endTime}`;
  const reply = useReply(id, version, () => fetchCase(id));
  const title = useRef<HTMLHeadingElement>(null);
  const frame = useRef<HTMLElement>(null);
  const active = TABS.find(({ tab }) => tab === props.tab)?.tab ?? "details";
  useEffect(() => {
    frame.current?.scrollTo({ top: 0 });
    title.current?.focus({ preventScroll: true });
  }, [id, reply.state === "here"]);
  return (
    <section class="column-case" aria-label="Case" ref={frame}>
      <div class="case-top">
        <button type="button" class="button small" onClick={onBack}>
          <span aria-hidden="true">←</span> Alerts
        </button>
        <kbd aria-hidden="true">Esc</kbd>
      </div>
      {reply.state === "loading" && <p class="empty">Loading …</p>}
      {reply.state === "failed" && <Problem message={reply.message} />}
      {reply.state === "here" && (
        <>
          <Summary {...props} found={reply.value} titleRef={title} />
          <Glance id={id} version={version} onOpen={() => onTab("investigation")} />
          <div
            class="case-tabs"
            role="tablist"
            aria-label="What is known of it"
            onKeyDown={(event) => turn(event, active, onTab)}
          >
            {TABS.map(({ tab, label }) => (
              <button
                key={tab}
                id={`tab-${tab}`}
                type="button"
                role="tab"
                class="tab"
                aria-selected={active === tab}
                aria-controls="tab-panel"
                tabIndex={active === tab ? 0 : -1}
                onClick={() => onTab(tab)}
              >
                {label}
              </button>
            ))}
          </div>
          <div
            id="tab-panel"
            class="tab-panel"
            role="tabpanel"
            aria-labelledby={`tab-${active}`}
            tabIndex={0}
          >
            {active === "details" && <CaseDetails id={id} version={version} />}
            {active === "investigation" && <CaseInvestigation id={id} version={version} onOpen={onOpen} />}
            {active === "events" && <CaseEvents id={id} version={version} />}
            {active === "related-alerts" && <CaseRelated id={id} version={version} onOpen={onOpen} />}
            {active === "integrations" && <CaseIntegrations id={id} version={version} />}
            {active === "timeline" && <CaseTimeline id={id} version={version} onOpen={onOpen} />}
            {active === "formats" && <CaseFormats id={id} version={version} formats={formats} />}
          </div>
        </>
      )}
    </section>
  );
}

/** Arrow keys go from tab to tab, as tabs do everywhere. */
function turn(event: KeyboardEvent, active: string, onTab: (tab: string) => void): void {
  const at = TABS.findIndex(({ tab }) => tab === active);
  const steps: Readonly<Record<string, number>> = {
    ArrowRight: at + 1,
    ArrowLeft: at - 1,
    Home: 0,
    End: TABS.length - 1,
  };
  const step = steps[event.key];
  if (step === undefined) return;
  event.preventDefault();
  const next = TABS[(step + TABS.length) % TABS.length];
  if (next === undefined) return;
  onTab(next.tab);
  document.getElementById(`tab-${next.tab}`)?.focus();
}

function Summary({
  found: { row, alert, history },
  titleRef,
  onFilter,
  onStatus,
  onDialog,
}: Props & { readonly found: Case; readonly titleRef: { current: HTMLHeadingElement | null } }) {
  const now = useNow();
  const last = history.findLast(({ to }) => to !== undefined);
  const { actor } = alert;
  return (
    <div class={`case-head sev-${row.severity}`}>
      <div class="case-marks">
        <Severity severity={row.severity} />
        <Status row={row} />
        {row.number !== undefined && <span class="dim">#{row.number}</span>}
        <span class="dim">
          {fullTime(row.startTime)}, {ago(row.startTime, now)}
          {row.count > 1 ? `; ${counted(row.count, "record")} until ${fullTime(row.endTime)}` : ""}
        </span>
      </div>
      <h1 ref={titleRef} tabIndex={-1}>
        {line(row.title)}
      </h1>
      <p class="case-summary">{line(row.summary, 1000)}</p>
      <dl class="facts">
        <Fact name="Actor" isWide>
          <button
            type="button"
            class="link"
            title="Alerts of this actor"
            onClick={() => onFilter({ actor: row.actor.key })}
          >
            {line(actor.name, 120)}
          </button>{" "}
          <span class="dim">
            {line(actor.type, 60)}
            {actor.root ? ", root" : ""}
            {actor.mfa === undefined ? "" : actor.mfa ? ", with MFA" : ", without MFA"}
          </span>
          {actor.arn !== undefined && <code class="fact-more">{line(actor.arn, 300)}</code>}
        </Fact>
        <Fact name="Call">
          {line(row.eventName, 120)} <span class="dim">{line(row.service, 80)}</span>
          {alert.outcome.result !== "success" && (
            <span class="outcome">
              {alert.outcome.result}
              {alert.outcome.errorCode === undefined ? "" : `: ${line(alert.outcome.errorCode, 80)}`}
            </span>
          )}
        </Fact>
        <Fact name="How">
          {row.channel} <span class="dim">{alert.channel.confidence} confidence</span>
        </Fact>
        <Fact name="From">
          {line(row.ip ?? "unknown", 80)}
          {alert.source.userAgent !== undefined && (
            <span class="dim fact-more">{line(alert.source.userAgent, 160)}</span>
          )}
        </Fact>
        <Fact name="Where">{placeOf(row) === "" ? "unknown" : placeOf(row)}</Fact>
        <Fact name="Rule">
          <button
            type="button"
            class="link"
            title="Alerts of this rule"
            onClick={() => onFilter({ rule: row.ruleId })}
          >
            {line(row.ruleId, 160)}
          </button>
        </Fact>
        {row.resources.length > 0 && (
          <Fact name={row.resources.length === 1 ? "Resource" : "Resources"}>
            {row.resources.map((arn) => (
              <code key={arn} class="fact-more">
                {line(arn, 300)}
              </code>
            ))}
          </Fact>
        )}
      </dl>
      {alert.suppression !== undefined && (
        <p class="note">
          Nobody was told: the suppression {line(alert.suppression.id, 120)} of{" "}
          {line(alert.suppression.owner, 80)} holds until {line(alert.suppression.expires, 20)}.{" "}
          {line(alert.suppression.reason)}
        </p>
      )}
      {last?.to === "closed" && (
        <p class="note">
          Closed by {line(last.by, 120)}, {ago(last.at, now)}: {REASONS[last.reason ?? "other"]}.
          {last.comment === undefined ? "" : ` “${line(last.comment)}”`}
        </p>
      )}
      <div class="actions" role="group" aria-label="Actions">
        {row.status === "open" && (
          <button type="button" class="button primary" onClick={() => onStatus("acknowledged")}>
            Acknowledge <kbd>a</kbd>
          </button>
        )}
        {row.status === "closed" ? (
          <button type="button" class="button" onClick={() => onStatus("open")}>
            Reopen
          </button>
        ) : (
          <button type="button" class="button" onClick={() => onDialog("close")}>
            Close … <kbd>c</kbd>
          </button>
        )}
        <button type="button" class="button" onClick={() => onDialog("comment")}>
          Comment … <kbd>m</kbd>
        </button>
        <button type="button" class="button" onClick={() => onDialog("suppress")}>
          Suppress this … <kbd>s</kbd>
        </button>
      </div>
    </div>
  );
}

function Fact({
  name,
  isWide = false,
  children,
}: {
  readonly name: string;
  readonly isWide?: boolean;
  readonly children: ComponentChildren;
}) {
  return (
    <div class={isWide ? "fact wide" : "fact"}>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** The two or three answers that somebody who was just woken wants. */
function Glance({
  id,
  version,
  onOpen,
}: {
  readonly id: string;
  readonly version: string;
  readonly onOpen: () => void;
}) {
  const scope = useScope(id, "investigation", version);
  if (scope.state !== "ready") return null;
  const answers: readonly Answer[] = scope.value.answers
    .filter(({ weight }) => weight > 0)
    .toSorted((a, b) => b.weight - a.weight)
    .slice(0, 3);
  if (answers.length === 0) return null;
  return (
    <button
      type="button"
      class="glance"
      onClick={onOpen}
      aria-label="The answers that matter; open the investigation"
    >
      {answers.map((answer) => (
        <Answer3 key={answer.id} answer={answer} />
      ))}
    </button>
  );
}
