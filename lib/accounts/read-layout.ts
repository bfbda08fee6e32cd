/**
 * The layout of a deployed engine, as its stack shows it. Like the doctor, nobody reads cdk.json for it: what counts is
 * what runs.
 */
import { isObject, textAt, valueAt } from "../../lambda/record/untrusted.ts";

/** Which accounts and Regions should forward to the engine. */
export type DeployedLayout = {
  readonly regions: readonly string[];
  /** The accounts that the hub admits; undefined where it admits an organisation, or is no hub. */
  readonly accounts: readonly string[] | undefined;
  readonly organizationId: string | undefined;
  readonly names: Readonly<Record<string, string>>;
  readonly canary: { readonly every: number; readonly within: number } | undefined;
};

/** Reads the output `Layout` of the stack; one Region of one account where there is none. */
export function readLayout(text: string | undefined): DeployedLayout {
  const layout = parse(text);
  const accounts = valueAt(layout, "hub", "accounts");
  const names = valueAt(layout, "accounts");
  const every = valueAt(layout, "canary", "every");
  const within = valueAt(layout, "canary", "within");
  return {
    regions: texts(valueAt(layout, "regions")),
    accounts: accounts === undefined ? undefined : texts(accounts),
    organizationId: textAt(layout, "hub", "organizationId"),
    names: isObject(names)
      ? Object.fromEntries(Object.entries(names).map(([id, name]) => [id, String(name)]))
      : {},
    canary: typeof every === "number" && typeof within === "number" ? { every, within } : undefined,
  };
}

function parse(text: string | undefined): unknown {
  try {
    return text === undefined ? {} : JSON.parse(text);
  } catch {
    // Somebody else's output of that name.
    return {};
  }
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === "string") : [];
}
