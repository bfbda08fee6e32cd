/** Closing with a reason, and commenting. */
import { useRef, useState } from "preact/hooks";
import type { CaseRow } from "../../../lambda/cases/case-schema.ts";
import { sendChange } from "./api.ts";
import { Dialog } from "./dialog.tsx";
import { Problem } from "./marks.tsx";
import { line, REASONS } from "./words.ts";

type Props = {
  readonly kind: "close" | "comment";
  readonly row: CaseRow;
  readonly onDone: (row: CaseRow, words: string) => void;
  readonly onClose: () => void;
};

export function ChangeDialog({ kind, row, onDone, onClose }: Props) {
  const [reason, setReason] = useState("");
  const [comment, setComment] = useState("");
  const [problem, setProblem] = useState("");
  const [isBusy, setBusy] = useState(false);
  // One key for all tries of this dialog: an answer that was lost makes no second entry.
  const key = useRef(crypto.randomUUID());
  const isClose = kind === "close";
  const send = async (): Promise<void> => {
    const text = comment.trim();
    if (isClose && reason === "") return setProblem("Choose a reason.");
    if (!isClose && text === "") return setProblem("Write a comment.");
    setBusy(true);
    try {
      const change = isClose ? { status: "closed" as const, reason } : {};
      const said = text === "" ? {} : { comment: text };
      const { row: changed } = await sendChange(row.id, { ...change, ...said, idempotencyKey: key.current });
      onDone(changed, isClose ? "Closed." : "Comment kept.");
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
      setBusy(false);
    }
    return undefined;
  };
  return (
    <Dialog title={isClose ? "Close the case" : "Comment"} onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void send();
        }}
      >
        <p class="dim">{line(row.title)}</p>
        {isClose && (
          <fieldset>
            <legend>Why</legend>
            {Object.entries(REASONS).map(([value, label]) => (
              <label key={value} class="radio">
                <input
                  type="radio"
                  name="reason"
                  value={value}
                  checked={reason === value}
                  onChange={() => setReason(value)}
                />
                {label}
              </label>
            ))}
          </fieldset>
        )}
        <label class="field">
          <span>{isClose ? "Comment, if there is more to say" : "Comment"}</span>
          <textarea
            rows={4}
            maxLength={4000}
            value={comment}
            onInput={(event) => setComment(event.currentTarget.value)}
            onKeyDown={(event) => {
              if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) void send();
            }}
          />
        </label>
        {problem !== "" && <Problem message={problem} />}
        <div class="dialog-foot">
          <button type="button" class="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" class="button primary" disabled={isBusy}>
            {isClose ? "Close the case" : "Keep the comment"}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
