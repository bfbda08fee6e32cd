import { makeAlert } from "../../../lambda/alerts/alert.ts";
import type { Alert } from "../../../lambda/alerts/alert-schema.ts";
import { admit } from "../../../lambda/dedup/admit.ts";
import { closeWindow } from "../../../lambda/dedup/close-window.ts";
import type { Admission, ClosePayload, DedupPorts } from "../../../lambda/dedup/ports.ts";
import type { Rule } from "../../../lambda/engine/rule.ts";
import type { CloudTrailRecord } from "../../../lambda/record/record.ts";
import type { Table } from "../../../lambda/state/table.ts";

/** Counting with an alert store, timers and a clock, and no more: what the pipeline does with it in a few lines. */

export const START = Date.parse("2026-11-20T16:00:00Z");
export const MINUTE = 60_000;

/** The process died: nothing of it goes on. */
export class Death extends Error {}

/** What happens to one call of the table: it fails before or after it has its effect, or the process dies there. */
export type Fault = "fails before" | "fails after" | "dies before" | "dies after";

export function makeRule(keys: Pick<Rule, "dedup" | "threshold">): Rule {
  return {
    id: "s3.amazonaws.com/objects-deleted",
    eventSource: "s3.amazonaws.com",
    name: "Object deleted",
    severity: "low",
    summary: "{{actor.name}} deleted from {{requestParameters.bucketName}}",
    conditions: { all: [{ fact: "eventName", operator: "equal", value: "DeleteObject" }] },
    ...keys,
  };
}

export function makeRecord(
  eventID: string,
  time: number,
  {
    user = "alice",
    bucket = "logs",
    ip = "192.0.2.1",
    ...more
  }: { user?: string; bucket?: string; ip?: string } & Record<string, unknown> = {},
): CloudTrailRecord {
  return {
    eventVersion: "1.11",
    eventID,
    eventTime: new Date(time).toISOString(),
    eventSource: "s3.amazonaws.com",
    eventName: "DeleteObject",
    awsRegion: "eu-central-1",
    recipientAccountId: "123456789012",
    sourceIPAddress: ip,
    userIdentity: {
      type: "IAMUser",
      userName: user,
      arn: `arn:aws:iam::123456789012:user/${user}`,
      accountId: "123456789012",
    },
    requestParameters: { bucketName: bucket },
    resources: [{ type: "AWS::S3::Bucket", ARN: `arn:aws:s3:::${bucket}`, accountId: "123456789012" }],
    ...more,
  };
}

export function alertOf(rule: Rule, record: CloudTrailRecord): Alert {
  return makeAlert({ rule, disposition: "delivered", notes: [] }, record);
}

export function makeWorld(table: Table, options: { readonly pause?: () => Promise<void> } = {}) {
  const world = {
    now: START,
    alerts: new Map<string, Alert>(),
    summaries: new Map<string, Alert>(),
    timers: new Map<string, { at: number; payload: ClosePayload }>(),
    failures: [] as string[],
    schedulerFails: false,
    /** Runs everything that the pipeline does about one record; faults are by the number of the call. */
    async process(
      rule: Rule,
      record: CloudTrailRecord,
      faults: ReadonlyMap<number, Fault> = new Map(),
    ): Promise<Admission> {
      const state = { calls: 0, dead: false };
      const guard = async <T>(call: () => Promise<T>): Promise<T> => {
        await options.pause?.();
        if (state.dead) throw new Death();
        const fault = faults.get(state.calls++);
        const fail = (): never => {
          state.dead = fault?.startsWith("dies") ?? false;
          throw state.dead ? new Death() : new Error("throttled");
        };
        if (fault?.endsWith("before")) fail();
        const result = await call();
        if (fault?.endsWith("after")) fail();
        return result;
      };
      const faulty: Table = {
        get: (...given) => guard(() => table.get(...given)),
        put: (...given) => guard(() => table.put(...given)),
        update: (...given) => guard(() => table.update(...given)),
        query: (...given) => guard(() => table.query(...given)),
        queryIndex: (...given) => guard(() => table.queryIndex(...given)),
      };
      const ports: DedupPorts = {
        ...world.ports(faulty, () => {
          // A dead process does not try again.
          if (state.dead) throw new Death();
        }),
        readAlert: (id) => guard(async () => world.alerts.get(id)),
        schedule: (name, at, payload) => guard(() => world.schedule(name, at, payload)),
      };
      const admission = await admit(alertOf(rule, record), rule, record, ports, world.now + 30_000);
      if (admission.kind === "first") {
        await guard(async () => {
          if (!world.alerts.has(admission.alert.id)) world.alerts.set(admission.alert.id, admission.alert);
        });
      }
      return admission;
    },
    async schedule(name: string, at: number, payload: ClosePayload): Promise<void> {
      if (world.schedulerFails) throw new Error("Scheduler is down");
      if (!world.timers.has(name)) world.timers.set(name, { at, payload });
    },
    ports(own: Table, alive: () => void = () => undefined): DedupPorts {
      return {
        table: own,
        readAlert: async (id) => world.alerts.get(id),
        schedule: (name, at, payload) => world.schedule(name, at, payload),
        clock: {
          now: () => world.now,
          sleep: async (ms) => {
            alive();
            world.now += ms;
          },
        },
        failed: (message) => void world.failures.push(message),
      };
    },
    /** Moves the clock; timers that run out on the way close their windows. */
    async advanceTo(time: number): Promise<void> {
      const due = [...world.timers]
        .filter(([, { at }]) => at <= time)
        .toSorted(([, a], [, b]) => a.at - b.at);
      for (const [name, { at, payload }] of due) {
        world.timers.delete(name);
        world.now = Math.max(world.now, at);
        await world.close(payload);
      }
      world.now = Math.max(world.now, time);
    },
    async close(payload: unknown): Promise<Alert | undefined> {
      const summary = await closeWindow(payload, world.ports(table), world.now);
      if (summary !== undefined && !world.summaries.has(summary.id)) world.summaries.set(summary.id, summary);
      return summary;
    },
  };
  return world;
}
