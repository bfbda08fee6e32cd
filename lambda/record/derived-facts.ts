/**
 * Facts that are not in the record but follow from it: who (`actor.*`), how (`channel.*`) and with what `outcome`.
 * They are derived only when a candidate names one of them.
 */
import { deriveActor, deriveActorFact } from "./actor.ts";
import { deriveChannel } from "./channel.ts";
import type { FactPath } from "./fact-path.ts";
import { deriveOutcome } from "./outcome.ts";
import type { CloudTrailRecord } from "./record.ts";

type Derivation = (record: CloudTrailRecord) => unknown;

const DERIVATIONS: ReadonlyMap<string, Derivation> = new Map<string, Derivation>([
  ["actor", deriveActor],
  ["channel", deriveChannel],
  ["outcome", (record) => deriveOutcome(record).result],
]);

/** First keys of derived facts; no field of a CloudTrail record has these names. */
export const DERIVED_ROOTS: readonly string[] = [...DERIVATIONS.keys()];

/** The object in which a fact is looked up: the record, or one that holds the derived fact that the path begins with. */
export function factRoot(record: CloudTrailRecord, path: FactPath): unknown {
  const [, second] = path.segments;
  if (path.root === "actor" && second?.kind === "key")
    return { actor: { [second.key]: deriveActorFact(record, second.key) } };
  const derive = DERIVATIONS.get(path.root);
  return derive === undefined ? record : { [path.root]: derive(record) };
}
