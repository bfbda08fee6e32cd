import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { safeJson } from "../../../lambda/alerts/safe-json.ts";
import { type TeamsCard, toTeamsMessage } from "../../../lambda/destinations/teams-card.ts";
import { firstOf, summaryOf } from "../../contracts/destinations.ts";
import { sampleAlert } from "../alerts/sample.ts";
import { checkTeams, recordLines, runsOf } from "./teams-checks.ts";

const card = (record = {}, rule = {}): TeamsCard =>
  toTeamsMessage(firstOf(sampleAlert(record, rule))).attachments[0].content;
const textsOf = ({ body }: Pick<TeamsCard, "body">): string[] => runsOf(body).map(({ text }) => text);
const hidden = ({ body }: TeamsCard): TeamsCard["body"] => body.filter((element) => "isVisible" in element);

describe("a card for Teams", () => {
  it("tells at a glance what happened, who, from where and how, where, what, when, why, and what to do", () => {
    const { body } = card();
    const visible = body.filter((element) => !("isVisible" in element));
    expect(textsOf({ body: visible })).toEqual([
      "HIGH · ec2.amazonaws.com: Security group opened to the internet",
      "Admin/alice@example.com opened sg-0a1b2c3d to the internet",
      "Who",
      "alice@example.com as role Admin (AssumedRole, with MFA)",
      "From",
      "192.0.2.10, in the console",
      "Where",
      "account 123456789012, eu-west-1",
      "Resource",
      "sg-0a1b2c3d (groupId)",
      "When",
      "2026-11-20 10:15:30 UTC",
      "Call",
      "ec2.amazonaws.com AuthorizeSecurityGroupIngress: success",
      "Why it fired: ",
      "Somebody allowed ingress from any address.",
      "What to do: ",
      "Ask the person, then revoke the rule.",
    ]);
  });

  it("hides the details and the record, the request first, behind a button", () => {
    const shown = card();
    const [container] = hidden(shown);
    expect(shown.actions.at(-1)).toEqual({
      type: "Action.ToggleVisibility",
      title: "Details",
      targetElements: [container?.type === "Container" ? container.id : undefined],
    });
    expect(textsOf({ body: hidden(shown) })).toEqual(expect.arrayContaining(["Access key", "ASIAEXAMPLE"]));
    expect(recordLines(shown)[0]).toBe("requestParameters.groupId: sg-0a1b2c3d");
    expect(recordLines(shown)).toContain("eventCategory: Management");
    expect(new Set(recordLines(shown)).size).toBe(recordLines(shown).length);
  });

  it.each([
    ["critical", "attention"],
    ["high", "attention"],
    ["medium", "warning"],
    ["low", "accent"],
    ["info", "emphasis"],
  ] as const)("shows severity %s in the style %s", (severity, style) => {
    const [first] = card({}, { severity }).body;
    expect(first).toMatchObject({ type: "Container", style });
  });

  it("links to the record, the runbook and the references, and to nothing that the record names", () => {
    const { actions, body } = card(
      { userAgent: "https://evil.example", requestParameters: { a: "https://evil.example" } },
      { runbook: "Follow https://wiki.example.com/sg." },
    );
    const links = actions.flatMap((action) => (action.type === "Action.OpenUrl" ? [action.url] : []));
    expect(links).toEqual([
      sampleAlert().links.record,
      "https://wiki.example.com/sg",
      "https://docs.aws.amazon.com/vpc/",
    ]);
    expect(textsOf({ body }).join("\n")).not.toContain("https://evil");
    expect(textsOf({ body })).toContain("https[:]//evil.example");
    expect(textsOf({ body })).toContain("Follow https://wiki.example.com/sg.");
  });

  it("leaves markdown as it is, and takes dates apart that a client would replace", () => {
    const text =
      "**b** _i_ [l](http://evil.example) - {{DATE(2026-11-20T10:15:30Z, SHORT)}} {{{TIME(x)}} {{x}}";
    const shown = textsOf(
      card({ userAgent: text, requestParameters: { name: text } }, { description: text }),
    );
    const date = "{ {DATE(2026-11-20T10:15:30Z, SHORT)}} {{ {TIME(x)}} {{x}}";
    expect(shown).toContain(`**b** _i_ [l](http[:]//evil.example) - ${date}`);
    expect(shown).toContain(`requestParameters.name: **b** _i_ [l](http[:]//evil.example) - ${date}`);
    expect(shown).toContain(`**b** _i_ [l](http://evil.example) - ${date}`);
  });

  it("keeps the number of times in a heading and a sentence that are cut", () => {
    const alert = { ...summaryOf().alert, title: "word ".repeat(90), summary: "word ".repeat(400) };
    const [heading, sentence] = textsOf(toTeamsMessage({ alert, kind: "summary" }).attachments[0].content);
    expect(heading).toMatch(/ word… \(96 times\)$/);
    expect(sentence).toMatch(/ word… \(96 times, 2026-11-20 10:15:30 to 11:15:30 UTC\)$/);
  });

  it("shows a hundred lines of a record, and counts the others", () => {
    const requestParameters = Object.fromEntries(Array.from({ length: 500 }, (_, at) => [`k${at}`, at]));
    const lines = recordLines(card({ requestParameters }));
    expect(lines).toHaveLength(101);
    expect(lines.at(-1)).toMatch(/^… 4\d\d more, which the record in CloudTrail has$/);
  });

  it("drops details, and says so, where every character takes three bytes", () => {
    const text = "鑑".repeat(2000);
    const alert = sampleAlert(
      {
        userAgent: text,
        sourceIPAddress: text,
        awsRegion: text,
        errorMessage: text,
        resources: [{ ARN: text }],
      },
      { summary: text, description: text, runbook: text, falsePositives: text, name: text, tags: [text] },
    );
    const message = toTeamsMessage({ alert: { ...alert, notes: [text] }, kind: "summary" });
    checkTeams(safeJson(message));
    expect(textsOf(message.attachments[0].content)).toContain("Left out");
  });

  it("stays within its size and shows text as text, whatever the record holds", () => {
    const text = fc.oneof(
      fc.string({ unit: "binary", maxLength: 600 }),
      fc.stringMatching(/^[{}()DATEIM*_[\]"\\ 鑑]{0,400}$/),
      fc.nat(3000).map((length) => '"鑑'.repeat(length)),
    );
    fc.assert(
      fc.property(text, text, text, fc.nat(1_000_000), (a, b, c, count) => {
        const record = {
          userAgent: a,
          awsRegion: b,
          errorMessage: c,
          requestParameters: { [a]: b, c: [c, c] },
        };
        const rule = { summary: "{{userAgent}}", description: b, runbook: c };
        const alert = { ...sampleAlert({ ...record, sourceIPAddress: c }, rule), count: count + 1 };
        expect(() => checkTeams(safeJson(toTeamsMessage({ alert, kind: "summary" })))).not.toThrow();
      }),
      { numRuns: 200 },
    );
  });
});
