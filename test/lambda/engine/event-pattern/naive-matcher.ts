/**
 * A second matcher of event patterns, written to be obviously right and nothing else: it flattens the whole event,
 * compares the JSON text of values as EventBridge's rule engine does, and tries every leaf for every field. Only for
 * valid patterns. Shares no code with the product, so that a mistake would have to be made twice to go unseen.
 */

type Field = { name: string; text: string; elements: Map<unknown, number> };
type Branch = Map<string, unknown[]>;
type Json = Record<string, unknown>;

export function naiveMatch(pattern: unknown, event: unknown): boolean {
  const fields: Field[] = [];
  flatten(event, [], new Map(), fields);
  return branches([new Map()], [], pattern as Json).some((branch) => {
    const wanted = [...branch].toSorted(([a], [b]) => (a < b ? -1 : 1));
    return search(wanted, 0, new Map(), fields);
  });
}

function flatten(value: unknown, path: string[], elements: Map<unknown, number>, fields: Field[]): void {
  if (Array.isArray(value)) {
    value.forEach((element, index) => {
      const inside = typeof element === "object" && element !== null;
      flatten(element, path, inside ? new Map([...elements, [value, index]]) : elements, fields);
    });
  } else if (typeof value === "object" && value !== null) {
    for (const [key, child] of Object.entries(value)) flatten(child, [...path, key], elements, fields);
  } else {
    const text = typeof value === "string" ? `"${value}"` : String(value);
    fields.push({ name: path.join("."), text, elements });
  }
}

function branches(sofar: Branch[], path: string[], object: Json): Branch[] {
  let result = sofar;
  for (const [key, value] of Object.entries(object)) {
    if (key === "$or") result = (value as Json[]).flatMap((each) => branches(result, path, each));
    else if (Array.isArray(value))
      result = result.map((each) => new Map([...each, [[...path, key].join("."), value]]));
    else result = branches(result, [...path, key], value as Json);
  }
  return result;
}

function search(
  wanted: [string, unknown[]][],
  at: number,
  tied: Map<unknown, number>,
  fields: Field[],
): boolean {
  const [name, values] = wanted[at] ?? [undefined, []];
  if (name === undefined) return true;
  const reachable = fields.filter(
    (field) =>
      field.name === name &&
      [...field.elements].every(([array, index]) => (tied.get(array) ?? index) === index),
  );
  const mayLack = values.some((value) => isOperator(value, "exists") && value["exists"] === false);
  if (mayLack && reachable.length === 0 && search(wanted, at + 1, tied, fields)) return true;
  return reachable.some(
    (field) =>
      values.some((value) => wants(value, field.text)) &&
      search(wanted, at + 1, new Map([...tied, ...field.elements]), fields),
  );
}

function isOperator(value: unknown, name: string): value is Json {
  return typeof value === "object" && value !== null && name in value;
}

function wants(value: unknown, text: string): boolean {
  if (typeof value !== "object" || value === null) {
    return text === (typeof value === "string" ? `"${value}"` : String(value));
  }
  const [name = "", argument] = Object.entries(value)[0] ?? [];
  if (name === "exists") return argument === true;
  if (name === "anything-but") {
    const [inner, excluded] =
      typeof argument === "object" && argument !== null && !Array.isArray(argument)
        ? (Object.entries(argument)[0] ?? [])
        : ["", argument];
    const list: unknown[] = Array.isArray(excluded) ? excluded : [excluded];
    return !list.some((each) => wants(inner === "" ? each : { [inner ?? ""]: each }, text));
  }
  if (name === "numeric")
    return (
      !text.startsWith('"') && !Number.isNaN(Number(text)) && inRange(argument as unknown[], Number(text))
    );
  if (!text.startsWith('"')) return false;
  if (name === "prefix") return folded(argument, text, (a, b) => a.startsWith(`"${b}`));
  if (name === "suffix") return folded(argument, text, (a, b) => a.endsWith(`${b}"`));
  if (name === "equals-ignore-case") return text.toLowerCase() === `"${String(argument)}"`.toLowerCase();
  if (name === "wildcard") return glob(Array.from(`"${String(argument)}"`), Array.from(text));
  throw new Error(`the naive matcher does not know ${name}`);
}

function folded(argument: unknown, text: string, test: (text: string, wanted: string) => boolean): boolean {
  if (typeof argument === "string") return test(text, argument);
  return test(text.toLowerCase(), String((argument as Json)["equals-ignore-case"]).toLowerCase());
}

function inRange([operator, bound, ...more]: unknown[], value: number): boolean {
  const limit = Number(bound);
  const holds =
    {
      "<": value < limit,
      "<=": value <= limit,
      "=": value === limit,
      ">=": value >= limit,
      ">": value > limit,
    }[String(operator)] === true;
  return holds && (more.length === 0 || inRange(more, value));
}

function glob(pattern: string[], text: string[]): boolean {
  const [head, ...tail] = pattern;
  if (head === undefined) return text.length === 0;
  if (head === "*") return glob(tail, text) || (text.length > 0 && glob(pattern, text.slice(1)));
  const literal = head === "\\" ? tail[0] : head;
  return text[0] === literal && glob(head === "\\" ? tail.slice(1) : tail, text.slice(1));
}
