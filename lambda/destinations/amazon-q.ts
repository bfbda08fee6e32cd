/**
 * An alert as a custom notification of Amazon Q in chat applications (once AWS Chatbot), which drops everything else
 * that it finds in its topic. It turns the texts into the markdown of Slack or Teams, whichever the channel is, so
 * hostile text stands in spans of code, where both show it as it is, with the three characters that Slack acts on even
 * there as entities. Amazon publishes no lengths: these are below Slack's and below those that people have met (250
 * for a title, 8,000 for a description).
 */
import { showText } from "../alerts/show-text.ts";
import type { Notice } from "./destination.ts";
import { fitText } from "./fit-text.ts";
import { type Fact, type Glance, glance } from "./glance.ts";
import { codeSpan, entity } from "./slack-text.ts";

const MAX_TITLE = 200;
const MAX_DESCRIPTION = 2500;
const MAX_SENTENCE = 600;
const MAX_FACT = 250;
const MAX_ADVICE = 400;
const MAX_STEP = 500;
const MAX_RESOURCES = 10;
const MAX_KEYWORD = 200;
/** What may stand where Amazon Q shows no code: enough for ids, Regions, accounts and ARNs. */
const NO_KEYWORD = /[^\w.:/@+=,-]+/g;
const CUT = "… shortened: the record in CloudTrail has the rest";

/** The notification. */
export function toCustomNotification(notice: Notice): Readonly<Record<string, unknown>> {
  const { alert, kind } = notice;
  const seen = glance(notice);
  const title = titleOf(notice);
  const { rule, cloud } = alert;
  return {
    version: "1.0",
    source: "custom",
    id: kind === "first" ? alert.id : `${alert.id}-${kind}`,
    content: {
      textType: "client-markdown",
      title,
      description: describe(seen),
      nextSteps: nextSteps(rule.runbook, seen),
      keywords: [alert.severity, rule.id, cloud.accountId, cloud.region].flatMap((word) =>
        word === undefined ? [] : [keyword(word)],
      ),
    },
    metadata: {
      // The summary of a window stands under the alert that opened it.
      threadId: alert.id,
      summary: title,
      eventType: keyword(rule.id),
      relatedResources: alert.resources.slice(0, MAX_RESOURCES).map(({ arn }) => keyword(arn)),
      additionalContext: { alertId: alert.id, count: String(alert.count) },
    },
  };
}

/** The rule's name, by its author: the alert's own title may begin with what a caller wrote. */
function titleOf({ alert: { severity, rule, count } }: Notice): string {
  const head = `${severity.toUpperCase()}: `;
  const times = count === 1 ? "" : ` (${count.toLocaleString("en-US")} times)`;
  return `${head}${prose(rule.name, MAX_TITLE - head.length - times.length)}${times}`;
}

function describe({ sentence, facts, news, answers, advice, details }: Glance): string {
  const why = advice.filter(({ label }) => label !== "What to do");
  const notes = details.filter(({ label }) => label === "Note");
  return fitLines([
    codeSpan(sentence, MAX_SENTENCE),
    "",
    ...(news === undefined ? [] : [codeSpan(news.text, MAX_FACT)]),
    ...facts.map((fact) => line(fact)),
    ...answers.map(({ label, value }) => `${codeSpan(label, MAX_FACT)} ${codeSpan(value, MAX_FACT)}`),
    ...why.map(({ label, value }) => `${label}: ${prose(value, MAX_ADVICE)}`),
    ...notes.map((note) => line(note)),
  ]);
}

function line({ label, value }: Fact): string {
  return `${label}: ${codeSpan(value, MAX_FACT)}`;
}

function fitLines(lines: readonly string[]): string {
  const whole = lines.join("\n");
  if (whole.length <= MAX_DESCRIPTION) return whole;
  let left = MAX_DESCRIPTION - CUT.length;
  const kept = lines.slice(
    0,
    lines.findIndex((one) => (left -= one.length + 1) < 0),
  );
  return [...kept, CUT].join("\n");
}

/** What to do, and where to look: addresses that the engine and the rule's author wrote. */
function nextSteps(runbook: string | undefined, { links }: Glance): string[] {
  const looks = links
    .filter(({ label }) => label !== "Runbook")
    .map(({ label, url }) => `${prose(label, MAX_STEP)}: ${url.replaceAll("&", "&amp;")}`);
  return [...(runbook === undefined ? [] : [prose(runbook, MAX_STEP)]), ...looks];
}

/** Text of the rule's author: its own addresses are links, and nothing else in it acts on the chat. */
function prose(text: string, limit: number): string {
  const plain = showText(text, 4 * limit)
    .replaceAll("`", "'")
    .replaceAll("](", "] (");
  return fitText(plain, limit, entity);
}

function keyword(text: string): string {
  return showText(text.replace(NO_KEYWORD, "_"), MAX_KEYWORD);
}
