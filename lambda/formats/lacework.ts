/**
 * An alert as Lacework's own alert object (LACEWORK-API § 3), so that tools which pull alerts from there pull ours
 * unchanged. Two things in it are there for programs. A time is always ISO 8601 with milliseconds within the years 0 to
 * 9999, since the Go client drops the whole list for one that is not. And the description ends as Lacework's do, for
 * Sekoia.io's parser takes account, count and user out of exactly that sentence, if the subject repeats it verbatim.
 *
 *     toLacework(alert, { number: 7, status: "open" }).alertInfo.description
 *     // " For account: 123456789012  : alice opened sg-0a1b to the internet. Seen 3 times  by user  Admin:alice@example.com    "
 */
import type { Alert } from "../alerts/alert-schema.ts";
import { showText } from "../alerts/show-text.ts";
import type { CaseRow, Status } from "../cases/case-schema.ts";
import { plainTime } from "./plain-time.ts";

const MAX_NAME = 300;
const MAX_SENTENCE = 1000;
const MAX_USER = 256;
const MAX_ID = 512;

const SEVERITIES = {
  info: "Info",
  low: "Low",
  medium: "Medium",
  high: "High",
  critical: "Critical",
} as const;

/** What an alert is before the store has given it a number. */
export type UnnumberedLaceworkAlert = {
  readonly alertName: string;
  readonly alertType: string;
  readonly severity: "Critical" | "High" | "Medium" | "Low" | "Info";
  readonly status: "Open" | "Closed";
  readonly startTime: string;
  readonly endTime: string;
  /** Empty while nobody changed it. */
  readonly lastUserUpdatedTime: string;
  readonly internetExposure: "UnknownInternetExposure";
  readonly reachability: "UnknownReachability";
  readonly derivedFields: {
    readonly category: "Policy";
    readonly sub_category: "Cloud Activity";
    readonly source: "AWS";
  };
  readonly alertInfo: {
    readonly subject: string;
    readonly description: string;
    readonly customerCount: 0;
    readonly isExpectedLWBehavior: false;
  };
  /** The rule's id. */
  readonly policyId: string;
  readonly evolvingAlert: false;
  readonly tagMetadata: readonly never[];
};

/** A row of Lacework's list of alerts. */
export type LaceworkAlert = { readonly alertId: number } & UnnumberedLaceworkAlert;

/** What people and the store know of an alert beyond the alert itself. */
export type LaceworkCase = {
  /** Counted up in the order of publication. */
  readonly number: number;
  readonly status: Status;
  /** When a person last changed it, ISO 8601; absent while nobody did. */
  readonly lastUserUpdatedTime?: string | undefined;
};

/** The row of an alert with its number. */
export function toLacework(
  alert: Alert,
  { number, status, lastUserUpdatedTime }: LaceworkCase,
): LaceworkAlert {
  return { alertId: number, ...ofSubject({ ...subjectOf(alert), status, changedAt: lastUserUpdatedTime }) };
}

/** The same row from what the store's lists hold of an alert, so that a page of a list needs no alert read. */
export function rowToLacework(row: CaseRow, number: number): LaceworkAlert {
  return { alertId: number, ...ofSubject(row) };
}

/**
 * The row where there is no number yet, as in `replay` and messages. `alertId` is left out: it is an integer that rises
 * in the order of publication, and only the store's one writer can give it; null would break strict clients.
 */
export function toUnnumberedLacework(alert: Alert): UnnumberedLaceworkAlert {
  return ofSubject(subjectOf(alert));
}

/**
 * A rule's type of alert: its own, else its file's name in PascalCase. Two files of one name in different folders have one
 * type, as Lacework's types are of several services too.
 */
export function alertTypeOf(ruleId: string, own?: string): string {
  if (own !== undefined) return own;
  const parts = ruleId.slice(ruleId.lastIndexOf("/") + 1).split(/[^\p{L}\p{N}]+/u);
  const name = parts.map((part) => part.slice(0, 1).toUpperCase() + part.slice(1)).join("");
  return name === "" ? "Alert" : name;
}

/** What the store's rows and alerts have in common. */
type Subject = Pick<
  CaseRow,
  | "status"
  | "severity"
  | "summary"
  | "startTime"
  | "endTime"
  | "count"
  | "ruleId"
  | "ruleName"
  | "alertType"
  | "accountId"
  | "session"
> & { readonly actor: Pick<CaseRow["actor"], "name" | "arn">; readonly changedAt?: string | undefined };

function subjectOf(alert: Alert): Subject {
  const { status, severity, summary, startTime, endTime, count, rule, actor, cloud } = alert;
  return {
    status,
    severity,
    summary,
    startTime,
    endTime,
    count,
    ruleId: rule.id,
    ruleName: rule.name,
    alertType: rule.lacework?.alertType,
    accountId: cloud.accountId,
    session: actor.session,
    actor,
  };
}

function ofSubject(subject: Subject): UnnumberedLaceworkAlert {
  const { ruleId, ruleName, changedAt } = subject;
  const alertName = showText(ruleName, MAX_NAME);
  const description = describe(subject);
  return {
    alertName,
    alertType: showText(alertTypeOf(ruleId, subject.alertType), MAX_NAME),
    severity: SEVERITIES[subject.severity],
    // There is no third status: an acknowledged alert is open.
    status: subject.status === "closed" ? "Closed" : "Open",
    startTime: plainTime(subject.startTime),
    endTime: plainTime(subject.endTime),
    lastUserUpdatedTime: changedAt === undefined ? "" : plainTime(changedAt),
    internetExposure: "UnknownInternetExposure",
    reachability: "UnknownReachability",
    derivedFields: { category: "Policy", sub_category: "Cloud Activity", source: "AWS" },
    alertInfo: {
      subject: `${alertName}: ${description}`,
      description,
      customerCount: 0,
      isExpectedLWBehavior: false,
    },
    policyId: showText(ruleId, MAX_ID),
    evolvingAlert: false,
    tagMetadata: [],
  };
}

/** The spaces are Lacework's; "1 times" too: the parser knows no other word. */
function describe(subject: Subject): string {
  const { accountId = "", summary, count } = subject;
  const account = word(accountId, 64);
  const sentence = singleSpaced(showText(summary, MAX_SENTENCE)).replace(/[.\s]+$/, "");
  return ` For account: ${account}  : ${sentence}. Seen ${count} times  by user  ${userOf(subject)}    `;
}

/** A session as Lacework writes it, role and name; anybody else by name. */
function userOf({ actor, session }: Subject): string {
  const role = session === undefined ? undefined : /\/([^/]+)$/.exec(actor.arn ?? "")?.[1];
  return word(role === undefined ? actor.name : `${role}:${session ?? ""}`, MAX_USER);
}

/** One word: what a caller chose must not pass for a second count or another user. */
function word(text: string, limit: number): string {
  return showText(text, limit).replace(/\s+/g, "_") || "unknown";
}

/** Lacework has two spaces around what it quotes, which is how the parser finds addresses: none of ours may look so. */
function singleSpaced(text: string): string {
  return text.replace(/\s+/g, " ");
}
