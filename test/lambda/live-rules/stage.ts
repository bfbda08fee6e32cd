/** Live rules with a bucket in memory, a clock that tests move, and waiting that they end. */
import { createEngine } from "../../../lambda/engine/engine.ts";
import type { Rule } from "../../../lambda/engine/rule.ts";
import { makeLiveRules } from "../../../lambda/live-rules/live-rules.ts";
import { type Content, hashOf, type Published, sha256 } from "../../../lambda/live-rules/published.ts";
import type { LiveStore } from "../../../lambda/live-rules/store.ts";
import { DESTINATIONS, ROUTING, setOf, SLACK, TOPIC } from "../../lib/publish/stage.ts";
import { callRule } from "../../lib/synthesise.ts";

export const VPC = callRule("ec2.amazonaws.com", "DeleteVpc");
const DEPLOYED = setOf(VPC);

type InForce = { readonly severity: string; readonly destinations?: Content["destinations"] };

/** A bucket in memory, and live rules that look into it. */
export function makeStage() {
  let pointer: string | undefined;
  let time = 0;
  let release: (() => void) | undefined;
  const stage = {
    versions: new Map<string, Uint8Array>(),
    asked: 0,
    read: 0,
    failures: [] as string[],
    taken: [] as string[],
    /** Whether the bucket answers at all. */
    hangs: false,
    /** Ends the waiting of an invocation. */
    tooLate: (): void => release?.(),
    setPointer: (text: string | undefined): void => void (pointer = text),
    pass: (milliseconds: number): void => void (time += milliseconds),
    publish(rules: readonly Rule[], change: Partial<Published> = {}, content: Partial<Content> = {}): string {
      const whole = {
        ruleSet: setOf(...rules),
        destinations: DESTINATIONS,
        routing: ROUTING,
        waiting: [],
        ...content,
      };
      const published: Published = {
        format: 1,
        engine: "0.1.0",
        created: "2026-11-21T02:00:00.000Z",
        by: "arn:aws:iam::123456789012:user/mira",
        base: hashOf(DEPLOYED),
        sha256: hashOf(whole),
        content: whole,
        ...change,
      };
      const bytes = Buffer.from(JSON.stringify(published));
      const versionId = `v${stage.versions.size + 1}`;
      stage.versions.set(versionId, bytes);
      stage.point(versionId, { sha256: sha256(bytes), size: bytes.byteLength });
      return versionId;
    },
    point(versionId: string, more: object): void {
      pointer = JSON.stringify({ format: 1, published: "", by: "", versionId, ...more });
    },
  };
  const store: LiveStore = {
    async pointer(etag) {
      stage.asked += 1;
      if (stage.hangs) await new Promise(() => {});
      if (pointer === undefined) return "none";
      return etag === sha256(pointer) ? "same" : { text: pointer, etag: sha256(pointer) };
    },
    async ruleSet(versionId) {
      stage.read += 1;
      const found = stage.versions.get(versionId);
      if (found === undefined) throw new Error("NoSuchVersion");
      return found;
    },
  };
  const live = makeLiveRules<InForce>({
    store,
    floor: { severity: "floor" },
    compile: ({ ruleSet, destinations }) => {
      createEngine(ruleSet);
      return { severity: ruleSet.rules[0]?.severity ?? "none", destinations };
    },
    deployed: {
      base: hashOf(DEPLOYED),
      ruleSet: DEPLOYED,
      destinations: [{ ...TOPIC, topicArn: "arn:aws:sns:eu-west-1:123456789012:alerts" }, SLACK],
    },
    report: {
      liveRulesFailed: (reason) => void stage.failures.push(reason),
      liveRulesTaken: (what) => void stage.taken.push(what),
    },
    now: () => time,
    wait: async (_, signal) =>
      new Promise((resolve) => {
        release = resolve;
        signal.addEventListener("abort", () => resolve());
      }),
  });
  const severity = async (): Promise<string> => (await live.current()).severity;
  return Object.assign(stage, { live, severity });
}
