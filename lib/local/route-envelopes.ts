/**
 * From the event bus to the functions: which event rules of the template let an envelope through, and to what targets.
 */
import { compileEventRules } from "../../lambda/engine/delivery.ts";
import type { Envelope } from "../../lambda/record/record.ts";
import type { LocalLambda } from "./local-lambda.ts";
import type { LocalEventRule } from "./local-stack.ts";

/** Takes envelopes, and counts them. */
export type EnvelopeRoute = {
  counts(): { readonly seen: number; readonly letThrough: number };
  take(envelope: Envelope): void;
};

/** Takes envelopes to the functions that the event rules deliver them to. */
export function routeEnvelopes(
  eventRules: readonly LocalEventRule[],
  lambdas: ReadonlyMap<string, LocalLambda>,
  listener: {
    onEnvelope?(envelope: Envelope, letThrough: boolean): void;
    onPassedOver?(envelope: Envelope, counted: boolean): void;
  },
): EnvelopeRoute {
  const delivering = compileEventRules(eventRules);
  const targets = new Map(eventRules.map(({ name, targets: of }) => [name, of]));
  let seen = 0;
  let letThrough = 0;
  return {
    counts: () => ({ seen, letThrough }),
    take: (envelope: Envelope): void => {
      seen += 1;
      const through = delivering(envelope);
      const to = through.flatMap(({ name }) => targets.get(name) ?? []);
      listener.onEnvelope?.(envelope, to.length > 0);
      if (to.length > 0) letThrough += 1;
      else listener.onPassedOver?.(envelope, through.length > 0);
      for (const target of to) lambdas.get(target)?.invoke(envelope);
    },
  };
}
