/**
 * The page as a whole: the head, the list, beside it the case that is open, and the keys. What is shown stands in the
 * address, so that the browser's own back and forward work and any view can be sent to a colleague.
 */
import { useCallback, useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { CaseRow } from "../../../lambda/cases/case-schema.ts";
import { ActivityView } from "./activity-view.tsx";
import { type About, fetchAbout, sendChange } from "./api.ts";
import type { CaseList } from "./case-list.ts";
import { CaseView } from "./case-view.tsx";
import { ChangeDialog } from "./change-dialog.tsx";
import { FilterBar } from "./filter-bar.tsx";
import { filterRows } from "./filters.ts";
import { HelpDialog } from "./help-dialog.tsx";
import { useKnown, useRoute } from "./hooks.ts";
import { actionOf } from "./keys.ts";
import { ListView } from "./list-view.tsx";
import { SuppressDialog } from "./suppress-dialog.tsx";
import { counted, line } from "./words.ts";
import { WhyView } from "./why-view.tsx";

/** What lies over the page. */
type Dialog = "help" | "close" | "comment" | "suppress" | undefined;

export function App({ cases }: { readonly cases: CaseList }) {
  const known = useKnown(cases);
  const [route, go] = useRoute();
  const [about, setAbout] = useState<About>();
  const [cursor, setCursor] = useState("");
  const [dialog, setDialog] = useState<Dialog>();
  const [said, setSaid] = useState("");
  const search = useRef<HTMLInputElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const isCase = route.view === "case";
  const rows = useMemo(() => filterRows(known.rows, route.filter), [known.rows, route.filter]);
  const selected = isCase ? route.id : cursor;

  useEffect(() => {
    fetchAbout().then(setAbout, () => undefined);
    cases.onArrival((arrived) => setSaid(announce(arrived)));
  }, [cases]);
  useEffect(() => {
    const count = known.fresh.size;
    document.title = `${count > 0 ? `(${count}) ` : ""}CloudTrail Engine`;
  }, [known.fresh]);
  useEffect(() => {
    if (isCase) cases.seen([route.id]);
  }, [cases, isCase, route.id]);

  const open = useCallback(
    (id: string) => {
      setCursor(id);
      go({ view: "case", id, tab: isCase ? route.tab : "" }, isCase);
    },
    [go, isCase, route.tab],
  );
  const back = useCallback(() => {
    if (isCase) setCursor(route.id);
    go({ view: "list" });
    requestAnimationFrame(() => list.current?.focus({ preventScroll: true }));
  }, [go, isCase, route.id]);
  // Two keys may come between two renderings: each goes on from where the one before led.
  const place = useRef(selected);
  place.current = selected;
  const move = (step: number): void => {
    const at = rows.findIndex(({ id }) => id === place.current);
    const next = rows[at === -1 ? 0 : Math.max(0, Math.min(rows.length - 1, at + step))];
    if (next === undefined) return;
    place.current = next.id;
    if (isCase) open(next.id);
    else {
      setCursor(next.id);
      list.current?.focus({ preventScroll: true });
    }
  };
  const change = async (id: string, status: "acknowledged" | "open"): Promise<void> => {
    try {
      const { row } = await sendChange(id, { status, idempotencyKey: crypto.randomUUID() });
      cases.put(row);
      setSaid(status === "open" ? "Reopened." : "Acknowledged.");
    } catch (error) {
      setSaid(error instanceof Error ? error.message : String(error));
    }
  };

  const onKey = useRef<(event: KeyboardEvent) => void>(undefined);
  // Set while rendering, not in an effect: keys come faster than effects run.
  onKey.current = (event) => {
    const action = dialog === undefined ? actionOf(event) : undefined;
    if (action === undefined) return;
    const isList = isCase || route.view === "list";
    const row = known.byId.get(place.current);
    if (action === "help") setDialog("help");
    else if (action === "back" && route.view !== "list") back();
    else if (action === "back") go({ filter: { ...route.filter, text: "" } }, true);
    else if (!isList) return;
    else if (action === "next") move(1);
    else if (action === "previous") move(-1);
    else if (action === "search") search.current?.focus();
    else if (action === "open" && !isCase && place.current !== "") open(place.current);
    else if (row === undefined) return;
    else if (action === "acknowledge" && row.status === "open") void change(row.id, "acknowledged");
    else if (action === "close" && row.status !== "closed") setDialog("close");
    else if (action === "comment") setDialog("comment");
    else if (action === "suppress") setDialog("suppress");
    else return;
    event.preventDefault();
  };
  useEffect(() => {
    const press = (event: KeyboardEvent): void => onKey.current?.(event);
    addEventListener("keydown", press);
    return () => removeEventListener("keydown", press);
  }, []);

  const row = known.byId.get(selected);
  const tell = (changed: CaseRow, words: string): void => {
    cases.put(changed);
    setDialog(undefined);
    setSaid(words);
  };
  return (
    <div class={`page view-${route.view}`}>
      <a class="skip" href="#list" onClick={(event) => (event.preventDefault(), list.current?.focus())}>
        Skip to the alerts
      </a>
      <Head
        about={about}
        isUp={known.isUp}
        view={route.view}
        onView={(view) => go({ view })}
        onHelp={() => setDialog("help")}
      />
      {route.view === "why" ? (
        <WhyView rules={about?.rules ?? []} />
      ) : route.view === "activity" ? (
        <ActivityView known={known} about={about} />
      ) : (
        <main class="columns">
          <section class="column-list" aria-label="Alerts">
            <FilterBar
              rows={known.rows}
              shown={rows.length}
              known={known}
              filter={route.filter}
              searchRef={search}
              onFilter={(filter) => go({ filter }, true)}
              onActivity={() => go({ view: "activity" })}
            />
            <ListView
              rows={rows}
              known={known}
              selected={selected}
              isFiltered={rows.length < known.rows.length}
              listRef={list}
              onOpen={open}
              onSeen={(ids) => cases.seen(ids)}
              onMore={() => void cases.loadMore()}
              onUnfilter={() =>
                go(
                  {
                    filter: {
                      ...route.filter,
                      text: "",
                      severities: [],
                      status: "",
                      disposition: "all",
                      rule: "",
                      actor: "",
                      channel: "",
                      account: "",
                    },
                  },
                  true,
                )
              }
            />
          </section>
          {isCase && (
            <CaseView
              key={route.id}
              id={route.id}
              tab={route.tab}
              row={known.byId.get(route.id)}
              formats={about?.formats ?? []}
              onTab={(tab) => go({ tab }, true)}
              onBack={back}
              onOpen={open}
              onFilter={(filter) => go({ view: "list", filter: { ...route.filter, ...filter } })}
              onStatus={(status) => void change(route.id, status)}
              onDialog={setDialog}
            />
          )}
        </main>
      )}
      {dialog === "help" && <HelpDialog onClose={() => setDialog(undefined)} />}
      {(dialog === "close" || dialog === "comment") && row !== undefined && (
        <ChangeDialog kind={dialog} row={row} onDone={tell} onClose={() => setDialog(undefined)} />
      )}
      {dialog === "suppress" && row !== undefined && (
        <SuppressDialog row={row} person={about?.person ?? ""} onClose={() => setDialog(undefined)} />
      )}
      <div class="said" role="status" aria-live="polite">
        {said}
      </div>
    </div>
  );
}

function announce(arrived: readonly CaseRow[]): string {
  const told = arrived.filter(({ disposition }) => disposition === "delivered");
  const [first] = told;
  if (first === undefined) return "";
  const more = told.length > 1 ? ` and ${counted(told.length - 1, "other")}` : "";
  return `New alert, ${first.severity}: ${line(first.title, 120)}${more}.`;
}

const VIEWS = [
  { view: "list", label: "Alerts" },
  { view: "activity", label: "Activity" },
  { view: "why", label: "Why did it not fire?" },
] as const;

function Head({
  about,
  isUp,
  view,
  onView,
  onHelp,
}: {
  readonly about: About | undefined;
  readonly isUp: boolean | undefined;
  readonly view: string;
  readonly onView: (view: "list" | "why" | "activity") => void;
  readonly onHelp: () => void;
}) {
  const state = isUp === undefined ? "connecting" : isUp ? "live" : "not connected";
  return (
    <header class="head">
      <div class="brand">
        <span class="brand-name">CloudTrail Engine</span>
        <span class="brand-place">{line(about?.place, 80)}</span>
      </div>
      <nav aria-label="Views">
        {VIEWS.map((one) => (
          <button
            key={one.view}
            type="button"
            class="tab"
            aria-current={view === one.view || (view === "case" && one.view === "list") ? "page" : undefined}
            onClick={() => onView(one.view)}
          >
            {one.label}
          </button>
        ))}
      </nav>
      <span class={`live live-${isUp === true ? "up" : isUp === false ? "down" : "wait"}`}>
        <span class="dot" aria-hidden="true" />
        {state}
      </span>
      <button type="button" class="ghost" onClick={onHelp} aria-label="Keys and help">
        <kbd>?</kbd>
      </button>
    </header>
  );
}
