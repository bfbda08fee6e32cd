/**
 * What a chat message tells of an alert, in the order in which somebody who was just woken needs it: what happened, then
 * who, from where, what and when, then what was found out, why it fired and what to do, and only then the details. In plain text of one line
 * each, with nothing hidden in it: Slack and Teams escape it, each for its own medium.
 *
 *     glance(notice).sentence   // "alice opened sg-0a1b2c3d (96 times, 2026-11-20 10:15:30 to 11:15:30 UTC)"
 *     glance(notice).facts[0]   // { label: "Who", value: "alice@example.com as role Admin (AssumedRole, with MFA)" }
 */
import type { Alert } from "../alerts/alert-schema.ts";
import { showText } from "../alerts/show-text.ts";
import { describeAccount, describeActor, describeCall } from "../alerts/text.ts";
import type { Notice } from "./destination.ts";
import { glanceLinks, type Link } from "./glance-links.ts";
import { resourcesOf } from "./glance-resources.ts";
import { type Answered, answeredOf, type News, newsOf } from "./notice-news.ts";

/** One thing about an alert; the value is hostile text on one line. */
export type Fact = { readonly label: string; readonly value: string };

/** An alert as a chat message shows it. */
export type Glance = {
  readonly severity: Alert["severity"];
  /** "HIGH", and the rule's title with how often it happened. */
  readonly heading: string;
  /** What happened, and when it did so again. */
  readonly sentence: string;
  /** How the heading and the sentence end when it happened more than once: what must survive when they are cut. */
  readonly endings: { readonly heading: string; readonly sentence: string };
  readonly facts: readonly Fact[];
  /** What somebody did last to the case. */
  readonly news?: News;
  /** What the investigation found: questions and answers, three at most; empty until it is done. */
  readonly answers: readonly Answered[];
  /** Why it fired, when it is harmless, what to do: the rule author's words. */
  readonly advice: readonly Fact[];
  readonly details: readonly Fact[];
  readonly links: readonly Link[];
};

/** Longer than any text that a message shows: what is cut further is cut by the medium. */
const MAX_TEXT = 4_000;
/** Characters for the names of resources: at a glance, and in the details of a summary, which is there to list them. */
const FEW_RESOURCES = 300;
const ALL_RESOURCES = 1_000;

const HOW: Readonly<Record<Exclude<Alert["channel"]["name"], "unknown">, string>> = {
  console: "in the console",
  cloudshell: "in CloudShell",
  cli: "with the command line",
  sdk: "with an SDK",
  terraform: "with Terraform",
  pulumi: "with Pulumi",
  cdk: "with the CDK",
  cloudformation: "through CloudFormation",
  service: "through an AWS service",
};
const HOW_SURE = { high: "", medium: "probably ", low: "perhaps " } as const;

/** Takes from an alert what a message shows. */
export function glance(notice: Notice): Glance {
  const { alert, kind } = notice;
  const { rule, channel, source, cloud } = alert;
  const news = newsOf(notice);
  const resources = resourcesOf(alert, FEW_RESOURCES);
  const all = kind === "summary" ? resourcesOf(alert, ALL_RESOURCES) : resources;
  const times = `${alert.count.toLocaleString("en-US")} times`;
  const endings =
    alert.count === 1
      ? { heading: "", sentence: "" }
      : { heading: ` (${times})`, sentence: ` (${times}, ${timeRange(alert)})` };
  return {
    severity: alert.severity,
    heading: oneLine(`${alert.severity.toUpperCase()} · ${alert.title}`) + endings.heading,
    sentence: oneLine(alert.summary) + endings.sentence,
    endings,
    facts: known([
      ["What", alert.annotation],
      ["Who", describeActor(alert)],
      ["From", whence(alert)],
      ["Where", joined([describeAccount(cloud), cloud.region])],
      [resources.many ? "Resources" : "Resource", resources.text],
      ["When", timeRange(alert)],
      ["Call", describeCall(alert)],
    ]),
    ...(news === undefined ? {} : { news }),
    answers: answeredOf(notice),
    advice: known([
      ["Why it fired", rule.description],
      ["What to do", rule.runbook],
      ["Harmless when", rule.falsePositives],
    ]),
    details: known([
      ["Resources touched", all.text === resources.text ? undefined : all.text],
      ["User agent", source.userAgent],
      ["Channel", `${channel.name}, ${channel.confidence} confidence: ${channel.reasons.join("; ")}`],
      ["Access key", alert.actor.accessKeyId],
      ["Invoked by", alert.actor.invokedBy],
      ["ATT&CK", rule.attack.join(", ")],
      ["Tags", rule.tags.join(", ")],
      ["Rule", rule.id],
      ["Alert", alert.id],
      ["Note", alert.notes?.join(" ")],
    ]),
    links: glanceLinks(alert),
  };
}

/** "192.0.2.10, probably in the console". */
function whence({ channel: { name, confidence }, source }: Alert): string {
  return joined([source.ip, name === "unknown" ? undefined : `${HOW_SURE[confidence]}${HOW[name]}`]);
}

/** "2026-11-20 10:15:30 UTC", "2026-11-20 10:15:30 to 11:15:30 UTC": to the second, as CloudTrail tells it. */
function timeRange({ startTime, endTime }: Alert): string {
  const [day, time] = dayAndTime(startTime);
  const [lastDay, lastTime] = dayAndTime(endTime);
  if (day === lastDay && time === lastTime) return `${day} ${time} UTC`;
  return `${day} ${time} to ${day === lastDay ? "" : `${lastDay} `}${lastTime} UTC`;
}

function dayAndTime(time: string): readonly [string, string] {
  return [time.slice(0, 10), time.slice(11, 19)];
}

function known(pairs: readonly (readonly [string, string | undefined])[]): Fact[] {
  return pairs.flatMap(([label, value]) => {
    const shown = oneLine(value ?? "");
    return shown === "" ? [] : [{ label, value: shown }];
  });
}

function oneLine(text: string): string {
  return showText(text, MAX_TEXT);
}

function joined(parts: readonly (string | undefined)[]): string {
  return parts.filter((part) => part !== undefined && part !== "").join(", ");
}
