/**
 * The column of a file that was fetched: JSON, JSON lines, plain lines or CSV. The file is data from elsewhere: what is
 * not of the format is refused as a whole, since half a list looks like a whole one.
 *
 *     parseFile('[{"name": "a"}, {"name": "b"}]', "json", "name")   // ["a", "b"]
 *     parseFile("id,name\n1,a\n2,\"b, c\"\n", "csv", "name")        // ["a", "b, c"]
 */
import { isObject } from "../record/untrusted.ts";
import { ListError } from "./list-error.ts";

/** The largest file that is read, in bytes. */
export const MAX_FILE_BYTES = 10 * 1024 * 1024;

/** The bytes of a file as text. Throws a ListError when they are no UTF-8. */
export function decodeFile(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new ListError("The file is not UTF-8.");
  }
}

/** The values of the column, undefined where a row has none. Throws a ListError for what is not of the format. */
export function parseFile(text: string, format: string, column: string | undefined): readonly unknown[] {
  switch (format) {
    case "json": {
      const found = parseJson(text, "The file");
      if (!Array.isArray(found)) throw new ListError("The file is JSON, but no array at its top.");
      return found.map((row: unknown) => columnOf(row, column));
    }
    case "ndjson":
      return linesOf(text).map((line, at) => columnOf(parseJson(line, `Row ${at + 1}`), column));
    case "lines":
      return linesOf(text).filter((line) => !line.startsWith("#"));
    default:
      return parseCsv(text, column ?? "");
  }
}

/** A row's column: a dotted path, where no key is spelled like all of it. */
export function columnOf(row: unknown, column: string | undefined): unknown {
  if (column === undefined || !isObject(row)) return column === undefined ? row : undefined;
  if (Object.hasOwn(row, column)) return row[column];
  let value: unknown = row;
  for (const key of column.split(".")) {
    if (!isObject(value) || !Object.hasOwn(value, key)) return undefined;
    value = value[key];
  }
  return value;
}

function parseJson(text: string, what: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // The parser's own message quotes the file.
    throw new ListError(`${what} is no JSON.`);
  }
}

function linesOf(text: string): string[] {
  return text
    .replace(/^\ufeff/u, "")
    .split(/\r\n|\n|\r/u)
    .map((line) => line.trim())
    .filter((line) => line !== "");
}

/** CSV as RFC 4180 has it: quotes around what has commas, quotes or line breaks in it, and doubled inside. */
function parseCsv(text: string, column: string): unknown[] {
  const [header = [], ...rows] = rowsOf(text.replace(/^\ufeff/u, ""));
  const at = header.map((name) => name.trim()).indexOf(column);
  if (at === -1) throw new ListError(`The first line of the file names no column ${JSON.stringify(column)}.`);
  return rows.filter((row) => row.length > 1 || row[0] !== "").map((row) => row[at]);
}

function rowsOf(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  const cell = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n|\n|\r|$)/gy;
  for (;;) {
    const start = cell.lastIndex;
    const found = cell.exec(text);
    if (found === null)
      throw new ListError(`Row ${rows.length + 1} of the file is no CSV: a quote in it is not closed.`);
    const [whole, quoted, plain = "", end] = found;
    row.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    if (end !== ",") {
      rows.push(row);
      row = [];
      if (end === "") return rows;
      if (start + whole.length >= text.length) return rows;
    }
  }
}
