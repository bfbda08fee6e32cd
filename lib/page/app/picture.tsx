/** The small picture over time: bars of what was seen and let through, and above them the alerts by severity. */
import type { CaseRow } from "../../../lambda/cases/case-schema.ts";
import { useMemo } from "preact/hooks";
import type { Known } from "./case-list.ts";
import { foldAlerts, type Bar } from "./picture-bars.ts";
import { counted, fullTime } from "./words.ts";

const SEVERITIES = ["info", "low", "medium", "high", "critical"] as const;

function useBars(known: Known): readonly Bar[] {
  return useMemo(() => {
    const told: CaseRow[] = [];
    for (const { row } of known.rows) if (row.disposition === "delivered") told.push(row);
    return foldAlerts(told, known.picture.buckets ?? [], known.picture.minutes);
  }, [known.rows, known.picture]);
}

/** The picture in a line's height, which opens the large one. */
export function Sparkline({ known, onClick }: { readonly known: Known; readonly onClick: () => void }) {
  const bars = useBars(known);
  if (bars.length === 0) return null;
  const most = Math.max(...bars.map(({ alerts }) => alerts), 1);
  const step = 4;
  return (
    <button type="button" class="spark" onClick={onClick} aria-label={`Activity: ${wordsOf(bars)}`}>
      <svg viewBox={`0 0 ${bars.length * step} 20`} width={bars.length * step} height="20" aria-hidden="true">
        {bars.map((bar, index) => (
          <Stack key={bar.at} bar={bar} x={index * step} width={step - 1} bottom={20} unit={20 / most} />
        ))}
      </svg>
    </button>
  );
}

const WIDTH = 960;
const TOP = 150;
const BOTTOM = 110;

/** The picture with its times: alerts upwards, records downwards, on scales of their own. */
export function Chart({ known }: { readonly known: Known }) {
  const bars = useBars(known);
  if (bars.length === 0) return <p class="empty">Nothing to draw yet.</p>;
  const step = WIDTH / bars.length;
  const width = Math.max(1, Math.min(step - 2, 40));
  const mostAlerts = Math.max(...bars.map(({ alerts }) => alerts), 1);
  const mostSeen = Math.max(...bars.map(({ seen }) => seen), 1);
  const hasRecords = bars.some(({ seen }) => seen > 0);
  const height = TOP + (hasRecords ? BOTTOM : 0) + 24;
  const marks = [0, Math.floor(bars.length / 2), bars.length - 1].filter(
    (at, index, all) => all.indexOf(at) === index,
  );
  return (
    <figure class="chart">
      <svg viewBox={`0 0 ${WIDTH} ${height}`} role="img" aria-label={`Over time: ${wordsOf(bars)}`}>
        {bars.map((bar, index) => {
          const x = index * step + (step - width) / 2;
          return (
            <g key={bar.at}>
              <title>{`${fullTime(bar.at)}: ${counted(bar.alerts, "alert")}, ${bar.seen} seen, ${bar.letThrough} let through`}</title>
              <rect class="chart-area" x={index * step} y={0} width={step} height={height - 24} />
              <Stack bar={bar} x={x} width={width} bottom={TOP - 4} unit={(TOP - 8) / mostAlerts} />
              {hasRecords && (
                <>
                  <rect
                    class="bar-seen"
                    x={x}
                    y={TOP + 4}
                    width={width}
                    height={(bar.seen * (BOTTOM - 8)) / mostSeen}
                  />
                  <rect
                    class="bar-through"
                    x={x}
                    y={TOP + 4}
                    width={width}
                    height={(bar.letThrough * (BOTTOM - 8)) / mostSeen}
                  />
                </>
              )}
            </g>
          );
        })}
        <line class="chart-line" x1="0" x2={WIDTH} y1={TOP} y2={TOP} />
        {marks.map((at) => (
          <text
            key={at}
            class="chart-text"
            x={at === 0 ? 0 : at === bars.length - 1 ? WIDTH : at * step}
            y={height - 6}
            text-anchor={at === 0 ? "start" : at === bars.length - 1 ? "end" : "middle"}
          >
            {fullTime(bars[at]?.at ?? "").slice(0, 16)}
          </text>
        ))}
      </svg>
      <figcaption>
        <span>
          {`Above, alerts: ${mostAlerts} at the most.`}
          {hasRecords ? ` Below, records: ${mostSeen} at the most.` : ""}
        </span>
        {SEVERITIES.toReversed().map((severity) => (
          <span key={severity}>
            <i class={`swatch bar-${severity}`} /> {severity}
          </span>
        ))}
        {hasRecords && (
          <>
            <span>
              <i class="swatch swatch-seen" /> seen
            </span>
            <span>
              <i class="swatch swatch-through" /> let through
            </span>
          </>
        )}
      </figcaption>
    </figure>
  );
}

function Stack({
  bar,
  x,
  width,
  bottom,
  unit,
}: {
  readonly bar: Bar;
  readonly x: number;
  readonly width: number;
  readonly bottom: number;
  readonly unit: number;
}) {
  let y = bottom;
  return (
    <>
      {SEVERITIES.map((severity) => {
        const count = bar.bySeverity[severity] ?? 0;
        if (count === 0) return null;
        const height = Math.max(count * unit, 1.5);
        y -= height;
        return <rect key={severity} class={`bar-${severity}`} x={x} y={y} width={width} height={height} />;
      })}
    </>
  );
}

function wordsOf(bars: readonly Bar[]): string {
  const sum = (of: (bar: Bar) => number): number => bars.reduce((total, bar) => total + of(bar), 0);
  const seen = sum((bar) => bar.seen);
  const records = seen === 0 ? "" : `, ${seen} records seen, ${sum((bar) => bar.letThrough)} let through`;
  return `${counted(
    sum(({ alerts }) => alerts),
    "alert",
  )}${records}, from ${fullTime(bars[0]?.at ?? "")} to ${fullTime(bars.at(-1)?.at ?? "")}`;
}
