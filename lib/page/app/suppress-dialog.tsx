/** *Suppress this*: what a person fills in, and the file that comes of it, judged at each change. It is never written. */
import { useEffect, useState } from "preact/hooks";
import type { CaseRow } from "../../../lambda/cases/case-schema.ts";
import type { SuppressionDraft } from "../exchange.ts";
import { fetchFacts, sendSuppression } from "./api.ts";
import { Dialog } from "./dialog.tsx";
import { useReply } from "./hooks.ts";
import { Code } from "./json.tsx";
import { Problem, Verdict } from "./marks.tsx";
import { line } from "./words.ts";

const DAY = 86_400_000;
const DEFAULT_DAYS = 30;
const PAUSE_MS = 250;

type Props = { readonly row: CaseRow; readonly person: string; readonly onClose: () => void };

export function SuppressDialog({ row, person, onClose }: Props) {
  const reply = useReply(row.id, "", () => fetchFacts(row.id));
  const [chosen, setChosen] = useState<readonly string[]>();
  const [name, setName] = useState(nameFor(row));
  const [reason, setReason] = useState("");
  const [owner, setOwner] = useState(person);
  const [expires, setExpires] = useState(dayAfter(DEFAULT_DAYS));
  const [draft, setDraft] = useState<SuppressionDraft>();
  const [problem, setProblem] = useState("");
  const offered = reply.state === "here" ? reply.value.facts : [];
  const facts = chosen ?? offered.filter((one) => one.chosen).map(({ fact }) => fact);
  const isWhole = reason.trim() !== "" && owner.trim() !== "" && expires !== "" && name !== "";
  useEffect(() => {
    if (!isWhole || reply.state !== "here") return setDraft(undefined);
    let isWanted = true;
    const ask = async (): Promise<void> => {
      try {
        const value = await sendSuppression(row.id, { name, reason, owner, expires, facts });
        if (!isWanted) return;
        setDraft(value);
        setProblem("");
      } catch (error) {
        if (!isWanted) return;
        setDraft(undefined);
        setProblem(error instanceof Error ? error.message : String(error));
      }
    };
    const timer = setTimeout(() => {
      void ask();
    }, PAUSE_MS);
    return () => {
      isWanted = false;
      clearTimeout(timer);
    };
  }, [isWhole, reply.state, name, reason, owner, expires, facts.join("\n")]);
  return (
    <Dialog title="Suppress this" isWide onClose={onClose}>
      <p>
        This makes a file for a pull request, and changes nothing by itself. Alerts of{" "}
        <code>{line(row.ruleId, 200)}</code> that match all of what is ticked would be kept without telling
        anybody.
      </p>
      <div class="suppress">
        <form onSubmit={(event) => event.preventDefault()}>
          <label class="field">
            <span>Reason: why does nobody need to be told?</span>
            <textarea
              rows={2}
              maxLength={500}
              value={reason}
              onInput={(event) => setReason(event.currentTarget.value)}
            />
          </label>
          <div class="field-row">
            <label class="field">
              <span>Owner</span>
              <input maxLength={500} value={owner} onInput={(event) => setOwner(event.currentTarget.value)} />
            </label>
            <label class="field">
              <span>Expires after</span>
              <input type="date" value={expires} onInput={(event) => setExpires(event.currentTarget.value)} />
            </label>
          </div>
          <label class="field">
            <span>Name of the file</span>
            <input
              maxLength={80}
              spellcheck={false}
              value={name}
              onInput={(event) => setName(event.currentTarget.value)}
            />
          </label>
          <fieldset>
            <legend>Match on</legend>
            {reply.state === "failed" && <Problem message={reply.message} />}
            {offered.map(({ fact, value, label, callersChoice }) => (
              <label key={fact} class="check">
                <input
                  type="checkbox"
                  checked={facts.includes(fact)}
                  onChange={(event) =>
                    setChosen(
                      event.currentTarget.checked ? [...facts, fact] : facts.filter((one) => one !== fact),
                    )
                  }
                />
                <span>
                  <code>{line(fact, 200)}</code>{" "}
                  <span class="dim">
                    {label}
                    {callersChoice ? ", the caller writes it" : ""}
                  </span>
                  <code class="fact-more">{line(String(value), 300)}</code>
                </span>
              </label>
            ))}
          </fieldset>
        </form>
        <div class="suppress-file" aria-live="polite">
          {!isWhole && <p class="empty">Give a reason and an owner, and the file appears here.</p>}
          {problem !== "" && <Problem message={problem} />}
          {draft !== undefined && <Draft draft={draft} />}
        </div>
      </div>
    </Dialog>
  );
}

function Draft({ draft: { path, yaml, errors, warnings, holds } }: { readonly draft: SuppressionDraft }) {
  return (
    <>
      <h3>
        <code>{line(path, 200)}</code>
      </h3>
      <Code text={yaml} label="the file" />
      {errors.map((error) => (
        <Problem key={error} message={line(error, 600)} />
      ))}
      {warnings.map((warning) => (
        <p key={warning} class="note">
          {line(warning, 600)}
        </p>
      ))}
      {errors.length === 0 && (
        <p class="checked">
          <Verdict holds words="valid" /> The loader takes it
          {holds === true
            ? ", and it would have kept this alert back."
            : holds === false
              ? ", but it would not have kept this alert back."
              : "; whether it would have kept this alert back cannot be told, as the rule does not match its record now."}
        </p>
      )}
    </>
  );
}

function dayAfter(days: number): string {
  return new Date(Date.now() + days * DAY).toISOString().slice(0, 10);
}

/** `ec2.amazonaws.com/security-group-opened` of alice → `security-group-opened-alice`. */
function nameFor({ ruleId, actor }: CaseRow): string {
  const words = `${ruleId.slice(ruleId.lastIndexOf("/") + 1)}-${actor.name.split(/[/:@]/)[0] ?? ""}`;
  return words
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-+|-+$/g, "")
    .slice(0, 80)
    .replace(/-+$/, "");
}
