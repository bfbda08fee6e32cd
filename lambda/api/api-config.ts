/**
 * What an API's function is told: by the environment what CloudFormation alone knows, by `config.json` beside the bundle
 * the rest. It is apart from the detector's, which would bring all destinations with it.
 *
 *     config.json   { "keepDays": 90, "destinationTypes": { "topic": "sns", "slack": "slack" } }
 *     environment   ENGINE_TABLE
 */
import { readFileSync } from "node:fs";
import { isObject, valueAt } from "../record/untrusted.ts";

/** What `config.json` says; `lib/` writes it. */
export type ApiConfigFile = {
  /** For how many days the table keeps what is written. */
  readonly keepDays: number;
  /** The kind of each destination, by id: cases show it. */
  readonly destinationTypes: Readonly<Record<string, string>>;
};

/** All that the function is told. */
export type ApiConfig = ApiConfigFile & { readonly table: string };

/** A configuration that cannot be used. */
class ApiConfigError extends Error {
  override readonly name = "ApiConfigError";
}

const CURE = "the stack writes it: deploy the stack again";

/**
 * Reads the configuration.
 * @throws ApiConfigError
 */
export function readApiConfig(
  file: URL,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): ApiConfig {
  const table = environment["ENGINE_TABLE"] ?? "";
  if (!/^[\w.-]{3,255}$/.test(table))
    throw new ApiConfigError(`ENGINE_TABLE is no name of a table; ${CURE}.`);
  const found = readFile(file);
  const keepDays = valueAt(found, "keepDays");
  const types = valueAt(found, "destinationTypes");
  if (typeof keepDays !== "number" || !(keepDays >= 30 && keepDays <= 3650))
    throw new ApiConfigError(`config.json keepDays must be a number of days from 30 to 3650; ${CURE}.`);
  if (!isObject(types)) throw new ApiConfigError(`config.json destinationTypes must be an object; ${CURE}.`);
  const destinationTypes = Object.fromEntries(
    Object.entries(types).flatMap(([id, type]) => (typeof type === "string" ? [[id, type]] : [])),
  );
  return { table, keepDays, destinationTypes };
}

function readFile(file: URL): unknown {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as unknown;
  } catch {
    throw new ApiConfigError(`${file.pathname} cannot be read as JSON; ${CURE}.`);
  }
}
