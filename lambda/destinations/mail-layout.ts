/**
 * How an HTML mail looks: tables in tables with their styles inline, because Outlook knows little else and Gmail drops
 * style sheets in some of its programs. Everything given to these functions is HTML that was made safe already.
 *
 * Colours are chosen to be readable when a program inverts them itself; those that keep the style sheet get dark
 * colours of ours (`@media`, and `data-ogsc` for Outlook on phones).
 */
import type { Alert } from "../alerts/alert-schema.ts";

/** The colour of a severity; white text on it has a contrast of more than 4.5. */
export const COLOURS: Readonly<Record<Alert["severity"], string>> = {
  critical: "#8b0a1a",
  high: "#b3261e",
  medium: "#8a5a00",
  low: "#2b5c8a",
  info: "#4a5560",
};

const FONT = "font-family:'Segoe UI',Roboto,Helvetica,Arial,sans-serif";
const MONO = "font-family:Consolas,Menlo,'Liberation Mono',monospace";
const DARK: readonly (readonly [string, string])[] = [
  [".p", "background:#11151a!important"],
  [".c", "background:#1b2128!important"],
  [".t", "color:#e8ebee!important"],
  [".m", "color:#aab4be!important"],
  [".l", "border-color:#39434d!important"],
  [".a", "color:#8ab8ff!important"],
];

const HEAD = `<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<meta name="format-detection" content="telephone=no,date=no,address=no,email=no,url=no">
<style>
:root{color-scheme:light dark;supported-color-schemes:light dark}
@media (prefers-color-scheme:dark){
${DARK.map(([name, style]) => `${name}{${style}}`).join("\n")}
}
${DARK.map(([name, style]) => `[data-ogsc] ${name}{${style}}`).join("\n")}
</style>`;

const TABLE = `role="presentation" cellpadding="0" cellspacing="0" border="0"`;

/** A whole mail around the blocks of its body; blocks that are empty are left out. */
export function mailPage(mail: {
  readonly colour: string;
  readonly severity: string;
  readonly sentence: string;
  readonly title: string;
  readonly blocks: readonly string[];
}): string {
  const blocks = mail.blocks
    .filter((block) => block !== "")
    .map((block) => `<tr>\n<td style="padding:0 24px 20px">\n${block}</td>\n</tr>\n`);
  return `<!doctype html>
<html lang="en">
<head>
${HEAD}
</head>
<body class="p" style="margin:0;padding:0;background:#eef1f4">
<table ${TABLE} width="100%" class="p" style="background:#eef1f4">
<tr>
<td align="center" style="padding:20px 8px">
<!--[if mso]><table ${TABLE} width="680"><tr><td><![endif]-->
<table ${TABLE} width="100%" class="c" style="max-width:680px;background:#ffffff">
<tr>
<td height="6" bgcolor="${mail.colour}" style="height:6px;font-size:1px;line-height:6px;background:${mail.colour}">&nbsp;</td>
</tr>
<tr>
<td style="padding:20px 24px 16px">
<table ${TABLE}>
<tr>
<td bgcolor="${mail.colour}" style="padding:3px 10px;background:${mail.colour};color:#ffffff;${FONT};
font-size:12px;line-height:18px;font-weight:bold;letter-spacing:.5px">${mail.severity}</td>
</tr>
</table>
<h1 class="t" style="margin:12px 0 6px;color:#1b2128;${FONT};font-size:20px;line-height:27px;font-weight:bold;
word-break:break-word">
${mail.sentence}</h1>
<div class="m" style="color:#55606b;${FONT};font-size:14px;line-height:20px;word-break:break-word">
${mail.title}</div>
</td>
</tr>
${blocks.join("")}</table>
<!--[if mso]></td></tr></table><![endif]-->
</td>
</tr>
</table>
</body>
</html>
`;
}

/** A paragraph. */
export function mailParagraph(text: string): string {
  return text === ""
    ? ""
    : `<div class="t" style="color:#1b2128;${FONT};font-size:14px;line-height:21px">\n${text}</div>\n`;
}

/** A block with a heading above it; empty when there is nothing below. */
export function mailSection(heading: string, block: string): string {
  return block === ""
    ? ""
    : `<h2 class="m l" style="margin:4px 0 6px;padding-top:14px;border-top:1px solid #d5dbe1;color:#55606b;${FONT};
font-size:13px;line-height:18px;font-weight:bold">${heading}</h2>\n${block}`;
}

/** A table of rows. */
export function mailTable(rows: readonly string[]): string {
  return rows.length === 0
    ? ""
    : `<table ${TABLE.replace('role="presentation" ', "")} width="100%">\n${rows.join("")}</table>\n`;
}

/** A row that a person reads: what it is, and what it says. */
export function mailRow(label: string, value: string): string {
  return `<tr>
<th scope="row" align="left" valign="top" width="120" class="m" style="padding:4px 12px 4px 0;width:120px;color:#55606b;
${FONT};font-size:14px;line-height:20px;font-weight:normal">${label}</th>
<td valign="top" class="t" style="padding:4px 0;color:#1b2128;${FONT};font-size:14px;line-height:20px;word-break:break-word">
${value}</td>
</tr>
`;
}

/** A row of the record. */
export function mailRecordRow(path: string, value: string): string {
  return `<tr>
<td valign="top" class="m" style="padding:2px 12px 2px 0;color:#55606b;${MONO};font-size:12px;line-height:17px;word-break:break-word">${path}</td>
<td valign="top" class="t" style="padding:2px 0;color:#1b2128;${MONO};font-size:12px;line-height:17px;word-break:break-word">${value}</td>
</tr>
`;
}

/** A row over the whole width. */
export function mailWideRow(text: string): string {
  return `<tr>
<td colspan="2" class="m" style="padding:6px 0;color:#55606b;${FONT};font-size:13px;line-height:18px">${text}</td>
</tr>
`;
}

/** A link in a text. */
export function mailLink(label: string, url: string): string {
  return `<a class="a" style="color:#1a5fb4"
href="${url}">${label}</a>`;
}

/** Links as buttons side by side, the first one filled. */
export function mailButtons(links: readonly { readonly label: string; readonly url: string }[]): string {
  if (links.length === 0) return "";
  const cells = links.map(({ label, url }, at) => {
    const [background, colour] = at === 0 ? ["#1a5fb4", "#ffffff"] : ["#e3ebf5", "#134a8e"];
    return `<td bgcolor="${background}" style="padding:9px 16px;background:${background}">
<a style="color:${colour};${FONT};font-size:14px;line-height:20px;font-weight:bold;text-decoration:none"
href="${url}">${label}</a></td>
<td width="10" style="width:10px;font-size:1px">&nbsp;</td>
`;
  });
  return `<table ${TABLE}>\n<tr>\n${cells.join("")}</tr>\n</table>\n`;
}
