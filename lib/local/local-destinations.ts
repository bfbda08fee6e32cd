/**
 * The destinations of a local run as the bundle's configuration names them, each with what stands in for it.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { mediumOf } from "./media.ts";
import type { MediumPlace } from "./media.ts";
import { objectIn, startStandIn, textIn } from "./stand-in.ts";
import type { StandIn, StandInPlace } from "./stand-in.ts";

/** A destination that the bundle knows. */
export type LocalDestination = { readonly id: string; readonly type: string };

/** The destinations in the `config.json` of an unpacked asset. */
export function readDestinations(folder: string): LocalDestination[] {
  const listed = objectIn(readFileSync(join(folder, "config.json"), "utf8"))?.["destinations"];
  return (Array.isArray(listed) ? listed : []).map((one: unknown) => ({
    id: textIn(one, "id"),
    type: textIn(one, "type"),
  }));
}

/** Starts what stands in for each; topics are on the local SNS. Throws for a type that nothing stands in for. */
export async function startDestinations(
  destinations: readonly LocalDestination[],
  place: MediumPlace & StandInPlace,
): Promise<Map<string, StandIn>> {
  const started = new Map<string, StandIn>();
  for (const { id, type } of destinations) {
    if (type === "sns") continue;
    const medium = mediumOf(type, place);
    if (medium === undefined)
      throw new Error(`nothing stands in for destinations of the type ${type} in the local run yet`);
    started.set(id, await startStandIn(id, medium, place));
  }
  return started;
}
