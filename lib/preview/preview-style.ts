/** How the preview looks: as near to Slack and Teams on a desktop as judging a message needs. */
export const PREVIEW_STYLE = `
* { box-sizing: border-box; }
body { margin: 24px; background: #e9eaed; color: #1d1c1d; font: 15px/1.46 Lato, "Segoe UI", Arial, sans-serif; }
h1 { font-size: 20px; margin: 24px 0 12px; }
h2 { font-size: 13px; margin: 0 0 12px; color: #616061; text-transform: uppercase; letter-spacing: .05em; }
.media { display: grid; gap: 24px; grid-template-columns: repeat(auto-fill, minmax(560px, 1fr)); align-items: start; }
.medium { background: #fff; border-radius: 8px; padding: 16px 20px; min-width: 0; overflow-wrap: anywhere; }
.actions { display: flex; flex-wrap: wrap; gap: 8px; margin: 10px 0; }
.button { display: inline-block; border: 1px solid #bbb; border-radius: 4px; padding: 4px 12px; font-size: 13px; font-weight: 700; color: #1d1c1d; text-decoration: none; cursor: pointer; }
.slack .header { font-size: 18px; font-weight: 900; line-height: 1.3; margin: 0 0 8px; }
.slack .section, .slack .rich-text { margin: 8px 0; }
.slack .attachment { border-left: 4px solid; border-radius: 2px; padding: 2px 0 2px 12px; margin-top: 12px; }
.slack .fields { display: grid; grid-template-columns: 1fr 1fr; gap: 8px 16px; margin: 8px 0; }
.slack code { font: 12px/1.5 Menlo, Consolas, monospace; color: #c01343; background: #f6f6f6; border: 1px solid #ddd; border-radius: 3px; padding: 1px 3px; }
.slack pre { font: 12px/1.5 Menlo, Consolas, monospace; background: #f8f8f8; border: 1px solid #ddd; border-radius: 4px; padding: 8px; margin: 4px 0; white-space: pre-wrap; }
.slack .context { font-size: 13px; color: #616061; }
.slack .mention { background: #fff3d0; color: #1264a3; }
.slack .emoji { outline: 2px dashed red; }
.teams { font: 14px/1.4 "Segoe UI", Arial, sans-serif; border: 1px solid #e1e1e1; border-radius: 6px; padding: 0 16px 12px; }
.teams p { margin: 10px 0 0; }
.teams .spacing-None { margin: 0; }
.teams .columns { display: grid; grid-template-columns: 90px 1fr; gap: 8px; margin-top: 6px; }
.teams .columns p { margin: 0; }
.teams .container { margin: 0 -16px; padding: 2px 16px 12px; }
.teams .attention { background: #fde7e9; color: #8e192e; }
.teams .warning { background: #fff4ce; color: #6d4f00; }
.teams .accent { background: #e8ebfa; color: #3d3e78; }
.teams .emphasis { background: #f3f2f1; }
.teams .Bolder { font-weight: 600; }
.teams .Large { font-size: 18px; }
.teams .Medium { font-size: 16px; }
.teams .Monospace { font: 12px/1.5 Menlo, Consolas, monospace; }
.teams details { margin-top: 8px; }
.mail { width: 100%; height: 900px; border: 1px solid #ddd; border-radius: 4px; }
.plain { white-space: pre-wrap; margin: 0; max-height: 900px; overflow: auto; font: 11px/1.5 Menlo, Consolas, monospace; }
`;
