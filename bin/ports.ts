/** Ports of 127.0.0.1 that options name. */
import { UsageError } from "./command.ts";

/** The port that an option gives, undefined when it is absent. Throws a UsageError for what is no port. */
export function readPort(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const port = Number(text);
  if (!/^\d+$/u.test(text) || port > 65_535)
    throw new UsageError(`--${option} takes a port from 0 to 65535, not "${text}".`);
  return port;
}
