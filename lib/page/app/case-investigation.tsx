/** The scope *investigation*: questions, answers, and what each rests on. An unknown is said as such. */
import type { Answer } from "../../../lambda/cases/case-schema.ts";
import { ScopeFrame, type ScopeProps, useScope } from "./scope.tsx";
import { fullTime, line } from "./words.ts";

const SOURCES: Readonly<Record<string, string>> = {
  record: "the record",
  alerts: "stored alerts",
  profile: "the actor's profile",
  cloudtrail: "CloudTrail",
  configuration: "the configuration",
};

export function CaseInvestigation({
  id,
  version,
  onOpen,
}: ScopeProps & { readonly onOpen: (id: string) => void }) {
  const scope = useScope(id, "investigation", version);
  return (
    <ScopeFrame scope={scope}>
      {({ value, computedAt }) => (
        <>
          <ol class="answers">
            {value.answers.map((answer) => (
              <li key={answer.id} class="answer">
                <Word answer={answer.answer} />
                <div>
                  <h3>{line(answer.question)}</h3>
                  <p>{line(answer.because, 800)}</p>
                  {answer.evidence.length > 0 && (
                    <ul class="evidence">
                      {answer.evidence.map((one, index) => (
                        <li key={index}>
                          {line(one.what, 600)}{" "}
                          <span class="dim">
                            {SOURCES[one.source]}
                            {one.time === undefined ? "" : `, ${fullTime(one.time)}`}
                          </span>
                          {one.alertId !== undefined && (
                            <Open id={one.alertId} onOpen={onOpen}>
                              the alert
                            </Open>
                          )}
                        </li>
                      ))}
                    </ul>
                  )}
                </div>
              </li>
            ))}
          </ol>
          <p class="dim">As of {fullTime(computedAt)}.</p>
        </>
      )}
    </ScopeFrame>
  );
}

/** One answer in a few words, above the tabs. */
export function Answer3({ answer }: { readonly answer: Answer }) {
  return (
    <span class="glance-one">
      <Word answer={answer.answer} />
      <span>
        <span class="glance-question">{line(answer.question, 200)}</span>
        <span class="glance-because">{line(answer.because, 240)}</span>
      </span>
    </span>
  );
}

function Word({ answer }: { readonly answer: string }) {
  return <span class={`word word-${answer}`}>{answer}</span>;
}

/** A link to another case. */
export function Open({
  id,
  onOpen,
  children,
}: {
  readonly id: string;
  readonly onOpen: (id: string) => void;
  readonly children: string;
}) {
  return (
    <button type="button" class="link" onClick={() => onOpen(id)}>
      {children}
    </button>
  );
}
