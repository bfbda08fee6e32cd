/**
 * EventBridge gets records only while a trail is logging them: a stopped trail, or one that leaves management writes
 * out, makes an engine that is deployed, green and blind. A trail's selectors come in two forms, basic and advanced.
 *
 *   { ReadWriteType: "WriteOnly", IncludeManagementEvents: true }             writes
 *   { FieldSelectors: [{ Field: "eventCategory", Equals: ["Management"] }] }  reads and writes
 */
import {
  type AdvancedEventSelector,
  DescribeTrailsCommand,
  type EventSelector,
  GetEventSelectorsCommand,
  GetTrailStatusCommand,
  type Trail,
} from "@aws-sdk/client-cloudtrail";
import { type DoctorClients, describeError } from "./clients.ts";
import { type CheckResult, fail, ok, warn } from "./report.ts";

/** What a trail hands on of management records. `partly` names what narrows it. */
type Coverage = { readonly reads: boolean; readonly writes: boolean; readonly partly: readonly string[] };
type Seen = { readonly name: string; readonly logging: boolean; readonly coverage: Coverage };

const START = "Start it: `aws cloudtrail start-logging --name NAME`, in its home Region.";
const CREATE =
  "Create a trail for all Regions that logs management events, and start it: docs/deploy.md has the two commands.";

/** Whether a trail that covers this Region is logging what the rules need; `readsNeeded` when a rule asks for reads. */
export async function checkTrail(clients: DoctorClients, readsNeeded: boolean): Promise<CheckResult[]> {
  const { trailList = [] } = await clients.cloudTrail.send(
    new DescribeTrailsCommand({ includeShadowTrails: true }),
  );
  if (trailList.length === 0)
    return [fail("trail", "No trail covers this Region: EventBridge gets no record.", CREATE)];
  const seen: Seen[] = [];
  const unread: CheckResult[] = [];
  for (const trail of trailList) {
    try {
      seen.push(await readTrail(clients, trail));
    } catch (error) {
      unread.push(
        warn(
          "trail",
          `Trail ${trail.Name} could not be read: ${describeError(error)}.`,
          "Allow cloudtrail:GetTrailStatus and cloudtrail:GetEventSelectors; for an organization's trail, ask in its account.",
        ),
      );
    }
  }
  const logging = seen.filter((trail) => trail.logging);
  const writing = logging.find((trail) => trail.coverage.writes && trail.coverage.partly.length === 0);
  const partly = logging.find((trail) => trail.coverage.writes);
  const reading = logging.some((trail) => trail.coverage.reads && trail.coverage.partly.length === 0);
  // A trail that nobody could read may be the one that does it all: then its own warning says enough.
  if (partly === undefined) return unread.length > 0 ? unread : [describeBlindness(seen)];
  const results =
    writing === undefined
      ? [
          warn(
            "trail",
            `Trail ${partly.name} logs management writes, but not all: it leaves out by ${partly.coverage.partly.join(", ")}.`,
            "Rules on what is left out never alert. Widen the trail's selectors, or accept it.",
          ),
        ]
      : [ok("trail", `Trail ${writing.name} is logging management writes.`)];
  if (readsNeeded && !reading) {
    results.push(
      warn(
        "trail",
        "Some rules watch reads (such as AssumeRole or denied calls), and no trail logs all management reads.",
        "Let a trail log reads too: ReadWriteType All.",
      ),
    );
  }
  return results;
}

function describeBlindness(seen: readonly Seen[]): CheckResult {
  const stopped = seen.find((trail) => !trail.logging && trail.coverage.writes);
  if (stopped !== undefined)
    return fail("trail", `Trail ${stopped.name} is stopped: EventBridge gets no record.`, START);
  return fail(
    "trail",
    `No trail logs management writes (seen: ${seen.map(({ name }) => name).join(", ")}).`,
    CREATE,
  );
}

async function readTrail(clients: DoctorClients, trail: Trail): Promise<Seen> {
  // A trail of another Region is known here by its ARN only.
  const name = trail.TrailARN ?? trail.Name ?? "";
  const status = await clients.cloudTrail.send(new GetTrailStatusCommand({ Name: name }));
  const selectors = await clients.cloudTrail.send(new GetEventSelectorsCommand({ TrailName: name }));
  const coverage = [
    ...(selectors.EventSelectors ?? []).map(readSelector),
    ...(selectors.AdvancedEventSelectors ?? []).map(readAdvancedSelector),
  ];
  return { name: trail.Name ?? name, logging: status.IsLogging === true, coverage: join(coverage) };
}

/** Selectors add up; what one leaves out only counts when no other lets it in whole. */
function join(parts: readonly Coverage[]): Coverage {
  const any = (of: readonly Coverage[]): Coverage => ({
    reads: of.some(({ reads }) => reads),
    writes: of.some(({ writes }) => writes),
    partly: [...new Set(of.flatMap(({ partly }) => partly))],
  });
  const whole = any(parts.filter(({ partly }) => partly.length === 0));
  return whole.writes ? whole : any(parts.filter(({ reads, writes }) => reads || writes));
}

function readSelector(selector: EventSelector): Coverage {
  const included = selector.IncludeManagementEvents !== false;
  const excluded = selector.ExcludeManagementEventSources ?? [];
  return {
    reads: included && selector.ReadWriteType !== "WriteOnly",
    writes: included && selector.ReadWriteType !== "ReadOnly",
    partly: excluded.map((source) => `eventSource ${source}`),
  };
}

function readAdvancedSelector(selector: AdvancedEventSelector): Coverage {
  const fields = selector.FieldSelectors ?? [];
  const management = fields.some(
    ({ Field, Equals }) => Field === "eventCategory" && Equals?.includes("Management"),
  );
  const readOnly = fields.find(({ Field }) => Field === "readOnly");
  const allows = (value: string): boolean =>
    readOnly === undefined ||
    ((readOnly.Equals?.includes(value) ?? true) && !(readOnly.NotEquals?.includes(value) ?? false));
  return {
    reads: management && allows("true"),
    writes: management && allows("false"),
    partly: fields
      .map(({ Field }) => Field ?? "")
      .filter((field) => field !== "eventCategory" && field !== "readOnly"),
  };
}
