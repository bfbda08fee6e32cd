/**
 * A small account with a history: what was done by whom, told as CloudTrail's records, and who knows of it: alerts, the
 * profile, CloudTrail's history with its delays and gaps. Answers are checked against what was really done.
 */
import { makeAlert } from "../../../lambda/alerts/alert.ts";
import type { Alert } from "../../../lambda/alerts/alert-schema.ts";
import { rowOf } from "../../../lambda/cases/case-row.ts";
import type { Answer } from "../../../lambda/cases/case-schema.ts";
import { deedOf, subjectOf } from "../../../lambda/cases/deed.ts";
import { investigate } from "../../../lambda/cases/investigate.ts";
import { type AskPage, makeLookup } from "../../../lambda/cases/lookup-events.ts";
import { type Profile, withDeed } from "../../../lambda/cases/profile.ts";
import type { CloudTrailRecord } from "../../../lambda/record/record.ts";
import { asTable, makeMemoryTable } from "../../faults/memory-table.ts";
import { sampleMatch } from "../alerts/sample.ts";

export const MINUTE = 60_000;
export const DAY = 86_400_000;
export const ACCOUNT = "123456789012";
export const REGIONS = ["us-east-1", "eu-west-1"] as const;
/** When the record in hand was made. */
export const NOW = Date.parse("2026-11-20T12:00:00Z");

/** One thing done. */
export type Done = {
  readonly by: "alice" | "bob" | "deploy" | "root" | "sso";
  readonly at: number;
  readonly call: "RunInstances" | "DeleteVpc" | "AssumeRoot" | "ConsoleLogin" | "CreateUser";
  readonly ip: string;
  readonly how: "console" | "terraform" | "cli";
  readonly region: (typeof REGIONS)[number];
  readonly mfa: "yes" | "no" | "key";
  readonly failed?: boolean;
  /** Of CreateUser: the name, and the id that AWS gave it; the id of the first of that name unless given. */
  readonly user?: string;
  readonly made?: string;
  /** How often the user was made again by then: each has an id of its own. */
  readonly life?: number;
};

/** Alice, in the console, with a second factor. */
export const typical: Done = {
  by: "alice",
  at: NOW,
  call: "RunInstances",
  ip: "192.0.2.1",
  how: "console",
  region: "eu-west-1",
  mfa: "yes",
};

/** The same so many minutes earlier, but for some of it. */
export const before = (minutes: number, changes: Partial<Done> = {}): Done => ({
  ...typical,
  at: NOW - minutes * MINUTE,
  ...changes,
});

const AGENTS = {
  console: "Mozilla/5.0",
  terraform: "HashiCorp Terraform/1.9.0 (+https://www.terraform.io)",
  cli: "aws-cli/2.17.0",
} as const;
const SOURCES = {
  RunInstances: "ec2.amazonaws.com",
  DeleteVpc: "ec2.amazonaws.com",
  AssumeRoot: "sts.amazonaws.com",
  ConsoleLogin: "signin.amazonaws.com",
  CreateUser: "iam.amazonaws.com",
} as const;

/** Who it was, as CloudTrail writes it. */
function identity({ by, mfa, life = 0, call }: Done): object {
  const attributes = {
    creationDate: "2026-11-20T09:00:00Z",
    mfaAuthenticated: mfa === "yes" ? "true" : "false",
  };
  const isKey = mfa === "key";
  const credentials =
    call === "ConsoleLogin"
      ? {}
      : {
          accessKeyId: isKey ? "AKIAEXAMPLE" : "ASIAEXAMPLE",
          ...(isKey ? {} : { sessionContext: { attributes } }),
        };
  if (by === "root")
    return {
      type: "Root",
      principalId: ACCOUNT,
      arn: `arn:aws:iam::${ACCOUNT}:root`,
      accountId: ACCOUNT,
      ...credentials,
    };
  if (by === "alice" || by === "bob") {
    const principalId = `AIDA${by.toUpperCase()}${life}`;
    return {
      type: "IAMUser",
      principalId,
      arn: `arn:aws:iam::${ACCOUNT}:user/${by}`,
      accountId: ACCOUNT,
      userName: by,
      ...credentials,
    };
  }
  const [role, session, path] =
    by === "sso"
      ? ["AWSReservedSSO_Admin_0123456789abcdef", "carol@example.com", "aws-reserved/sso.amazonaws.com/"]
      : ["deploy", "ci-1", ""];
  return {
    type: "AssumedRole",
    principalId: `AROA${by.toUpperCase()}:${session}`,
    arn: `arn:aws:sts::${ACCOUNT}:assumed-role/${role}/${session}`,
    accountId: ACCOUNT,
    accessKeyId: "ASIAEXAMPLE",
    sessionContext: {
      sessionIssuer: {
        type: "Role",
        principalId: `AROA${by.toUpperCase()}`,
        arn: `arn:aws:iam::${ACCOUNT}:role/${path}${role}`,
        accountId: ACCOUNT,
        userName: role,
      },
      attributes,
    },
  };
}

/** Its record. */
export function recordOf(done: Done, id: number): CloudTrailRecord {
  const { call, at, ip, how, region, mfa, failed = false, user } = done;
  const isSignIn = call === "ConsoleLogin";
  const { made = `AIDA${user?.toUpperCase()}0` } = done;
  return {
    eventVersion: "1.11",
    userIdentity: identity(done),
    eventTime: `${new Date(at).toISOString().slice(0, 19)}Z`,
    eventSource: SOURCES[call],
    eventName: call,
    awsRegion: region,
    sourceIPAddress: ip,
    userAgent: AGENTS[how],
    ...(failed && !isSignIn ? { errorCode: "AccessDenied" } : {}),
    ...(failed && isSignIn ? { errorMessage: "Failed authentication" } : {}),
    requestParameters: user === undefined ? null : { userName: user },
    responseElements: isSignIn
      ? { ConsoleLogin: failed ? "Failure" : "Success" }
      : user !== undefined && !failed
        ? { user: { userName: user, userId: made } }
        : null,
    ...(isSignIn ? { additionalEventData: { MFAUsed: mfa === "yes" ? "Yes" : "No" } } : {}),
    ...(how === "console" && !isSignIn ? { sessionCredentialFromConsole: "true" } : {}),
    eventID: `00000000-0000-4000-8000-${String(id).padStart(12, "0")}`,
    readOnly: false,
    eventType: isSignIn ? "AwsConsoleSignIn" : "AwsApiCall",
    managementEvent: true,
    recipientAccountId: ACCOUNT,
    eventCategory: "Management",
  };
}

/** Who knows what: places in `past` that alerted, and how CloudTrail's history is asked. */
export type Knowledge = {
  readonly alerted: readonly number[];
  /** Whether the alerts themselves are there still, or the profile only, or both. */
  readonly remembers: "alerts" | "profile" | "both";
  readonly history: "off" | "throttled" | "here" | "everywhere";
  /** Whether CloudTrail shows what is younger than a quarter of an hour. */
  readonly shows: "late" | "at-once";
  /** Milliseconds after the record at which it is investigated. */
  readonly later: number;
  readonly accounts?: readonly string[];
};

/** The alert of a record. */
function alertOfRecord(record: CloudTrailRecord): Alert {
  return makeAlert(sampleMatch(), record);
}

/** All answers about `hand`, by id, when `past` happened and so much is known. */
export async function ask(
  hand: Done,
  past: readonly Done[],
  known: Knowledge,
  change: Readonly<Record<string, unknown>> = {},
): Promise<Record<string, Answer>> {
  const records = past.map((done, at) => recordOf(done, at + 1));
  const alert = alertOfRecord({ ...recordOf(hand, 0), ...change });
  const alerts = known.alerted.flatMap((at) =>
    records[at] === undefined ? [] : [alertOfRecord(records[at])],
  );
  const rows =
    known.remembers === "profile" ? [] : alerts.map((one) => rowOf(one, { createdAt: one.startTime }));
  const profiles = new Map<string, Profile>();
  for (const one of known.remembers === "alerts" ? [] : [...alerts, alert]) {
    const [deed, subject] = [deedOf(one), subjectOf(one)];
    if (deed !== undefined && subject !== undefined)
      profiles.set(subject.key, withDeed(profiles.get(subject.key), one.id, deed));
  }
  let time = hand.at + known.later;
  const clock = { now: () => time, sleep: async (milliseconds: number) => void (time += milliseconds) };
  const everything = [...records, recordOf(hand, 0)];
  const askPage: AskPage = async ({ attribute, value }, region, { from, to, next }) => {
    if (known.history === "throttled")
      throw Object.assign(new Error("Rate exceeded"), { name: "ThrottlingException" });
    const shown = everything
      .filter((record) => record["awsRegion"] === region)
      .filter((record) => (attribute === "EventName" ? record.eventName : usernameOf(record)) === value)
      .filter((record) => {
        const at = Date.parse(String(record["eventTime"]));
        return at >= from && at <= (known.shows === "late" ? to - 15 * MINUTE : to);
      })
      .toSorted((a, b) => String(b["eventTime"]).localeCompare(String(a["eventTime"])));
    const start = Number(next ?? 0);
    const rest = start + 50 < shown.length ? { next: String(start + 50) } : {};
    return { records: shown.slice(start, start + 50).map((record) => JSON.stringify(record)), ...rest };
  };
  const lookup = makeLookup({ table: asTable(makeMemoryTable()), clock, askPage, requestsPerMinute: 60 });
  const answers = await investigate(
    alert,
    rowOf(alert, { createdAt: alert.startTime }),
    {
      cases: {
        list: async ({ actor, from = "", to = "~" }) => ({
          rows: rows.filter((row) => row.actor.key === actor && row.startTime >= from && row.startTime < to),
        }),
      },
      profiles: { read: async (subject) => profiles.get(subject) },
      history: {
        ...(known.history === "off" ? {} : { lookup }),
        regions: known.history === "everywhere" ? REGIONS : [hand.region],
        allRegions: known.history === "everywhere",
        account: ACCOUNT,
        partition: "aws",
      },
      accounts: known.accounts,
    },
    time + 60 * MINUTE,
  );
  return Object.fromEntries(answers.map((answer) => [answer.id, answer]));
}

/** What CloudTrail's history calls the user: user name, session name, root. */
function usernameOf(record: CloudTrailRecord): string {
  const { type, userName, principalId } = record["userIdentity"] as Record<string, string | undefined>;
  if (type === "Root") return "root";
  return userName ?? principalId?.split(":")[1] ?? "";
}
