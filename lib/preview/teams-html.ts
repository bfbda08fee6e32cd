/** An adaptive card as HTML, as a client of Teams shows it; dates between `{{` and `}}` are replaced, as there. */
import type { CardElement, RichTextBlock, TeamsCard, TextRun } from "../../lambda/destinations/teams-card.ts";
import { element, escapeHtml, link } from "./html.ts";

/** The card; what a button shows and hides stands under a line to open. */
export function teamsToHtml({ body, actions }: TeamsCard): string {
  const hidden = body.filter((part) => isHidden(part));
  const buttons = actions.flatMap((action) =>
    action.type === "Action.OpenUrl" ? [link(action.url, "button", escapeHtml(action.title))] : [],
  );
  const toggles = actions.flatMap((action) =>
    action.type === "Action.ToggleVisibility" ? [escapeHtml(action.title)] : [],
  );
  return element(
    "div",
    "teams",
    ...body.filter((part) => !isHidden(part)).map((part) => elementToHtml(part)),
    element("div", "actions", ...buttons),
    element(
      "details",
      "",
      element("summary", "button", ...toggles),
      ...hidden.map((part) => elementToHtml(part)),
    ),
  );
}

function isHidden(part: CardElement): boolean {
  return part.type === "Container" && part.isVisible === false;
}

function elementToHtml(part: CardElement): string {
  switch (part.type) {
    case "RichTextBlock":
      return paragraphToHtml(part);
    case "ColumnSet":
      return element(
        "div",
        "columns",
        ...part.columns.map(({ items }) =>
          element("div", "column", ...items.map((item) => paragraphToHtml(item))),
        ),
      );
    case "Container":
      return element(
        "div",
        `container ${part.style ?? ""}`,
        ...part.items.map((item) => elementToHtml(item)),
      );
    default:
      throw new Error(`the preview cannot show ${JSON.stringify(part satisfies never)}`);
  }
}

function paragraphToHtml({ inlines, spacing }: RichTextBlock): string {
  return element("p", `spacing-${spacing ?? "Default"}`, ...inlines.map((run) => runToHtml(run)));
}

function runToHtml({ text, weight, size, fontType }: TextRun): string {
  return element(
    "span",
    [weight, size, fontType].filter((look) => look !== undefined).join(" "),
    withDates(text),
  );
}

const DATE = /\{\{(?:DATE|TIME)\(([^)]*)\)\}\}/;

function withDates(text: string): string {
  const match = DATE.exec(text);
  if (match === null) return escapeHtml(text);
  const rest = text.slice(match.index + match[0].length);
  return (
    escapeHtml(text.slice(0, match.index)) +
    element("time", "date", escapeHtml(match[1] ?? "")) +
    withDates(rest)
  );
}
