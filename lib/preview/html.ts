/** HTML of texts that may be hostile: what is not made by these functions has no way into the page. */

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Text as HTML, in an element or in an attribute between quotation marks. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? "");
}

/** An element with its content, which is HTML, and its class. */
export function element(name: string, className: string, ...content: readonly string[]): string {
  return `<${name} class="${escapeHtml(className)}">${content.join("")}</${name}>`;
}

/** A link; what is no https address is shown and leads nowhere. */
export function link(url: string, className: string, content: string): string {
  const isSafe = URL.canParse(url) && new URL(url).protocol === "https:";
  return isSafe
    ? `<a class="${escapeHtml(className)}" href="${escapeHtml(url)}" rel="noreferrer" target="_blank">${content}</a>`
    : element("span", className, content);
}
