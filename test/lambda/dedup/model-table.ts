import type { Item, Key, Table, Update } from "../../../lambda/state/table.ts";

/**
 * A table in memory that judges the few expressions that counting writes; `dedup-table.test.ts` holds it to what
 * DynamoDB (dynalite) answers.
 */
export function modelTable(): Table & { readonly items: Map<string, Item> } {
  const items = new Map<string, Item>();
  return {
    items,
    get: async (key) => copy(items.get(at(key))),
    put: async (item, guard) => {
      if (guard !== undefined && !holds(items.get(at(item)), guard)) return false;
      items.set(at(item), copy(item));
      return true;
    },
    update: async (key, update) => {
      const old = items.get(at(key));
      if (!holds(old, update)) return undefined;
      const next = copy(old ?? { ...key }) as Record<string, unknown>;
      apply(next, old, update);
      items.set(at(key), next as Item);
      return copy(next as Item);
    },
    query: async (pk, { from = "", to = "\u{10ffff}" }) =>
      [...items.values()]
        .filter((item) => item.pk === pk && item.sk >= from && item.sk <= to)
        .toSorted((a, b) => (a.sk < b.sk ? -1 : 1))
        .map((item) => copy(item)),
    queryIndex: async () => fail("counting reads no index"),
  };
}

type Guard = Pick<Update, "condition" | "names" | "values">;

function steps(path: string, { names }: Guard): string[] {
  return path
    .trim()
    .split(".")
    .map((step) => (step.startsWith("#") ? (names?.[step] ?? fail(`no name ${step}`)) : step));
}

function read(item: unknown, path: readonly string[]): unknown {
  let value = item;
  for (const step of path) value = (value as Record<string, unknown> | undefined)?.[step];
  return value;
}

function parent(item: Record<string, unknown>, path: readonly string[]): Record<string, unknown> {
  const found = read(item, path.slice(0, -1));
  return (found as Record<string, unknown> | undefined) ?? fail(`no ${path.join(".")} to write into`);
}

function holds(item: Item | undefined, guard: Guard): boolean {
  return (guard.condition ?? "").split(" AND ").every((clause) => {
    if (clause === "") return true;
    const [, test, tested = ""] =
      /^(attribute_exists|attribute_not_exists)\((.+)\)$/.exec(clause.trim()) ?? [];
    if (test !== undefined) {
      return (read(item, steps(tested, guard)) !== undefined) === (test === "attribute_exists");
    }
    const [, less, than, bound] = /^(\S+) ([<>]) (:\w+)$/.exec(clause.trim()) ?? [];
    if (less !== undefined) {
      const difference = Number(read(item, steps(less, guard))) - Number(guard.values?.[bound ?? ""]);
      return than === "<" ? difference < 0 : difference > 0;
    }
    const [left = "", right = ""] = clause.split(" = ");
    return read(item, steps(left, guard)) === (guard.values?.[right.trim()] ?? fail(`no value ${right}`));
  });
}

function apply(next: Record<string, unknown>, old: Item | undefined, update: Update): void {
  const [, sets = "", removes = ""] = /^SET (.*?)(?: REMOVE (.*))?$/.exec(update.update) ?? [];
  for (const set of sets.split(/, (?![^(]*\))/)) {
    const [left = "", right = ""] = set.split(" = ");
    const path = steps(left, update);
    parent(next, path)[path.at(-1) ?? ""] = structuredClone(evaluate(right, old, update));
  }
  for (const one of removes === "" ? [] : removes.split(", ")) {
    const path = steps(one, update);
    delete parent(next, path)[path.at(-1) ?? ""];
  }
}

function evaluate(text: string, old: Item | undefined, update: Update): unknown {
  const value = (name: string): unknown => update.values?.[name.trim()] ?? fail(`no value ${name}`);
  const [, tested, otherwise] = /^if_not_exists\((.+), (:\w+)\)$/.exec(text) ?? [];
  if (tested !== undefined) return read(old, steps(tested, update)) ?? value(otherwise ?? "");
  const [left = "", right] = text.split(" + ");
  if (right === undefined) return value(left);
  return Number(read(old, steps(left, update))) + Number(value(right));
}

function fail(message: string): never {
  throw new Error(message);
}

function at({ pk, sk }: Key): string {
  return `${pk} ${sk}`;
}

function copy<T>(value: T): T {
  return structuredClone(value);
}
