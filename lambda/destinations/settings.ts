/**
 * The settings of a kind of destination, declared once as data: the Lambda checks them with it, the stack makes the
 * schema of cdk.json and the permissions to read secrets from it, and the docs' table is held to it. It is not a zod
 * schema because the Lambda, whose cold start everybody waits for, would have to load zod.
 *
 *     const declared = { site: { kind: "choice", description: "…", values: ["datadoghq.eu"] } } as const satisfies Settings;
 *     checkSettings(declared, { site: "datadoghq.com" })   // ['site must be one of datadoghq.eu, got "datadoghq.com"']
 */
import { looksLikeSecret } from "./looks-like-secret.ts";

type Declared = {
  /** For docs and error messages: what it is, one sentence. */
  readonly description: string;
  /** Whether it may be left out. */
  readonly optional?: true;
};

/** One setting. */
export type Setting = Declared &
  (
    | { readonly kind: "text"; readonly pattern: RegExp; readonly example: string }
    | { readonly kind: "texts"; readonly pattern: RegExp; readonly example: string; readonly max: number }
    | { readonly kind: "choice"; readonly values: readonly string[] }
    /** The name or ARN of a secret in Secrets Manager, or `ssm:/name` of a SecureString parameter; never the secret. */
    | { readonly kind: "secret"; readonly holds: string }
  );

/** The settings of a kind of destination by name; `id`, `type` and, in local runs, `endpoint` stand beside them. */
export type Settings = { readonly [name: string]: Setting };

type ValueOf<S extends Setting> = S extends { kind: "texts" }
  ? readonly string[]
  : S extends { kind: "choice"; values: readonly (infer V)[] }
    ? V
    : string;

/** Settings that were checked, as a destination gets them. */
export type Checked<S extends Settings> = {
  readonly id: string;
  /** Set in local runs only. */
  readonly endpoint?: string;
} & { readonly [N in keyof S as S[N] extends { optional: true } ? never : N]: ValueOf<S[N]> } & {
  readonly [N in keyof S as S[N] extends { optional: true } ? N : never]?: ValueOf<S[N]>;
};

const SECRET_ARN = /^arn:aws[\w-]*:secretsmanager:[a-z0-9-]+:\d{12}:secret:[\w/+=.@-]{1,519}$/;
const SECRET_NAME = /^[\w/+=.@-]{1,512}$/;
const PARAMETER = /^ssm:\/?[\w./-]{1,1011}$/;

/** Everything that is wrong with the settings, each with its cure; empty when they are fine. */
export function checkSettings(declared: Settings, given: Readonly<Record<string, unknown>>): string[] {
  return Object.entries(declared).flatMap(([name, setting]) => {
    const value = given[name];
    if (value === undefined)
      return setting.optional === true ? [] : [`${name} is missing: ${setting.description}`];
    const problem = problemOf(setting, value);
    return problem === undefined ? [] : [`${name} ${problem}`];
  });
}

function problemOf(setting: Setting, value: unknown): string | undefined {
  const { kind, description } = setting;
  if (kind === "text") {
    if (typeof value === "string" && setting.pattern.test(value)) return undefined;
    return `must be ${description}, e.g. ${setting.example}, got ${quoted(value)}`;
  }
  if (kind === "texts") {
    const { pattern, max, example } = setting;
    const areTexts =
      Array.isArray(value) && value.every((one) => typeof one === "string" && pattern.test(one));
    if (areTexts && value.length <= max) return undefined;
    return `must be a list of at most ${max}: ${description}, e.g. ["${example}"]`;
  }
  if (kind === "choice") {
    if (typeof value === "string" && setting.values.includes(value)) return undefined;
    return `must be one of ${setting.values.join(", ")}, got ${quoted(value)}`;
  }
  if (isSecretReference(value)) return undefined;
  // Not quoted: somebody may have put the secret itself here.
  return `must be the name or ARN of a Secrets Manager secret, or ssm:/name of a parameter, with ${setting.holds}; never the secret itself`;
}

/** For an error: somebody may have put a secret where a name belongs. */
export function quoted(value: unknown): string {
  return looksLikeSecret(value) ? "what looks like a secret" : JSON.stringify(value);
}

/** Whether a value can be the reference to a secret, and does not look like one itself. */
export function isSecretReference(value: unknown): value is string {
  if (typeof value !== "string" || looksLikeSecret(value)) return false;
  if (value.startsWith("ssm:")) return PARAMETER.test(value);
  return value.startsWith("arn:") ? SECRET_ARN.test(value) : SECRET_NAME.test(value);
}
