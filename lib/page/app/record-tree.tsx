/**
 * A record as a tree that folds. What the rule rested on is lit, with everything that leads there; the rest stands back
 * without being hidden. Keys of a record are as hostile as its values: both are text and nothing else.
 */
import { useState } from "preact/hooks";
import { line } from "./words.ts";

/** Entries of one object or list that are shown at once, and how deep it goes. */
const MAX_ENTRIES = 200;
const MAX_DEPTH = 40;
const MAX_VALUE = 2000;

type Lit = ReadonlySet<string>;

/** @param lit dotted keys of the flattened record, e.g. `requestParameters.ipPermissions.items.0.fromPort` */
export function RecordTree({ record, lit }: { readonly record: object; readonly lit: readonly string[] }) {
  const leading = new Set(lit.flatMap((key) => waysTo(key)));
  return (
    <ul class="tree record">
      <Entries value={record} path="" depth={0} lit={new Set(lit)} leading={leading} />
    </ul>
  );
}

/** `a.b.0` → `a`, `a.b`, `a.b.0`. */
function waysTo(key: string): string[] {
  const parts = key.split(".");
  return parts.map((_, index) => parts.slice(0, index + 1).join("."));
}

type NodeProps = {
  readonly path: string;
  readonly depth: number;
  readonly lit: Lit;
  readonly leading: Lit;
};

function Entries({ value, path, depth, lit, leading }: NodeProps & { readonly value: object }) {
  const [limit, setLimit] = useState(MAX_ENTRIES);
  const entries = Object.entries(value);
  return (
    <>
      {entries.slice(0, limit).map(([key, one]) => (
        <Entry
          key={key}
          name={key}
          value={one}
          path={path === "" ? key : `${path}.${key}`}
          depth={depth}
          lit={lit}
          leading={leading}
        />
      ))}
      {entries.length > limit && (
        <li>
          <button type="button" class="link" onClick={() => setLimit(limit + 1000)}>
            {entries.length - limit} more
          </button>
        </li>
      )}
    </>
  );
}

function Entry({
  name,
  value,
  path,
  depth,
  lit,
  leading,
}: NodeProps & { readonly name: string; readonly value: unknown }) {
  const isLit = lit.has(path);
  const isFolder = typeof value === "object" && value !== null && Object.keys(value).length > 0;
  const [isOpen, setOpen] = useState(depth < 2 || leading.has(path));
  const label = isLit ? <mark>{line(name, 200)}</mark> : line(name, 200);
  if (!isFolder || depth >= MAX_DEPTH)
    return (
      <li class={isLit ? "is-lit" : ""}>
        <span class="key">{label}</span>
        <Leaf
          value={depth >= MAX_DEPTH ? "… deeper than is shown here: see the JSON" : value}
          isLit={isLit}
        />
      </li>
    );
  const count = Object.keys(value).length;
  return (
    <li class={isLit ? "is-lit" : ""}>
      <button type="button" class="folder" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
        <span class="arrow" aria-hidden="true">
          {isOpen ? "▾" : "▸"}
        </span>
        <span class="key">{label}</span>
        <span class="dim">{Array.isArray(value) ? `[${count}]` : isOpen ? "" : `{${count}}`}</span>
      </button>
      {isOpen && (
        <ul>
          <Entries value={value} path={path} depth={depth + 1} lit={lit} leading={leading} />
        </ul>
      )}
    </li>
  );
}

function Leaf({ value, isLit }: { readonly value: unknown; readonly isLit: boolean }) {
  const kind = value === null ? "null" : typeof value;
  const text =
    typeof value === "string"
      ? value === ""
        ? '""'
        : line(value, MAX_VALUE)
      : (JSON.stringify(value) ?? "");
  const shown = <span class={`value value-${kind}`}>{text}</span>;
  return isLit ? <mark>{shown}</mark> : shown;
}
