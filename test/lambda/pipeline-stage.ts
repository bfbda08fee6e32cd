/** The pipeline over a fake table, queues and clock, and the record that its tests send through it. */
import type { Destination } from "../../lambda/destinations/destination.ts";
import type { Evaluation } from "../../lambda/engine/engine.ts";
import { type Ports, processInput } from "../../lambda/pipeline.ts";
import { sampleMatch, sampleRecord } from "./alerts/sample.ts";
import { makeStage } from "./delivery/stage.ts";

export const record = sampleRecord();
/** The record as EventBridge brings it. */
export const envelope = {
  version: "0",
  "detail-type": "AWS API Call via CloudTrail",
  source: "aws.ec2",
  detail: record,
};

/** A stage whose engine gives this evaluation: the sample match, unless something else is asked for. */
export function stageWith(
  destinations: readonly Destination[],
  evaluation: Partial<Evaluation> = {},
  changes: Partial<Ports> = {},
) {
  const engine = {
    evaluate: async () => ({ matches: [sampleMatch()], candidates: 1, problems: [], ...evaluation }),
  };
  const stage = makeStage(destinations, { engine, ...changes });
  const process = (input: unknown = envelope) =>
    stage.play(processInput(input, stage.ports, stage.invocation()));
  return { ...stage, process };
}
