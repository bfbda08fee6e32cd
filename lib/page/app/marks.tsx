/** Small marks: severity, status, a verdict. Never by colour alone. */
import type { CaseRow } from "../../../lambda/cases/case-schema.ts";
import { DISPOSITIONS } from "./words.ts";

export function Severity({ severity }: { readonly severity: string }) {
  return <span class={`severity sev-${severity}`}>{severity}</span>;
}

export function Status({ row }: { readonly row: Pick<CaseRow, "status" | "disposition"> }) {
  return (
    <span class="states">
      {row.disposition !== "delivered" && (
        <span class="state state-kept">{DISPOSITIONS[row.disposition] ?? row.disposition}</span>
      )}
      <span class={`state state-${row.status}`}>{row.status}</span>
    </span>
  );
}

/** Whether something holds. */
export function Verdict({ holds, words }: { readonly holds: boolean; readonly words?: string }) {
  return (
    <span class={`verdict ${holds ? "verdict-yes" : "verdict-no"}`}>
      <span aria-hidden="true">{holds ? "✓" : "✗"}</span>
      <span class={words === undefined ? "unseen" : ""}>{words ?? (holds ? "holds" : "does not hold")}</span>
    </span>
  );
}

/** A sentence that something is wrong. */
export function Problem({ message }: { readonly message: string }) {
  return (
    <p class="problem" role="alert">
      {message}
    </p>
  );
}
