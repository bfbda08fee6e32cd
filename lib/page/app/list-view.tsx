/**
 * The list: only the rows in sight stand in the document, however many there are. What arrives above what somebody
 * reads moves nothing: the list scrolls along, and a button says what is new.
 */
import type { RefObject } from "preact";
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { CaseRow } from "../../../lambda/cases/case-schema.ts";
import type { Known } from "./case-list.ts";
import { useNow, useSize } from "./hooks.ts";
import { keepPlace, scrollTo, windowOf } from "./list-window.ts";
import { Severity, Status } from "./marks.tsx";
import { ago, counted, fullTime, line, placeOf, shortRoles, shortTime } from "./words.ts";

const HEIGHT = 62;
const NARROW_HEIGHT = 88;
/** Below this the row's right side goes under its text, in pixels. */
const NARROW = 620;

type Props = {
  readonly rows: readonly CaseRow[];
  readonly known: Known;
  readonly selected: string;
  readonly isFiltered: boolean;
  readonly listRef: RefObject<HTMLDivElement | null>;
  readonly onOpen: (id: string) => void;
  readonly onSeen: (ids: readonly string[]) => void;
  readonly onMore: () => void;
  readonly onUnfilter: () => void;
};

export function ListView({
  rows,
  known,
  selected,
  isFiltered,
  listRef,
  onOpen,
  onSeen,
  onMore,
  onUnfilter,
}: Props) {
  const [watchSize, { width, height: room }] = useSize();
  const [top, setTop] = useState(0);
  const now = useNow();
  const attach = useCallback(
    (element: HTMLDivElement | null) => {
      listRef.current = element;
      watchSize(element);
    },
    [listRef, watchSize],
  );
  const ids = useRef<readonly string[]>([]);
  const height = width < NARROW ? NARROW_HEIGHT : HEIGHT;
  const sight = { count: rows.length, height, top, room };
  const { from, to } = windowOf(sight);
  const at = rows.findIndex(({ id }) => id === selected);

  useLayoutEffect(() => {
    const after = rows.map(({ id }) => id);
    const scroller = listRef.current;
    const arrived = after.length > ids.current.length;
    // A reader at the very top who points at nothing sees what is new; anybody else keeps the place.
    const reads = top > 0 || selected !== "";
    if (scroller !== null && arrived && reads && ids.current.length > 0) {
      const place = keepPlace(ids.current, after, sight);
      if (place !== top) {
        scroller.scrollTop = place;
        setTop(scroller.scrollTop);
      }
    }
    ids.current = after;
  }, [rows]);
  useEffect(() => {
    const scroller = listRef.current;
    if (scroller === null || at === -1) return;
    scroller.scrollTop = scrollTo(at, { ...sight, top: scroller.scrollTop });
  }, [selected, at === -1, room > 0]);

  const above = rows.slice(0, Math.ceil(top / height)).filter(({ id }) => known.fresh.has(id));
  useEffect(() => {
    if (known.fresh.size === 0 || room === 0) return undefined;
    const inSight = rows.slice(Math.ceil(top / height), Math.ceil((top + room) / height)).map(({ id }) => id);
    const fresh = inSight.filter((id) => known.fresh.has(id));
    if (fresh.length === 0) return undefined;
    // Long enough to be noticed, then they are alerts like the others.
    const timer = setTimeout(() => onSeen(fresh), 6000);
    return () => clearTimeout(timer);
  }, [known.fresh, top, room, rows]);

  const first = above.at(-1);
  return (
    <div class="list-frame">
      {first !== undefined && (
        <button
          type="button"
          class="news"
          onClick={() => {
            listRef.current?.scrollTo({ top: rows.indexOf(first) * height });
            onSeen(above.map(({ id }) => id));
          }}
        >
          ↑ {counted(above.length, "new alert")}
        </button>
      )}
      <div
        class="list"
        id="list"
        ref={attach}
        role="listbox"
        aria-label="Alerts, newest first"
        aria-activedescendant={at >= from && at < to ? `row-${selected}` : undefined}
        tabIndex={0}
        onScroll={(event) => setTop(event.currentTarget.scrollTop)}
      >
        <div class="list-space" style={{ height: `${rows.length * height}px` }}>
          {rows.slice(from, to).map((row, index) => (
            <Row
              key={row.id}
              row={row}
              now={now}
              isNarrow={width < NARROW}
              isSelected={row.id === selected}
              isFresh={known.fresh.has(row.id)}
              place={from + index}
              count={rows.length}
              height={height}
              onOpen={onOpen}
            />
          ))}
        </div>
        {rows.length === 0 && <Empty known={known} isFiltered={isFiltered} onUnfilter={onUnfilter} />}
      </div>
      {known.more && (
        <p class="list-end">
          {counted(known.rows.length, "newest alert", "newest alerts")} loaded.{" "}
          <button type="button" class="link" disabled={known.loading} onClick={onMore}>
            {known.loading ? "Loading …" : "Load older ones"}
          </button>
        </p>
      )}
    </div>
  );
}

function Row({
  row,
  now,
  isNarrow,
  isSelected,
  isFresh,
  place,
  count,
  height,
  onOpen,
}: {
  readonly row: CaseRow;
  readonly now: number;
  readonly isNarrow: boolean;
  readonly isSelected: boolean;
  readonly isFresh: boolean;
  readonly place: number;
  readonly count: number;
  readonly height: number;
  readonly onOpen: (id: string) => void;
}) {
  const when = (
    <time class="row-time" dateTime={row.startTime} title={fullTime(row.startTime)}>
      <span>{shortTime(row.startTime, now)}</span>
      <span class="row-ago">{ago(row.startTime, now)}</span>
    </time>
  );
  return (
    <div
      id={`row-${row.id}`}
      role="option"
      class={`row sev-${row.severity}${isFresh ? " is-fresh" : ""} is-${row.status}`}
      aria-selected={isSelected}
      aria-posinset={place + 1}
      aria-setsize={count}
      style={{ top: `${place * height}px`, height: `${height}px` }}
      onClick={() => onOpen(row.id)}
    >
      <Severity severity={row.severity} />
      <div class="row-text">
        <div class="row-title">
          <span class="row-name" title={line(row.title)}>
            {line(row.ruleName)}
          </span>
          <span class="row-service">{line(row.service, 40)}</span>
          {row.count > 1 && (
            <span class="count" title={`${row.count} records`}>
              ×{row.count}
            </span>
          )}
        </div>
        <div class="row-summary">{line(shortRoles(row.summary))}</div>
        {isNarrow && (
          <div class="row-foot">
            {when}
            <Status row={row} />
          </div>
        )}
      </div>
      {!isNarrow && (
        <>
          <div class="row-who">
            <span>{line(shortRoles(row.actor.name), 80)}</span>
            <span class="dim">{row.channel}</span>
          </div>
          <div class="row-where">
            <span>{line(row.eventName, 80)}</span>
            <span class="dim">{placeOf(row)}</span>
          </div>
          <div class="row-state">
            <Status row={row} />
          </div>
          {when}
        </>
      )}
    </div>
  );
}

function Empty({
  known,
  isFiltered,
  onUnfilter,
}: {
  readonly known: Known;
  readonly isFiltered: boolean;
  readonly onUnfilter: () => void;
}) {
  if (known.problem !== "")
    return (
      <p class="empty" role="alert">
        {line(known.problem)}
      </p>
    );
  if (known.loading) return <p class="empty">Loading …</p>;
  if (!isFiltered)
    return (
      <div class="empty">
        <p class="empty-big">No alerts.</p>
        <p>Nothing has fired yet. What comes in appears here by itself.</p>
      </div>
    );
  return (
    <div class="empty">
      <p class="empty-big">No alert passes these filters.</p>
      <button type="button" class="button" onClick={onUnfilter}>
        Show all {known.rows.length.toLocaleString("en")}
      </button>
    </div>
  );
}
