/**
 * The canaries of every account and Region that forward to this one. A record that comes back says that all of the way
 * works: trail, patterns, hop. When it last did is kept in the table, per account and Region, for `engine accounts`; and
 * each time the canary of the engine's own Region comes, those that came before and come no more are counted: one metric
 * under one alarm, however many accounts there are, with their names beside it in the log.
 *
 * A canary from elsewhere is known by names that anybody there could give to a role and a parameter of their own. So it is
 * the call, the role, the parameter and the account of the record all at once, and nothing that is not a canary's: whoever
 * made such a role can write such a parameter unseen, and no more.
 *
 *     await watch(record, deadline)   // true: the table has { pk: "CANARY", sk: "210987654321#eu-west-1", seenAt: … }
 */
import { CANARY_PARAMETERS, CANARY_ROLES, SILENT_METRIC } from "./canary-names.ts";
import { CANARY_CALL, isCanaryOf, metricLine } from "./canary.ts";
import { isObject, textAt } from "./record/untrusted.ts";
import type { Item, Table } from "./state/table.ts";

/** How often canaries sing and how late their records may be, in minutes. */
export type CanaryTimes = { readonly every: number; readonly within: number };

/** When a canary was last heard. */
export type CanarySeen = {
  readonly accountId: string;
  readonly region: string;
  /** When it sang, ISO 8601, and how long its record took, in milliseconds. */
  readonly seenAt: string;
  readonly latencyMs: number;
};

type Ports = {
  readonly table: Pick<Table, "put" | "query">;
  readonly write: (line: string) => void;
  /** Milliseconds since 1970. */
  readonly now: () => number;
};

const PARTITION = "CANARY";
const MINUTE = 60_000;
/** After this an account that was taken away is silent no more: it is not there. */
const FORGOTTEN_AFTER_MS = 7 * 24 * 60 * MINUTE;
/** Canaries in a row that must be missed. */
const MISSED = 2;
const ACCOUNT = /^\d{12}$/;
const REGION = /^[a-z]{2,4}(?:-[a-z]+)+-\d$/;

/**
 * Tells canaries from all other records, remembers when each was heard and counts the silent ones.
 * @throws what the table throws: Lambda then tries again.
 */
export function watchCanaries(
  homeRoleArn: string | undefined,
  times: CanaryTimes,
  { table, write, now }: Ports,
): (record: unknown, deadline: number) => Promise<boolean> {
  return async (record, deadline) => {
    const isHome = homeRoleArn !== undefined && isCanaryOf(homeRoleArn, record);
    if (!isHome && !isForwarded(record)) return false;
    const seen = readCanary(record, now());
    if (seen !== undefined) {
      await remember(table, seen, now(), deadline);
      // The alarm on the home canary's metric is about the home Region's way alone.
      if (isHome) write(metricLine(seen.latencyMs, now()));
    }
    if (isHome) {
      const silent = silentOf(await readCanaries(table, now(), deadline), times, now());
      write(silentLine(silent, now()));
    }
    return true;
  };
}

/** All canaries that were heard within a week, by account and Region. */
export async function readCanaries(
  table: Pick<Table, "query">,
  now: number,
  deadline: number,
): Promise<CanarySeen[]> {
  const items = await table.query(PARTITION, {}, deadline);
  return items.flatMap((item) => readItem(item) ?? []).filter(({ seenAt }) => !isForgotten(seenAt, now));
}

/** Those of them that should have come again by now. */
export function silentOf(
  seen: readonly CanarySeen[],
  { every, within }: CanaryTimes,
  now: number,
): CanarySeen[] {
  const latest = now - (MISSED * every + within) * MINUTE;
  return seen.filter(({ seenAt }) => Date.parse(seenAt) < latest);
}

function isForwarded(record: unknown): boolean {
  const account = textAt(record, "recipientAccountId") ?? "";
  const region = textAt(record, "awsRegion") ?? "";
  const [, , service, , roleAccount, role = ""] = (issuerOf(record) ?? "").split(":");
  return (
    textAt(record, "eventSource") === CANARY_CALL.eventSource &&
    textAt(record, "eventName") === CANARY_CALL.eventName &&
    service === "iam" &&
    ACCOUNT.test(account) &&
    roleAccount === account &&
    REGION.test(region) &&
    role.startsWith(`role/${CANARY_ROLES}${region}-`) &&
    (textAt(record, "requestParameters", "name") ?? "").startsWith(CANARY_PARAMETERS)
  );
}

function issuerOf(record: unknown): string | undefined {
  return textAt(record, "userIdentity", "sessionContext", "sessionIssuer", "arn");
}

/** Undefined where the record does not say when and where: then it is no sign that all is well. */
function readCanary(record: unknown, now: number): CanarySeen | undefined {
  const written = Date.parse(textAt(record, "eventTime") ?? "");
  const accountId = textAt(record, "recipientAccountId") ?? "";
  const region = textAt(record, "awsRegion") ?? "";
  if (Number.isNaN(written) || !ACCOUNT.test(accountId) || !REGION.test(region)) return undefined;
  // A clock that is ahead would keep a canary from ever falling silent.
  const at = Math.min(written, now);
  return { accountId, region, seenAt: new Date(at).toISOString(), latencyMs: Math.max(0, now - written) };
}

/** A record that comes late does not undo a later one. */
async function remember(
  table: Pick<Table, "put">,
  seen: CanarySeen,
  now: number,
  deadline: number,
): Promise<void> {
  await table.put(
    {
      pk: PARTITION,
      sk: `${seen.accountId}#${seen.region}`,
      ...seen,
      expiresAt: Math.ceil((now + FORGOTTEN_AFTER_MS) / 1000),
    },
    {
      condition: "attribute_not_exists(pk) OR seenAt < :seenAt",
      values: { ":seenAt": seen.seenAt },
    },
    deadline,
  );
}

function readItem(item: Item): CanarySeen | undefined {
  const { accountId, region, seenAt, latencyMs } = item;
  const isWhole =
    isObject(item) &&
    typeof accountId === "string" &&
    typeof region === "string" &&
    typeof seenAt === "string";
  if (!isWhole || Number.isNaN(Date.parse(seenAt))) return undefined;
  return { accountId, region, seenAt, latencyMs: typeof latencyMs === "number" ? latencyMs : 0 };
}

/** DynamoDB deletes what has expired within days, not at once. */
function isForgotten(seenAt: string, now: number): boolean {
  return Date.parse(seenAt) < now - FORGOTTEN_AFTER_MS;
}

/** The metric, and beside it in the log which they are. */
function silentLine(silent: readonly CanarySeen[], timestamp: number): string {
  return JSON.stringify({
    _aws: {
      Timestamp: timestamp,
      CloudWatchMetrics: [
        {
          Namespace: "CloudTrailEngine",
          Dimensions: [[]],
          Metrics: [{ Name: SILENT_METRIC, Unit: "Count" }],
        },
      ],
    },
    [SILENT_METRIC]: silent.length,
    ...(silent.length === 0
      ? {}
      : {
          level: "warn",
          message: "canaries are silent",
          silent: silent.map(({ accountId, region, seenAt }) => ({ accountId, region, seenAt })),
        }),
  });
}
