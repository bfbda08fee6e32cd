/**
 * A stand-in for EventBridge Scheduler: takes one-time schedules and, when their time has come on the run's clock, really
 * invokes their target. A name that is taken is refused, as Scheduler refuses it, until its schedule is done.
 */
import type { LocalClock } from "./local-clock.ts";
import { refusal, serve } from "./local-server.ts";
import type { LocalReply, LocalRequest, LocalServer } from "./local-server.ts";
import { json, objectIn, textIn } from "./stand-in.ts";

/** The scheduler. */
export type LocalScheduler = LocalServer & {
  /** Schedules whose time has not come. */
  waiting(): number;
  /** Schedules that were made. */
  made(): number;
};

/** What the scheduler needs of the run. */
export type SchedulerOptions = {
  readonly clock: Pick<LocalClock, "now" | "at">;
  readonly region: string;
  readonly account: string;
  /** Invokes the function with this ARN. */
  invoke(arn: string, input: unknown): void;
};

const AT = /^at\((\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})\)$/u;

/** Starts the scheduler. */
export async function startScheduler(options: SchedulerOptions): Promise<LocalScheduler> {
  const waiting = new Set<string>();
  let made = 0;
  const create = ({ path, body }: LocalRequest): LocalReply => {
    const name = decodeURIComponent(path.slice("/schedules/".length));
    const request = objectIn(body);
    const group = textIn(request, "GroupName") || "default";
    const key = `${group}/${name}`;
    if (waiting.has(key)) return refusal(409, "ConflictException", `Schedule ${name} already exists.`);
    const time = Date.parse(`${AT.exec(textIn(request, "ScheduleExpression"))?.[1] ?? ""}Z`);
    const arn = textIn(request, "Target", "Arn");
    const input = objectIn(textIn(request, "Target", "Input"));
    if (Number.isNaN(time))
      return refusal(400, "ValidationException", "the local Scheduler takes at(yyyy-mm-ddThh:mm:ss), in UTC");
    if (arn === "" || textIn(request, "Target", "RoleArn") === "" || input === undefined)
      return refusal(400, "ValidationException", "Target needs Arn, RoleArn and an Input of JSON");
    if (!["OFF", "FLEXIBLE"].includes(textIn(request, "FlexibleTimeWindow", "Mode")))
      return refusal(400, "ValidationException", "FlexibleTimeWindow is required");
    made += 1;
    waiting.add(key);
    options.clock.at(Math.max(time, options.clock.now()), () => {
      waiting.delete(key);
      options.invoke(arn, input);
    });
    const { region, account } = options;
    return json(200, { ScheduleArn: `arn:aws:scheduler:${region}:${account}:schedule/${key}` });
  };
  const server = await serve({
    contentTypes: ["application/json"],
    limit: 262_144,
    answer: (request) =>
      request.method === "POST" && request.path.startsWith("/schedules/")
        ? create(request)
        : refusal(404, "ResourceNotFoundException", "the local Scheduler knows only CreateSchedule"),
  });
  return { ...server, waiting: () => waiting.size, made: () => made };
}
