/**
 * The configured routing as the Lambda takes it, its defaults filled in: without routes, every alert goes everywhere.
 */
import type { Routing } from "../lambda/routing.ts";
import type { EngineConfig } from "./config-schema.ts";
import { TOPIC_DESTINATION } from "./destination-schema.ts";

/** The ids of all destinations, the alerts topic first. */
export function destinationIds({ destinations }: EngineConfig): string[] {
  return [TOPIC_DESTINATION, ...Object.keys(destinations)];
}

/** The routing of `config.json`. */
export function routingOf(config: EngineConfig): Routing {
  return {
    match: config.routeMatch,
    // zod types what is absent as undefined too; it leaves such keys out.
    routes: config.routes as Routing["routes"],
    otherwise: config.defaultRoute ?? destinationIds(config),
  };
}
