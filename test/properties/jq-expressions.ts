/**
 * Random jq expressions of the shapes that selectors are derived from, and some that nothing is derived from; and records
 * that hit and nearly hit them: absent, null, empty, numbers for texts, dotted keys, line breaks, halves of surrogates.
 */
type Next = (below: number) => number;

const PATHS = [
  ".eventName",
  ".errorCode",
  ".readOnly",
  ".userAgent",
  ".requestParameters.a",
  ".requestParameters.a.b",
  '.requestParameters["a"].b',
  '."eventName"',
  ".userIdentity.type",
  ".userIdentity.invokedBy",
  ".actor.name",
  ".eventSource",
  ".unknown",
  ".requestParameters",
];
export const WORDS = [
  "CreateUser",
  "DeleteUser",
  "createuser",
  "GetUser",
  "ListUsers",
  "A",
  "a",
  "",
  "A\n",
  "\ud800",
  "é",
  "CreateUserX",
  "xCreate",
  "0",
  "Create",
  "S3",
];
const CONSTANTS = [
  ...WORDS.filter((word) => word.isWellFormed()).map((word) => JSON.stringify(word)),
  '"\ufffd"',
  "null",
  "false",
  "true",
  "0",
  "1",
  "1.0",
  '"\\u0041"',
];
const PATTERNS = [
  "^Create",
  "^(Create|Delete)User$",
  "^(?:Get|List)",
  "Create",
  "^A?",
  "^Creat.*User",
  "^C+reate",
  "^A|B",
  "^A|^C",
  "^(A|)",
  "^[A-C]reate",
  "^Create\\\\w",
  "^(Get|List)(User|Users)$",
  "^a$",
  "^S\\\\d",
  "^(?i)create",
  "^Create|^(Delete|Get)",
];

/** An expression; a smaller `size` gives a shorter one. */
export function makeExpression(next: Next, size = 3): string {
  const pick = <T>(from: readonly T[]): T => from[next(from.length)] as T;
  const path = (): string => pick(PATHS);
  const constant = (): string => pick(CONSTANTS);
  const several = (): string => Array.from({ length: 1 + next(3) }, constant).join(", ");
  const inner = (): string => makeExpression(next, size - 1);
  const test = (): string =>
    pick([
      () => `${path()} == ${constant()}`,
      () => `${path()} == ${constant()}`,
      () => `${constant()} == ${path()}`,
      () => `${path()} != ${constant()}`,
      () => `(${path()} | test("${pick(PATTERNS)}"))`,
      () => `(${path()} | test("${pick(PATTERNS)}") | not)`,
      () => `(${path()} | test("${pick(PATTERNS)}"; "i"))`,
      () => `(${path()} | IN(${several()}))`,
      () => `IN(${path()}; ${several()})`,
      () => `(${path()} | IN(${several()}) | not)`,
      () => `(${path()} | startswith(${JSON.stringify(pick(WORDS).toWellFormed())}))`,
      () => `(${path()} | endswith(${JSON.stringify(pick(WORDS).toWellFormed())}) | not)`,
      () => `(${path()} | ascii_downcase == ${constant()})`,
      () => `(${path()} == (${several()}))`,
      () => `(${path()} != (${several()}))`,
      () => path(),
      () => `(${path()} | not)`,
      () => `(${path()} | IN(("a", (select(.errorCode) | "CreateUser"))) | not)`,
      () => `(${path()} // ${constant()})`,
      () => `(${path()} | length > 3)`,
      () => `([${path()}] | length > 0)`,
    ])();
  if (size <= 0) return test();
  return pick([
    test,
    () => `select(${inner()})`,
    () => `select(${inner()}) | select(${inner()})`,
    () => `select(${inner()}) | "made \\(.eventName)"`,
    () => `select(${inner()}).eventName`,
    () => `(${inner()}) and (${inner()})`,
    () => `(${inner()}) or (${inner()})`,
    () => `${test()} and ${test()} or ${test()}`,
    () => `(${inner()}) | not`,
    () => `(${inner()}) | not | not`,
    () => `(${inner()}), (${inner()})`,
    () => `(${inner()}) // (${inner()})`,
    () => `if ${inner()} then ${inner()} else ${inner()} end`,
    () => `if ${inner()} then . else empty end`,
    () => `if ${inner()} then ${inner()} end`,
    () => `${path()} as $x | select($x == ${constant()}) | ${inner()}`,
    () => `(${inner()}) as $b | $b`,
    () => `. as $r | select(${inner()}) | $r | ${inner()}`,
    () => `(${several()}) as $x | ${path()} == $x`,
    () => `(${inner()})?`,
    () => `select((${inner()}) == true)`,
    () => `(${test()}) == (${test()})`,
    () => `(${inner()}) # ${constant()}\n| .`,
  ])();
}

/** A record; most have what expressions ask for. */
export function makeJqRecord(next: Next): Record<string, unknown> {
  const pick = <T>(from: readonly T[]): T => from[next(from.length)] as T;
  const text = (): unknown => pick([...WORDS, undefined, undefined, null]);
  const any = (): unknown =>
    pick<unknown>([text(), text(), 0, 1, true, false, [], {}, ["A"], { b: text() }, { b: [text()] }]);
  const record: Record<string, unknown> = {
    eventVersion: "1.11",
    eventID: "e",
    eventType: "AwsApiCall",
    eventSource: pick(["iam.amazonaws.com", "s3.amazonaws.com", "S3", "A"]),
    eventName: pick(WORDS.filter((word) => word !== "")),
    errorCode: text(),
    readOnly: pick([true, false, undefined, null]),
    userAgent: text(),
    userIdentity: pick<unknown>([undefined, null, { type: text(), invokedBy: text() }]),
    requestParameters: pick<unknown>([
      undefined,
      null,
      {},
      { a: any() },
      { a: any(), "a.b": any() },
      { "a.b": any() },
      { a: { b: any() }, "a.b": any() },
    ]),
    actor: pick<unknown>([undefined, { name: text() }]),
    unknown: any(),
  };
  if (next(6) === 0) record["requestParameters.a"] = any();
  if (next(6) === 0) record["userIdentity.type"] = text();
  return JSON.parse(JSON.stringify(record)) as Record<string, unknown>;
}

/** A small generator of numbers. */
export function random(seed: number): Next {
  let state = seed | 0;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}
