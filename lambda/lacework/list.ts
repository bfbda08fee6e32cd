/**
 * A page of the list. Rows go from the newest number down, so that a page never hides a smaller number behind a bigger one
 * that comes later, and stay put while new alerts arrive: those have bigger numbers and belong to the next question.
 *
 * An alert is in a range when it began in it, or when it was published in it. Sekoia's connector asks for what began since
 * the latest beginning that it saw (LACEWORK-API § 5); an alert that comes late, having begun before, would never be asked
 * for by its beginning:
 *
 *     10:00 A begins   10:01 B begins   10:02 B is published, number 1   10:03 A is published, number 2
 *     10:04 "from 10:01 on" finds B by its beginning and A by its publication
 */
import { maySee } from "../api/authenticate.ts";
import type { ApiKey } from "../api/key-store.ts";
import { ask, ProblemError } from "../api/problem.ts";
import type { Numbered } from "../cases/case-store.ts";
import { type LaceworkAlert, rowToLacework } from "../formats/lacework.ts";
import { compileFilters, type RowTest } from "./filters.ts";
import { type LaceworkPorts, PAGE_ROWS } from "./ports.ts";
import type { Cursor, Question } from "./question.ts";
import { readTime, shortened } from "./time-range.ts";

/** A page, and where it goes on. */
export type ListPage = {
  readonly rows: readonly Partial<LaceworkAlert>[];
  readonly total: number;
  readonly next?: Cursor;
};

/** How many published alerts are read at once. */
const READ_AT_ONCE = 1_000;
/** A Lambda's answer has 6 MB, in which the body is a text inside JSON: quotes count twice. */
const PAGE_BYTES = 4_500_000;
/** The longest that a queue of ours keeps a record: nothing is published later than that after it began. */
const LATEST_MS = 14 * 86_400_000;

/**
 * The row of a published alert. It never begins after it was published: a record may claim any time, and a client that
 * goes on from the latest beginning would wait for the year 9999.
 */
export function rowOf({ number, publishedAt, row }: Numbered): LaceworkAlert {
  const mapped = rowToLacework(row, number);
  const published = readTime(publishedAt) ?? 0;
  const began = readTime(mapped.startTime) ?? 0;
  return began > published ? { ...mapped, startTime: new Date(published).toISOString() } : mapped;
}

/** The first page of a question. */
export async function firstPage(
  ports: LaceworkPorts,
  key: ApiKey,
  question: Question,
  deadline: number,
): Promise<ListPage> {
  const start = await startOf(ports, question, deadline);
  const page = newPage(ports, question);
  let top = 0;
  let total = 0;
  for await (const found of matching(ports, key, question, start, deadline)) {
    if (top === 0) top = found.alertId;
    total++;
    page.add(found);
  }
  return page.finish({ question, top, seen: 0, total });
}

/** The page that a cursor asks for. */
export async function nextPage(
  ports: LaceworkPorts,
  key: ApiKey,
  cursor: Cursor,
  deadline: number,
): Promise<ListPage> {
  const { top, before, seen, total } = cursor;
  const question = { ...cursor.question, ...shortened(cursor.question) };
  const page = newPage(ports, question);
  for await (const found of matching(ports, key, question, Math.min(before, top + 1), deadline)) {
    if (!page.add(found)) break;
  }
  return page.finish({ question, top, seen, total });
}

/** A page that is being filled: `add` is false from the first row on that it has no room for. */
function newPage(ports: LaceworkPorts, { returns }: Question) {
  const rows: Partial<LaceworkAlert>[] = [];
  const limit = Math.max(1, ports.pageRows ?? PAGE_ROWS);
  let bytes = 0;
  let last = 0;
  let more = false;
  return {
    add: (found: LaceworkAlert): boolean => {
      if (more) return false;
      const row = returns === undefined ? found : project(found, returns);
      const size = Buffer.byteLength(JSON.stringify(JSON.stringify(row)));
      more = rows.length >= limit || (rows.length > 0 && bytes + size > PAGE_BYTES);
      if (more) return false;
      rows.push(row);
      bytes += size;
      last = found.alertId;
      return true;
    },
    finish: ({ question, top, seen, total }: Omit<Cursor, "before">): ListPage => ({
      rows,
      // Rows may change while pages are read: a total below what was shown would be nonsense.
      total: Math.max(total, seen + rows.length + (more ? 1 : 0)),
      ...(more ? { next: { question, top, before: last, seen: seen + rows.length, total } } : {}),
    }),
  };
}

/** What a question finds, from below `before` down. */
async function* matching(
  ports: LaceworkPorts,
  key: ApiKey,
  question: Question,
  before: number | undefined,
  deadline: number,
): AsyncGenerator<LaceworkAlert> {
  const passes: RowTest = compileFilters(question.filters);
  let below = before;
  while (below === undefined || below > 1) {
    const range = { limit: READ_AT_ONCE, ...(below === undefined ? {} : { before: below }) };
    const read = await ask(() => ports.cases.published(range, deadline));
    for (const numbered of read) {
      const published = readTime(numbered.publishedAt) ?? 0;
      // Publication times rise with the numbers, and no row begins after its own: all that follow lie before the range.
      if (published < question.from) return;
      // Rows are at hand, so nothing else ends a question with many patterns over many of them.
      if (ports.now() > deadline) throw tooLong();
      const row = rowOf(numbered);
      if (
        isWithin(question, readTime(row.startTime) ?? 0, published) &&
        maySee(key, numbered.row.accountId) &&
        passes(row)
      ) {
        yield row;
      }
    }
    below = read.at(-1)?.number;
    if (below === undefined) return;
  }
}

function tooLong(): ProblemError {
  return new ProblemError(400, "This takes too long: ask for a shorter time, or with simpler filters.");
}

function isWithin({ from, to }: Question, began: number, published: number): boolean {
  return (began >= from && began <= to) || (published >= from && published <= to);
}

/**
 * The number below which a range of long ago can have something: the first one that was published too late to have begun
 * in it, found by halving. Undefined: from the newest on.
 */
async function startOf(
  ports: LaceworkPorts,
  { to }: Question,
  deadline: number,
): Promise<number | undefined> {
  const latest = to + LATEST_MS;
  if (latest >= ports.now()) return undefined;
  const [newest] = await ask(() => ports.cases.published({ limit: 1 }, deadline));
  let [low, high] = [1, (newest?.number ?? 0) + 1];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const at = await ask(() => ports.cases.byNumber(middle, deadline));
    // One that is not there any more is older than all that are.
    if (at === undefined || (readTime(at.publishedAt) ?? 0) <= latest) low = middle + 1;
    else high = middle;
  }
  return low;
}

function project(row: LaceworkAlert, returns: readonly string[]): Partial<LaceworkAlert> {
  return Object.fromEntries(Object.entries(row).filter(([name]) => returns.includes(name)));
}
