/** What `npm start` is told of destinations, faults and speed, read together: what one says depends on the others. */
import { type Fault, readFaults, readNames, readSpeed } from "../lib/local/choices.ts";
import { UsageError } from "./command.ts";

/** What is shown and what fails in a local run. */
export type Choices = {
  readonly destinations: readonly string[] | undefined;
  readonly faults: readonly Fault[];
  readonly speed: number | undefined;
  /** Nothing was chosen: the messages of stand-ins would only repeat the alerts. */
  readonly isDefault: boolean;
};

/** Reads them. Throws a UsageError for what is none. */
export function readChoices(values: {
  readonly destinations?: string | undefined;
  readonly fail: readonly string[];
  readonly speed?: string | undefined;
}): Choices {
  const destinations = values.destinations === undefined ? undefined : readNames(values.destinations);
  const faults = readFaults(values.fail);
  const speed = values.speed === undefined ? undefined : readSpeed(values.speed);
  for (const choice of [destinations, faults, speed])
    if (typeof choice === "string") throw new UsageError(choice);
  return {
    destinations: typeof destinations === "string" ? undefined : destinations,
    faults: typeof faults === "string" ? [] : faults,
    speed: typeof speed === "string" ? undefined : speed,
    isDefault: destinations === undefined && values.fail.length === 0,
  };
}
