/**
 * DynamoDB's condition and update expressions, as far as a table of this repository may use them: `=` `<>` `<` `<=` `>`
 * `>=`, `IN`, `BETWEEN`, `AND`, `OR`, `NOT`, `attribute_exists`, `attribute_not_exists`, `begins_with`; `SET` with `+`,
 * `-` and `if_not_exists`, `REMOVE`. Anything else throws: a test then says that this table has to learn it.
 *
 *     compileCondition("#m.#d < :now")({ deliveries: { slack: 3 } }, { "#m": "deliveries", "#d": "slack" }, { ":now": 5 })   // true
 */
type Names = Readonly<Record<string, string>>;
type Values = Readonly<Record<string, unknown>>;
type Attributes = Record<string, unknown>;
type Read = (item: Attributes, names: Names, values: Values) => unknown;
type Path = (names: Names) => readonly string[];

/** Whether an item is as the condition says. */
export type ConditionTest = (item: Attributes, names: Names, values: Values) => boolean;
/** Changes an item in place; throws where DynamoDB refuses the path. */
export type Change = (item: Attributes, names: Names, values: Values) => void;

const TOKEN = /\s*(<>|<=|>=|[=<>(),.+-]|[#:]?[A-Za-z_][\w-]*)/y;

class Tokens {
  readonly list: readonly string[];
  at = 0;
  constructor(text: string) {
    const found: string[] = [];
    TOKEN.lastIndex = 0;
    while (TOKEN.lastIndex < text.trimEnd().length) {
      const match = TOKEN.exec(text);
      if (match?.[1] === undefined) throw new Error(`this expression cannot be read: ${text}`);
      found.push(match[1]);
    }
    this.list = found;
  }
  get next(): string {
    return this.list[this.at] ?? "";
  }
  is(word: string): boolean {
    return this.next.toUpperCase() === word;
  }
  take(word?: string): string {
    if (word !== undefined && !this.is(word))
      throw new Error(`${word} expected, got "${this.next}" in ${this.list.join(" ")}`);
    return this.list[this.at++] ?? "";
  }
  skip(word: string): boolean {
    if (!this.is(word)) return false;
    this.at++;
    return true;
  }
}

const conditions = new Map<string, ConditionTest>();
const updates = new Map<string, Change>();

/** Compiles a condition. */
export function compileCondition(text: string): ConditionTest {
  const known = conditions.get(text);
  if (known !== undefined) return known;
  const tokens = new Tokens(text);
  const test = either(tokens);
  if (tokens.next !== "") throw new Error(`"${tokens.next}" was not expected in ${text}`);
  conditions.set(text, test);
  return test;
}

function either(tokens: Tokens): ConditionTest {
  let left = both(tokens);
  while (tokens.skip("OR")) {
    const [a, b] = [left, both(tokens)];
    left = (...all) => a(...all) || b(...all);
  }
  return left;
}

function both(tokens: Tokens): ConditionTest {
  let left = single(tokens);
  while (tokens.skip("AND")) {
    const [a, b] = [left, single(tokens)];
    left = (...all) => a(...all) && b(...all);
  }
  return left;
}

function single(tokens: Tokens): ConditionTest {
  if (tokens.skip("NOT")) {
    const inner = single(tokens);
    return (...all) => !inner(...all);
  }
  if (tokens.skip("(")) {
    const inner = either(tokens);
    tokens.take(")");
    return inner;
  }
  for (const [word, wanted] of [
    ["ATTRIBUTE_EXISTS", true],
    ["ATTRIBUTE_NOT_EXISTS", false],
  ] as const) {
    if (!tokens.skip(word)) continue;
    tokens.take("(");
    const path = pathOf(tokens);
    tokens.take(")");
    return (item, names) => (readAt(item, path(names)) !== undefined) === wanted;
  }
  if (tokens.skip("BEGINS_WITH")) {
    tokens.take("(");
    const text = operand(tokens);
    tokens.take(",");
    const start = operand(tokens);
    tokens.take(")");
    return (...all) => isPrefix(start(...all), text(...all));
  }
  return comparison(tokens);
}

function comparison(tokens: Tokens): ConditionTest {
  const left = operand(tokens);
  const operator = tokens.take().toUpperCase();
  if (operator === "IN") {
    tokens.take("(");
    const options = [operand(tokens)];
    while (tokens.skip(",")) options.push(operand(tokens));
    tokens.take(")");
    return (...all) => options.some((option) => isSame(left(...all), option(...all)));
  }
  const right = operand(tokens);
  if (operator === "BETWEEN") {
    tokens.take("AND");
    const end = operand(tokens);
    return (...all) =>
      isOrdered(right(...all), left(...all), true) && isOrdered(left(...all), end(...all), true);
  }
  switch (operator) {
    case "=":
      return (...all) => isSame(left(...all), right(...all));
    case "<>":
      // Of an attribute that is not there it is true, as DynamoDB has it.
      return (...all) => !isSame(left(...all), right(...all));
    case "<":
    case "<=":
      return (...all) => isOrdered(left(...all), right(...all), operator === "<=");
    case ">":
    case ">=":
      return (...all) => isOrdered(right(...all), left(...all), operator === ">=");
    default:
      throw new Error(`"${operator}" is no operator that this table knows`);
  }
}

/** Compiles an update. */
export function compileUpdate(text: string): Change {
  const known = updates.get(text);
  if (known !== undefined) return known;
  const tokens = new Tokens(text);
  // All values are read before any is written, as DynamoDB does.
  const steps: ((item: Attributes, names: Names, values: Values) => () => void)[] = [];
  while (tokens.next !== "") {
    const verb = tokens.take().toUpperCase();
    do {
      const path = pathOf(tokens);
      if (verb === "REMOVE")
        steps.push((item, names) => {
          const [parent, last] = parentOf(item, path(names));
          return () => delete parent[last];
        });
      else if (verb === "SET") {
        tokens.take("=");
        const value = sum(tokens);
        steps.push((item, names, values) => {
          const found = value(item, names, values);
          if (found === undefined) throw validation("an attribute of the update is not there");
          const [parent, last] = parentOf(item, path(names));
          return () => (parent[last] = found);
        });
      } else throw new Error(`"${verb}" is no update that this table knows`);
    } while (tokens.skip(","));
  }
  const change: Change = (item, names, values) => {
    for (const write of steps.map((step) => step(item, names, values))) write();
  };
  updates.set(text, change);
  return change;
}

function sum(tokens: Tokens): Read {
  let left = operand(tokens);
  for (let sign = tokens.next; sign === "+" || sign === "-"; sign = tokens.next) {
    tokens.take();
    const [a, b, by] = [left, operand(tokens), sign === "+" ? 1 : -1];
    left = (...all) => {
      const [x, y] = [a(...all), b(...all)];
      if (typeof x !== "number" || typeof y !== "number") throw validation("only numbers can be added");
      return x + by * y;
    };
  }
  return left;
}

function operand(tokens: Tokens): Read {
  if (tokens.skip("IF_NOT_EXISTS")) {
    tokens.take("(");
    const path = pathOf(tokens);
    tokens.take(",");
    const otherwise = operand(tokens);
    tokens.take(")");
    return (item, names, values) => readAt(item, path(names)) ?? otherwise(item, names, values);
  }
  if (tokens.next.startsWith(":")) {
    const name = tokens.take();
    return (_item, _names, values) => {
      if (!Object.hasOwn(values, name)) throw validation(`there is no value ${name}`);
      return values[name];
    };
  }
  const path = pathOf(tokens);
  return (item, names) => readAt(item, path(names));
}

function pathOf(tokens: Tokens): Path {
  const steps = [tokens.take()];
  while (tokens.skip(".")) steps.push(tokens.take());
  return (names) =>
    steps.map((step) => {
      if (!step.startsWith("#")) return step;
      const name = names[step];
      if (name === undefined) throw validation(`there is no name ${step}`);
      return name;
    });
}

function readAt(item: Attributes, path: readonly string[]): unknown {
  let value: unknown = item;
  for (const step of path) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, step)) return undefined;
    value = (value as Attributes)[step];
  }
  return value;
}

function parentOf(item: Attributes, path: readonly string[]): [Attributes, string] {
  const parent = readAt(item, path.slice(0, -1));
  if (typeof parent !== "object" || parent === null)
    throw validation("the document path of the update is invalid for the item");
  return [parent as Attributes, path.at(-1) ?? ""];
}

function isPrefix(start: unknown, text: unknown): boolean {
  return typeof start === "string" && typeof text === "string" && text.startsWith(start);
}

function isSame(a: unknown, b: unknown): boolean {
  return a === b || (typeof a === "object" && a !== null && JSON.stringify(a) === JSON.stringify(b));
}

function isOrdered(a: unknown, b: unknown, orSame: boolean): boolean {
  if (typeof a === "number" && typeof b === "number") return orSame ? a <= b : a < b;
  return typeof a === "string" && typeof b === "string" && (orSame ? a <= b : a < b);
}

/** The error that DynamoDB gives for a request that it does not understand. */
export function validation(message: string): Error {
  return Object.assign(new Error(message), { name: "ValidationException" });
}
