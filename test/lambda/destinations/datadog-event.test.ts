import { describe, expect, it } from "vitest";
import type { Alert } from "../../../lambda/alerts/alert-schema.ts";
import { toEvent as eventOf } from "../../../lambda/destinations/datadog-event.ts";
import { HOSTILE, summaryOf } from "../../contracts/destinations.ts";
import { ANSWERS, answersOf, CLOSED, closedOf } from "../../contracts/notices.ts";
import { sampleAlert } from "../alerts/sample.ts";

const NOW = Date.parse("2026-11-20T10:20:00Z");
const HAPPENED = Date.parse("2026-11-20T10:15:30Z") / 1000;

const toEvent = (alert: Alert, now: number, tags?: readonly string[]): ReturnType<typeof eventOf> =>
  eventOf({ alert, kind: "first" }, now, tags);

describe("toEvent", () => {
  it("makes an event with title, tags and the flattened record", () => {
    const event = toEvent(sampleAlert(), NOW);
    expect(event).toMatchObject({
      title: "ec2.amazonaws.com: Security group opened to the internet",
      alert_type: "error",
      priority: "normal",
      aggregation_key: sampleAlert().id,
      date_happened: HAPPENED,
      tags: [
        "account:123456789012",
        "region:eu-west-1",
        "rule:ec2.amazonaws.com/security-group-opened",
        "severity:high",
        "actor:admin/alice_example.com",
        "event_source:ec2.amazonaws.com",
        "event_name:authorizesecuritygroupingress",
        "channel:console",
        "outcome:success",
        `alert_id:${sampleAlert().id}`,
        "attack:t1686.001",
        "cis-4.10",
      ],
    });
    expect(event.text).toContain("**`Admin/alice@example.com opened sg-0a1b2c3d to the internet`**");
    expect(event.text).toContain(
      "requestParameters.ipPermissions.items.0.ipRanges.items.0.cidrIp: 0.0.0.0/0",
    );
    expect(event.text).toContain("- When: `2026-11-20T10:15:30.000Z`");
    expect(event.text).toContain("(https://eu-west-1.console.aws.amazon.com/cloudtrailv2/");
    expect(event.text).toContain("eventCategory: Management");
    expect(event.text).not.toContain("more fields");
  });

  it("joins answers to the alert's event as what they are, so that no monitor counts a second alert", () => {
    const event = eventOf(answersOf(), NOW);
    expect(event).toMatchObject({
      title: "Found out · ec2.amazonaws.com: Security group opened to the internet",
      alert_type: "info",
      priority: "low",
      aggregation_key: sampleAlert().id,
    });
    expect(event.tags).toContain("notice:answers");
    expect(eventOf(summaryOf(), NOW).tags.join()).not.toContain("notice:");
    expect(event.text).toContain(
      "- `Has a new user been involved in the event in the last 60 days?` `Yes: first seen today`",
    );
  });

  it.each([
    ["closed", "Closed by mallory-o-hara as false positive", "success"],
    ["acknowledged", "Acknowledged by mallory-o-hara: our own scanner", "info"],
    ["open", "Reopened by mallory-o-hara: our own scanner", "info"],
  ] as const)("tells that a case is %s", (to, said, alert_type) => {
    const { alert, ...notice } = closedOf(sampleAlert(), { ...CLOSED, to });
    const event = eventOf({ ...notice, alert: { ...alert, status: to } }, NOW);
    expect(event).toMatchObject({ alert_type, priority: "low" });
    expect(event.title).toMatch(
      /^(?:Closed|Acknowledged|Reopened) by mallory-o-hara.* · ec2\.amazonaws\.com: /,
    );
    expect(event.text).toContain(`- \`${said}`);
    expect(event.tags).toContain("notice:status");
  });

  it("keeps the answers of a record that fills the text, and links to the case", () => {
    const links = { ...sampleAlert().links, case: "https://security.example.com/alerts/1" };
    const alert = { ...sampleAlert({ responseElements: { a: "x".repeat(9_000) } }), links };
    const { text } = eventOf({ alert, kind: "summary", answers: ANSWERS }, NOW);
    expect(text.length).toBeLessThanOrEqual(4000);
    expect(text).toContain("first seen today");
    expect(text).toContain("- [Open the case](https://security.example.com/alerts/1)");
  });

  it.each([
    ["info", "info", "low"],
    ["low", "info", "low"],
    ["medium", "warning", "normal"],
    ["high", "error", "normal"],
    ["critical", "error", "normal"],
  ] as const)("sends severity %s as %s with priority %s", (severity, alert_type, priority) => {
    expect(toEvent(sampleAlert({}, { severity }), NOW)).toMatchObject({ alert_type, priority });
  });

  it("moves a time that Datadog would refuse within its 18 hours, with the true time in the text", () => {
    const late = toEvent(sampleAlert({ eventTime: "2026-11-01T00:00:00Z" }), NOW);
    expect(late.date_happened).toBe(NOW / 1000 - (17 * 3600 + 55 * 60));
    expect(late.text).toContain("2026-11-01T00:00:00.000Z");
    expect(toEvent(sampleAlert({ eventTime: "2027-01-01T00:00:00Z" }), NOW).date_happened).toBe(NOW / 1000);
    expect(toEvent(sampleAlert({ eventTime: "2026-11-19T16:25:01Z" }), NOW).date_happened).toBe(
      Date.parse("2026-11-19T16:25:01Z") / 1000,
    );
  });

  it("counts the fields of a record that do not fit", () => {
    const wide = Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`key${i}`, "value"]));
    const { text } = toEvent(sampleAlert({ requestParameters: wide }), NOW);
    expect(text.length).toBeLessThanOrEqual(4000);
    expect(text.length).toBeGreaterThan(3800);
    const shown = text.match(/^requestParameters\.key/gm)?.length ?? 0;
    expect(shown).toBeGreaterThan(50);
    const left = Number(/… (\d+) more fields/.exec(text)?.[1]);
    expect(left + shown).toBeGreaterThan(1000);
  });

  it.each([
    ["a %%% b", "a % % % b"],
    ["%%%%%", "% % % % %"],
    ["a ``` b", "a ''' b"],
    ["@all now", "@ all now"],
    ["x @slack-ops", "x @ slack-ops"],
    ["(@here)", "(@ here)"],
    ["alice@example.com", "alice@example.com"],
  ])("takes %j apart", (userAgent, shown) => {
    const { text } = toEvent(sampleAlert({ userAgent }), NOW);
    expect(text).toContain(`- User agent: \`${shown}\``);
    expect(text).toContain(`\nuserAgent: ${shown}\n`);
    expect(text.match(/%%%/g)).toHaveLength(2);
  });

  it.each([
    "https://evil.example/login",
    "www.evil.example",
    "# heading",
    "**b** [l](http://evil.example) <b>&amp;",
    "<https://evil.example>",
  ])("shows %j as code wherever it stands, so that it is no link, heading or emphasis", (hostile) => {
    const alert = sampleAlert(
      { userAgent: hostile, errorMessage: hostile, requestParameters: { key: hostile } },
      { summary: "{{userAgent}}" },
    );
    const { text } = toEvent({ ...alert, notes: [hostile] }, NOW);
    expect(text).toContain(`**\`${hostile}\`**`);
    expect(text).toContain(`- Note: \`${hostile}\``);
    const outsideCode = text.replace(/```[^]*?```/g, "").replace(/`[^`\n]*`/g, "");
    expect(outsideCode).not.toContain("evil.example");
    expect(outsideCode).not.toMatch(/^\s*(?:- )?#|\*\*b/m);
  });

  it("escapes markdown and HTML in what the rule's author wrote", () => {
    const { text } = toEvent(
      sampleAlert({}, { description: "a **b** <i> & https://runbooks.example/x" }),
      NOW,
    );
    expect(text).toContain("- Why: a \\*\\*b\\*\\* &lt;i&gt; &amp; https://runbooks.example/x");
  });

  it("opens no code that an empty text would leave open", () => {
    const { text } = toEvent(sampleAlert({ userAgent: " ", sourceIPAddress: "\n" }), NOW);
    expect(text).toContain("- User agent: `(blank)`");
    expect(text.replace(/```/g, "")).not.toContain("``");
  });

  it("links to the record however its eventID is written", () => {
    const { text } = toEvent(sampleAlert({ eventID: "a) [b](http://evil.example) '*!" }), NOW);
    expect(text).toContain("#/events/a%29%20%5Bb%5D%28http%3A%2F%2Fevil.example%29%20%27%2A%21)\n");
  });

  it("stays within 4,000 characters and says so when even its own lines do not fit", () => {
    const record = {
      userAgent: "&@".repeat(500),
      sourceIPAddress: "@.".repeat(500),
      errorMessage: "%".repeat(900),
      errorCode: "%".repeat(900),
      eventTime: "x",
    };
    const rule = {
      summary: "{{userAgent}}{{userAgent}}{{userAgent}}{{userAgent}}",
      description: "&".repeat(900),
      runbook: "&".repeat(900),
    };
    const { text } = toEvent(sampleAlert(record, rule), NOW);
    expect(text.length).toBeLessThanOrEqual(4000);
    expect(text).toContain("shortened to Datadog's 4,000 characters");
    expect(text.endsWith("\n%%%")).toBe(true);
  });

  it("cleans tags: no commas, spaces or capitals, a letter first, at most 200", () => {
    const { tags } = toEvent(
      sampleAlert(
        { recipientAccountId: "1,severity:info" },
        { tags: ["Team Blue", "7days", "x".repeat(500), "é:ü"] },
      ),
      NOW,
      ["Own,er"],
    );
    expect(tags).toEqual(
      expect.arrayContaining([
        "account:1_severity:info",
        "team_blue",
        "tag_7days",
        "x".repeat(200),
        "é:ü",
        "own_er",
      ]),
    );
    for (const tag of toEvent(sampleAlert({ eventName: HOSTILE, awsRegion: HOSTILE }), NOW).tags)
      expect(tag).not.toMatch(/[\s,@%<>]/);
  });

  it("counts in the title how often it happened, however long the title is", () => {
    expect(eventOf(summaryOf(), NOW).title).toBe(
      "ec2.amazonaws.com: Security group opened to the internet (96 times)",
    );
    const { title } = eventOf(summaryOf(sampleAlert({}, { name: "x".repeat(200) })), NOW);
    expect(title).toMatch(/x… \(96 times\)$/);
    expect(title).toHaveLength(100);
  });

  it("takes at most 100 tags, its own and the owner's before the rule's", () => {
    const tags = Array.from({ length: 200 }, (_, at) => `rule-tag-${at}`);
    const found = toEvent(sampleAlert({}, { tags }), NOW, ["team:security"]).tags;
    expect(found).toHaveLength(100);
    expect(found).toContain("team:security");
    expect(found).toContain(`alert_id:${sampleAlert().id}`);
  });
});
