/**
 * Columns under headings for a terminal: numbers to the right, words to the left, nothing cut.
 *
 *   textTable([{ head: "ALERTS", right: true }, { head: "RULE" }], [["60", "_global/unauthorized-call"]])
 *   // ["ALERTS  RULE", "    60  _global/unauthorized-call"]
 */

/** A column: its heading, and whether its cells stand to the right. */
export type Column = { readonly head: string; readonly right?: boolean };

/** The lines of a table: headings first, then a line a row; `below` has the lines that follow each row. */
export function textTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  below: readonly (readonly string[])[] = [],
): string[] {
  const widths = columns.map(({ head }, at) =>
    rows.reduce((width, row) => Math.max(width, row[at]?.length ?? 0), head.length),
  );
  const line = (cells: readonly string[]): string =>
    columns
      .map(({ right }, at) => {
        const cell = cells[at] ?? "";
        return right === true ? cell.padStart(widths[at] ?? 0) : cell.padEnd(widths[at] ?? 0);
      })
      .join("  ")
      .trimEnd();
  const lines = [line(columns.map(({ head }) => head))];
  for (const [at, row] of rows.entries()) lines.push(line(row), ...(below[at] ?? []));
  return lines;
}
