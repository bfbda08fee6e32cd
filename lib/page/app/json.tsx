/** JSON to read and to copy, in which nothing is hidden. */
import { useState } from "preact/hooks";
import { safeJson } from "../../../lambda/alerts/safe-json.ts";

/** So much is shown; the copy is whole. */
const MAX_SHOWN = 200_000;

export function Json({ value, label }: { readonly value: unknown; readonly label: string }) {
  return <Code text={safeJson(value as object, 2)} label={label} />;
}

export function Code({ text, label }: { readonly text: string; readonly label: string }) {
  const shown = text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}\n… (${text.length} characters)` : text;
  return (
    <div class="code">
      <Copy text={text} label={label} />
      <pre tabIndex={0} aria-label={label}>
        {shown}
      </pre>
    </div>
  );
}

function Copy({ text, label }: { readonly text: string; readonly label: string }) {
  const [said, setSaid] = useState("");
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(text);
      setSaid("copied");
    } catch {
      setSaid("the browser does not allow it: select the text");
    }
    setTimeout(() => setSaid(""), 3000);
  };
  return (
    <button type="button" class="button small copy" onClick={() => void copy()} aria-label={`Copy ${label}`}>
      <span role="status">{said === "" ? "Copy" : said}</span>
    </button>
  );
}
