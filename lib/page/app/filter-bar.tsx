/** The filters above the list, the numbers of each severity, and the small picture over time. */
import type { RefObject } from "preact";
import { useMemo, useState } from "preact/hooks";
import type { CaseRow } from "../../../lambda/cases/case-schema.ts";
import type { Known } from "./case-list.ts";
import { type Choice, choicesOf, type Filter, filtersSet, type FoundRow, NO_FILTER } from "./filters.ts";
import { Sparkline } from "./picture.tsx";
import { counted, DISPOSITIONS, line } from "./words.ts";

const SEVERITIES = ["critical", "high", "medium", "low", "info"];
/** What a select still shows with ease. */
const MAX_CHOICES = 200;

type Selected = "rule" | "actor" | "channel" | "account" | "status";
const SELECTS: readonly {
  readonly key: Selected;
  readonly label: string;
  readonly valueOf: (row: CaseRow) => readonly [string, string] | undefined;
}[] = [
  { key: "status", label: "Status", valueOf: ({ status }) => [status, status] },
  { key: "rule", label: "Rule", valueOf: ({ ruleId }) => [ruleId, ruleId] },
  { key: "actor", label: "Actor", valueOf: ({ actor }) => [actor.key, actor.name] },
  { key: "channel", label: "Channel", valueOf: ({ channel }) => [channel, channel] },
  {
    key: "account",
    label: "Account",
    valueOf: ({ accountId }) => (accountId === undefined ? undefined : [accountId, accountId]),
  },
];

type Props = {
  readonly rows: readonly FoundRow[];
  readonly shown: number;
  readonly known: Known;
  readonly filter: Filter;
  readonly searchRef: RefObject<HTMLInputElement | null>;
  readonly onFilter: (filter: Filter) => void;
  readonly onActivity: () => void;
};

export function FilterBar({ rows, shown, known, filter, searchRef, onFilter, onActivity }: Props) {
  const [isOpen, setOpen] = useState(false);
  const told = useMemo(
    () => rows.filter(({ row }) => filter.disposition === "all" || row.disposition === filter.disposition),
    [rows, filter.disposition],
  );
  const bySeverity = useMemo(
    () =>
      new Map(
        choicesOf(told, ({ severity }) => [severity, severity], 9).map((one) => [one.value, one.count]),
      ),
    [told],
  );
  const choices = useMemo(
    () => new Map(SELECTS.map(({ key, valueOf }) => [key, choicesOf(told, valueOf, MAX_CHOICES)])),
    [told],
  );
  const dispositions = useMemo(
    () =>
      new Map(
        choicesOf(rows, ({ disposition }) => [disposition, disposition], 9).map((one) => [
          one.value,
          one.count,
        ]),
      ),
    [rows],
  );
  const set = (change: Partial<Filter>): void => onFilter({ ...filter, ...change });
  const toggle = (severity: string): void =>
    set({
      severities: filter.severities.includes(severity)
        ? filter.severities.filter((one) => one !== severity)
        : SEVERITIES.filter((one) => one === severity || filter.severities.includes(one)),
    });
  const count = filtersSet(filter);
  return (
    <div class="filters" role="search">
      <div class="filters-first">
        <div class="search">
          <input
            ref={searchRef}
            type="search"
            placeholder="Search alerts"
            aria-label="Search alerts: title, actor, address, account, resource"
            value={filter.text}
            maxLength={2000}
            spellcheck={false}
            autocomplete="off"
            onInput={(event) => set({ text: event.currentTarget.value })}
            onKeyDown={(event) => {
              if (event.key !== "Escape") return;
              event.stopPropagation();
              if (filter.text === "") event.currentTarget.blur();
              else set({ text: "" });
            }}
          />
          <kbd aria-hidden="true">/</kbd>
        </div>
        <div class="chips" role="group" aria-label="Severity">
          {SEVERITIES.map((severity) => (
            <button
              key={severity}
              type="button"
              class={`chip sev-${severity}`}
              aria-pressed={filter.severities.includes(severity)}
              onClick={() => toggle(severity)}
            >
              {severity}
              <span class="chip-count">{(bySeverity.get(severity) ?? 0).toLocaleString("en")}</span>
            </button>
          ))}
        </div>
        <button
          type="button"
          class="button small filters-toggle"
          aria-expanded={isOpen}
          onClick={() => setOpen(!isOpen)}
        >
          Filters{count > 0 ? ` (${count})` : ""}
        </button>
      </div>
      <div class={`filters-more${isOpen ? " is-open" : ""}`}>
        {SELECTS.map(({ key, label }) => (
          <Select
            key={key}
            label={label}
            value={filter[key]}
            choices={choices.get(key) ?? []}
            onChange={(value) => set({ [key]: value })}
          />
        ))}
        <label class={`select${filter.disposition === "delivered" ? "" : " is-set"}`}>
          <select
            aria-label="Told or kept back"
            value={filter.disposition}
            onChange={(event) => set({ disposition: event.currentTarget.value })}
          >
            {["delivered", "suppressed", "staged", "deduplicated"].map((one) => (
              <option key={one} value={one}>
                {DISPOSITIONS[one]} ({dispositions.get(one) ?? 0})
              </option>
            ))}
            <option value="all">told or not ({rows.length})</option>
          </select>
        </label>
        {count > 0 && (
          <button type="button" class="link" onClick={() => onFilter(NO_FILTER)}>
            clear
          </button>
        )}
      </div>
      <div class="filters-last">
        <span class="shown">
          {shown === rows.length
            ? counted(shown, "alert")
            : `${shown.toLocaleString("en")} of ${counted(rows.length, "alert")}`}
          {known.loading && rows.length > 0 ? ", loading …" : ""}
        </span>
        <Sparkline known={known} onClick={onActivity} />
      </div>
    </div>
  );
}

function Select({
  label,
  value,
  choices,
  onChange,
}: {
  readonly label: string;
  readonly value: string;
  readonly choices: readonly Choice[];
  readonly onChange: (value: string) => void;
}) {
  const isListed = value === "" || choices.some((choice) => choice.value === value);
  return (
    <label class={`select${value === "" ? "" : " is-set"}`}>
      <select aria-label={label} value={value} onChange={(event) => onChange(event.currentTarget.value)}>
        <option value="">{label}: any</option>
        {!isListed && <option value={value}>{line(value, 80)}</option>}
        {choices.map((choice) => (
          <option key={choice.value} value={choice.value}>
            {line(choice.label, 80)} ({choice.count})
          </option>
        ))}
      </select>
    </label>
  );
}
