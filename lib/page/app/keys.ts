/** What a key does. Keys that are typed into a field, and those of the browser, stay what they are. */

/** A key press, as far as it counts here. */
type Press = {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
  readonly target: EventTarget | null;
};

export type Action =
  | "next"
  | "previous"
  | "open"
  | "back"
  | "search"
  | "acknowledge"
  | "close"
  | "comment"
  | "suppress"
  | "help";

/** The keys as the help shows them. */
export const KEYS: readonly { readonly keys: readonly string[]; readonly does: string }[] = [
  { keys: ["j", "↓"], does: "next alert" },
  { keys: ["k", "↑"], does: "previous alert" },
  { keys: ["Enter"], does: "open it" },
  { keys: ["Esc"], does: "back to the list; in the list, clear the search" },
  { keys: ["/"], does: "search" },
  { keys: ["a"], does: "acknowledge" },
  { keys: ["c"], does: "close, with a reason" },
  { keys: ["m"], does: "comment" },
  { keys: ["s"], does: "suppress this" },
  { keys: ["?"], does: "this help" },
];

const ACTIONS: Readonly<Record<string, Action>> = {
  j: "next",
  k: "previous",
  Enter: "open",
  Escape: "back",
  "/": "search",
  a: "acknowledge",
  c: "close",
  m: "comment",
  s: "suppress",
  "?": "help",
};
const IN_LIST: Readonly<Record<string, Action>> = { ArrowDown: "next", ArrowUp: "previous" };

/** The action of a key; undefined where it has none, or where it is meant for what has the focus. */
export function actionOf({ key, ctrlKey, metaKey, altKey, target }: Press): Action | undefined {
  if (ctrlKey || metaKey || altKey) return undefined;
  const tag = nameOf(target);
  if (tag === "input" || tag === "textarea" || tag === "select") return undefined;
  if (roleOf(target) === "listbox" && Object.hasOwn(IN_LIST, key)) return IN_LIST[key];
  const pressesItself = tag === "button" || tag === "a" || tag === "summary";
  if (key === "Enter" && pressesItself) return undefined;
  return Object.hasOwn(ACTIONS, key) ? ACTIONS[key] : undefined;
}

function nameOf(target: EventTarget | null): string {
  const name: unknown = target !== null && "localName" in target ? target.localName : undefined;
  return typeof name === "string" ? name : "";
}

function roleOf(target: EventTarget | null): string | null {
  const element = target as { getAttribute?: (name: string) => string | null } | null;
  return element?.getAttribute?.("role") ?? null;
}
