/**
 * An alert as an adaptive card of Microsoft Teams. A TextBlock and a Fact are markdown, and no escape works in all of
 * Teams' clients: phones show the backslashes, and follow the markup behind them (microsoft/AdaptiveCards#5590). So a card has
 * neither: every text is a TextRun of a RichTextBlock, which knows no markdown, and the facts are columns. What is left are
 * the dates that cards write for the reader's time zone, `{{DATE(…)}}`; those are taken apart.
 *
 * The details hide behind a button. Of the record they hold up to 100 lines, as the card's size allows.
 *
 *     toTeamsMessage(notice).attachments[0].content.body[0]   // the heading, in the colour of the severity
 */
import type { Alert } from "../alerts/alert-schema.ts";
import { safeJson } from "../alerts/safe-json.ts";
import type { Notice } from "./destination.ts";
import { fitBeforeEnding, fitText } from "./fit-text.ts";
import { type Fact, glance, type Glance } from "./glance.ts";
import { leafLines } from "./leaf-lines.ts";
import { unlinked } from "./mail-words.ts";

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
  | {
      readonly type: "Action.ToggleVisibility";
      readonly title: string;
      readonly targetElements: readonly string[];
    };

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
/** Ours, in characters. All but the details fit a card even where each of them takes three bytes. */
const MAX_TITLE = 300;
const MAX_SENTENCE = 1_200;
const MAX_FACT = 300;
const MAX_ADVICE = 500;
const MAX_QUESTION = 150;
const MAX_ANSWER = 250;
const MAX_NEWS = 500;
const MAX_DETAIL = 1_200;
const MAX_BUTTON = 60;
const MAX_LINES = 100;
const DETAILS = "details";
const LEFT_OUT: Fact = { label: "Left out", value: "some details, which are longer than a card can be" };

const STYLES: Readonly<Record<Alert["severity"], CardStyle>> = {
  critical: "attention",
  high: "attention",
  medium: "warning",
  low: "accent",
  info: "emphasis",
};

/** The message of an alert. */
export function toTeamsMessage(notice: Notice): TeamsMessage {
  const whole = glance(notice);
  let shown = whole;
  for (let few = whole.details.length; few > 0 && bytesOf(message(card(shown, []))) > MAX_BYTES; few--) {
    shown = { ...whole, details: [...whole.details.slice(0, few - 1), LEFT_OUT] };
  }
  const room = MAX_BYTES - bytesOf(message(card(shown, [])));
  return message(card(shown, recordBlocks(notice.alert, room)));
}

function message(content: TeamsCard): TeamsMessage {
  return {
    type: "message",
    attachments: [{ contentType: "application/vnd.microsoft.card.adaptive", content }],
  };
}

function card(shown: Glance, record: readonly RichTextBlock[]): TeamsCard {
  return {
    $schema: "http://adaptivecards.io/schemas/adaptive-card.json",
    type: "AdaptiveCard",
    version: "1.4",
    msteams: { width: "Full" },
    fallbackText: textOf(shown.sentence, MAX_ADVICE),
    body: [
      {
        type: "Container",
        style: STYLES[shown.severity],
        bleed: true,
        items: [
          paragraph([
            run(shown.heading, MAX_TITLE, { weight: "Bolder", size: "Large" }, shown.endings.heading),
          ]),
        ],
      },
      ...(shown.news === undefined ? [] : [paragraph([run(shown.news.text, MAX_NEWS)])]),
      paragraph([run(shown.sentence, MAX_SENTENCE, { size: "Medium" }, shown.endings.sentence)]),
      ...shown.facts.map((fact) => columns(fact, MAX_FACT)),
      ...shown.answers.map(({ label, word, value }) =>
        paragraph([
          run(label, MAX_QUESTION),
          run(` ${word}`, MAX_QUESTION, { weight: "Bolder" }),
          ...(value === word ? [] : [run(value.slice(word.length), MAX_ANSWER)]),
        ]),
      ),
      ...shown.advice.map(({ label, value }) =>
        paragraph([run(`${label}: `, MAX_FACT, { weight: "Bolder" }), authored(value, MAX_ADVICE)]),
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
  const first = Object.hasOwn(record, "requestParameters")
    ? { requestParameters: record["requestParameters"] }
    : {};
  const cost = (line: string): number => bytesOf(lineOf(line)) + 1;
  const total = room - bytesOf(heading) - 1;
  const lines = leafLines({ ...first, ...record }, { total, lines: MAX_LINES, cost });
  return lines.length === 0 ? [] : [heading, ...lines.map((line) => lineOf(line))];
}

function lineOf(text: string): RichTextBlock {
  return {
    type: "RichTextBlock",
    spacing: "None",
    inlines: [{ type: "TextRun", text: disarm(unlinked(text)), fontType: "Monospace" }],
  };
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

function run(text: string, limit: number, look: Look = {}, ending = ""): TextRun {
  return { type: "TextRun", text: textOf(text, limit, ending), ...look };
}

type Look = Omit<TextRun, "type" | "text">;

/** Text of a record: what looks like an address in it must not become a link, whatever client shows it. */
function textOf(text: string, limit: number, ending = ""): string {
  return fitBeforeEnding(disarm(unlinked(text)), ending, limit);
}

/** The rule author's words, in which an address may be a link. */
function authored(text: string, limit: number): TextRun {
  return { type: "TextRun", text: fitText(disarm(text), limit) };
}

/** Takes apart what a card would replace by a date. */
function disarm(text: string): string {
  return text.replace(/\{(?=\{(?:DATE|TIME)\()/g, "{ ");
}

function bytesOf(part: object): number {
  return Buffer.byteLength(safeJson(part));
}
