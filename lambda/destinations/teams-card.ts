/**
 * An alert as an adaptive card of Microsoft Teams. A TextBlock and a Fact are markdown, and no escape works in all of
 * Teams' clients: phones show the backslashes, and follow the markup behind them (microsoft/AdaptiveCards#5590). So a card has
 * neither: every text is a TextRun of a RichTextBlock, which knows no markdown, and the facts are columns. What is left are
 * the dates that cards write for the reader's time zone, `{{DATE(…)}}`; those are taken apart.
 *
 * The details hide behind a button. Of the record they hold as many lines as the card's size allows.
 *
 *     toTeamsMessage(notice).attachments[0].content.body[0]   // the heading, in the colour of the severity
 */
import type { Alert } from "../alerts/alert-schema.ts";
import { safeJson } from "../alerts/safe-json.ts";
import type { Notice } from "./destination.ts";
import { fitText } from "./fit-text.ts";
import { type Fact, glance, type Glance } from "./glance.ts";
import { leafLines } from "./leaf-lines.ts";

/** A piece of text, shown as it is. */
export type TextRun = {
  readonly type: "TextRun";
  readonly text: string;
  readonly weight?: "Bolder";
  readonly size?: "Medium" | "Large";
  readonly isSubtle?: true;
  readonly fontType?: "Monospace";
};

/** A line or paragraph. */
export type RichTextBlock = {
  readonly type: "RichTextBlock";
  readonly spacing?: "None" | "Small";
  readonly inlines: readonly TextRun[];
};

type Column = {
  readonly type: "Column";
  readonly width: "90px" | "stretch";
  readonly items: readonly RichTextBlock[];
};

/** The elements of cards that we send. */
export type CardElement =
  | RichTextBlock
  | { readonly type: "ColumnSet"; readonly spacing: "Small"; readonly columns: readonly [Column, Column] }
  | {
      readonly type: "Container";
      readonly id?: string;
      readonly style?: CardStyle;
      readonly bleed?: true;
      readonly isVisible?: false;
      readonly items: readonly CardElement[];
    };

type CardStyle = "attention" | "warning" | "accent" | "emphasis";

type CardAction =
  | { readonly type: "Action.OpenUrl"; readonly title: string; readonly url: string }
  | { readonly type: "Action.ToggleVisibility"; readonly title: string; readonly targetElements: readonly string[] };

/** The card. */
export type TeamsCard = {
  readonly $schema: string;
  readonly type: "AdaptiveCard";
  readonly version: "1.4";
  readonly msteams: { readonly width: "Full" };
  readonly fallbackText: string;
  readonly body: readonly CardElement[];
  readonly actions: readonly CardAction[];
};

/** The message that a workflow takes. */
export type TeamsMessage = {
  readonly type: "message";
  readonly attachments: readonly [
    { readonly contentType: "application/vnd.microsoft.card.adaptive"; readonly content: TeamsCard },
  ];
};

/** "About 28 KB" (FACTS § 6), by the smaller reading, in bytes. */
const MAX_BYTES = 28_000;
const MAX_TITLE = 300;
const MAX_SENTENCE = 1_200;
const MAX_FACT = 300;
const MAX_RESOURCES = 1_500;
const MAX_ADVICE = 1_000;
const MAX_DETAIL = 1_200;
/** Ours: a button is a word or two. */
const MAX_BUTTON = 60;
const DETAILS = "details";

const STYLES: Readonly<Record<Alert["severity"], CardStyle>> = {
  critical: "attention",
  high: "attention",
  medium: "warning",
  low: "accent",
  info: "emphasis",
};

/** The message of an alert. */
export function toTeamsMessage(notice: Notice): TeamsMessage {
  const shown = glance(notice);
  const used = bytesOf(message(card(shown, [])));
  const record = recordBlocks(notice.alert, MAX_BYTES - used);
  return message(card(shown, record));
}

function message(content: TeamsCard): TeamsMessage {
  return { type: "message", attachments: [{ contentType: "application/vnd.microsoft.card.adaptive", content }] };
}

function card(shown: Glance, record: readonly RichTextBlock[]): TeamsCard {
  return {
    $schema: "http://adaptivecards.io/schemas/adaptive-card.json",
    type: "AdaptiveCard",
    version: "1.4",
    msteams: { width: "Full" },
    fallbackText: textOf(`${shown.heading}: ${shown.sentence}`, MAX_TITLE + MAX_SENTENCE),
    body: [
      {
        type: "Container",
        style: STYLES[shown.severity],
        bleed: true,
        items: [paragraph([run(shown.heading, MAX_TITLE, { weight: "Bolder", size: "Large" })])],
      },
      paragraph([run(shown.sentence, MAX_SENTENCE, { size: "Medium" })]),
      ...shown.facts.map((fact) =>
        columns(fact, fact.label.startsWith("Resource") ? MAX_RESOURCES : MAX_FACT),
      ),
      ...shown.advice.map(({ label, value }) =>
        paragraph([run(`${label}: `, MAX_FACT, { weight: "Bolder" }), run(value, MAX_ADVICE)]),
      ),
      {
        type: "Container",
        id: DETAILS,
        style: "emphasis",
        isVisible: false,
        items: [...shown.details.map((fact) => columns(fact, MAX_DETAIL)), ...record],
      },
    ],
    actions: [
      ...shown.links.map(
        ({ label, url }): CardAction => ({ type: "Action.OpenUrl", title: textOf(label, MAX_BUTTON), url }),
      ),
      { type: "Action.ToggleVisibility", title: "Details", targetElements: [DETAILS] },
    ],
  };
}

/** The record's lines, the request first; a card holds as many as `room` bytes allow. */
function recordBlocks({ record }: Alert, room: number): RichTextBlock[] {
  const heading = paragraph([run("Record", MAX_FACT, { weight: "Bolder" })]);
  const first = Object.hasOwn(record, "requestParameters") ? { requestParameters: record["requestParameters"] } : {};
  const lines = leafLines({ ...first, ...record }, room - bytesOf(heading) - 1, disarm, (line) => bytesOf(lineOf(line)) + 1);
  return lines.length === 0 ? [] : [heading, ...lines.map((line) => lineOf(line))];
}

function lineOf(text: string): RichTextBlock {
  return { type: "RichTextBlock", spacing: "None", inlines: [{ type: "TextRun", text, fontType: "Monospace" }] };
}

function columns({ label, value }: Fact, limit: number): CardElement {
  return {
    type: "ColumnSet",
    spacing: "Small",
    columns: [
      { type: "Column", width: "90px", items: [paragraph([run(label, limit, { weight: "Bolder" })])] },
      { type: "Column", width: "stretch", items: [paragraph([run(value, limit)])] },
    ],
  };
}

function paragraph(inlines: readonly TextRun[]): RichTextBlock {
  return { type: "RichTextBlock", inlines };
}

function run(text: string, limit: number, look: Omit<TextRun, "type" | "text"> = {}): TextRun {
  return { type: "TextRun", text: textOf(text, limit), ...look };
}

function textOf(text: string, limit: number): string {
  return fitText(text, limit, disarm);
}
