/** The alert in each format that destinations and `replay --format` give it. */
import { useState } from "preact/hooks";
import { fetchFormat } from "./api.ts";
import { useReply } from "./hooks.ts";
import { Code } from "./json.tsx";
import { Problem } from "./marks.tsx";
import type { ScopeProps } from "./scope.tsx";

const NAMES: Readonly<Record<string, string>> = {
  alert: "Our document",
  ecs: "ECS 9",
  ocsf: "OCSF",
  asff: "ASFF",
  lacework: "Lacework",
};

export function CaseFormats({ id, version, formats }: ScopeProps & { readonly formats: readonly string[] }) {
  const [format, setFormat] = useState("alert");
  const reply = useReply(`${id} ${format}`, version, () => fetchFormat(id, format));
  return (
    <>
      <div class="switch" role="group" aria-label="Format">
        {formats.map((one) => (
          <button
            key={one}
            type="button"
            class="button small"
            aria-pressed={one === format}
            onClick={() => setFormat(one)}
          >
            {NAMES[one] ?? one}
          </button>
        ))}
      </div>
      {reply.state === "loading" && <p class="empty">Loading …</p>}
      {reply.state === "failed" && <Problem message={reply.message} />}
      {reply.state === "here" && (
        <Code text={reply.value.text} label={`the alert as ${NAMES[format] ?? format}`} />
      )}
    </>
  );
}
