/** What every card for Teams must be, whatever is in the alert; and how a reader sees it. */
import { expect } from "vitest";
import type {
  CardElement,
  TeamsCard,
  TeamsMessage,
  TextRun,
} from "../../../lambda/destinations/teams-card.ts";
import { teamsToHtml } from "../../../lib/preview/teams-html.ts";

function teamsMessage(body: string): TeamsMessage {
  return JSON.parse(body) as TeamsMessage;
}

export function cardOf(body: string): TeamsCard {
  return teamsMessage(body).attachments[0].content;
}

/** Every piece of text in the order of reading. */
export function runsOf(elements: readonly CardElement[]): TextRun[] {
  return elements.flatMap((element) => {
    if (element.type === "RichTextBlock") return [...element.inlines];
    if (element.type === "Container") return runsOf(element.items);
    return element.columns.flatMap(({ items }) => runsOf(items));
  });
}

/** The lines of the record. */
export function recordLines(card: TeamsCard): string[] {
  return runsOf(card.body)
    .filter(({ fontType }) => fontType === "Monospace")
    .map(({ text }) => text);
}

/** Throws when a message is more than Teams takes, or when a client would make anything but text of a text. */
export function checkTeams(body: string): void {
  expect(Buffer.byteLength(body)).toBeLessThanOrEqual(28_000);
  const { type, attachments } = teamsMessage(body);
  expect([type, attachments.length]).toEqual(["message", 1]);
  expect(attachments[0].contentType).toBe("application/vnd.microsoft.card.adaptive");
  const card = attachments[0].content;
  expect(card).toMatchObject({ type: "AdaptiveCard", version: "1.4" });
  // TextBlock and FactSet would read markdown in what they show.
  expect(body).not.toMatch(/"type":"(?:TextBlock|FactSet|Image|Media)"/);
  for (const { text } of runsOf(card.body)) expect(text).not.toBe("");
  expect(card.actions.length).toBeLessThanOrEqual(6);
  for (const action of card.actions) {
    expect(action.title.length).toBeGreaterThan(0);
    if (action.type === "Action.OpenUrl") expect(new URL(action.url).protocol).toBe("https:");
  }
  // The preview replaces dates as clients do, and there must be none.
  expect(teamsToHtml(card)).not.toContain("<time");
}
