/**
 * jq for whoever makes an engine: nothing of it is loaded until a record is a candidate of a rule with an expression,
 * and all engines of a process share one thread.
 *
 *     const engine = createEngine(ruleSet, JQ);
 */
import type { JqPort } from "../engine/jq-port.ts";

let port: Promise<JqPort> | undefined;

export const JQ: JqPort = {
  ask: async (record, questions) => {
    port ??= import("./evaluate.ts").then(({ makeJqPort }) => makeJqPort());
    return (await port).ask(record, questions);
  },
};
