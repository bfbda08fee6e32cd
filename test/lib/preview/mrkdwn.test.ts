import { describe, expect, it } from "vitest";
import { escapeHtml, link } from "../../../lib/preview/html.ts";
import { textToHtml } from "../../../lib/preview/mrkdwn.ts";

/** A preview that is kinder than Slack hides mistakes: it must make of a text all that Slack would. */

const shown = (text: string, verbatim = true): string =>
  textToHtml({ type: "mrkdwn", text, verbatim } as never);

describe("Slack's markup in the preview", () => {
  it.each([
    ["*b* _i_ ~s~", '<b class="">b</b> <i class="">i</i> <s class="">s</s>'],
    ["a*b*c 2*3*4", "a*b*c 2*3*4"],
    ["`*b* :x:`", '<code class="code">*b* :x:</code>'],
    ["```\na\n`b`\n```", '<pre class="code">a\n`b`</pre>'],
    [
      "<!channel> <@U1> <#C1|x>",
      '<span class="mention">!channel</span> <span class="mention">@U1</span> <span class="mention">#C1|x</span>',
    ],
    [
      "<https://a.example/?x=1&amp;y|Here>",
      '<a class="link" href="https://a.example/?x=1&amp;y" rel="noreferrer" target="_blank">Here</a>',
    ],
    ["<javascript:alert(1)|Here>", '<span class="link">Here</span>'],
    [":skull: arn:aws:iam", '<span class="emoji">:skull:</span> arn<span class="emoji">:aws:</span>iam'],
    ["a\nb", "a<br>b"],
    ["&lt;!channel&gt; &amp;lt; \"'", "&lt;!channel&gt; &amp;lt; &quot;&#39;"],
    ["https://a.example @here", "https://a.example @here"],
  ])("makes of %j what Slack does", (text, html) => {
    expect(shown(text)).toBe(html);
  });

  it("makes links and mentions of bare text, unless it is verbatim", () => {
    expect(shown("https://a.example @here", false)).toBe(
      '<a class="link" href="https://a.example" rel="noreferrer" target="_blank">https://a.example</a> <span class="mention">@here</span>',
    );
  });

  it("reads nothing but entities in plain text, and emoji codes where they are wanted", () => {
    const text = "*b* <!channel> &lt;b&gt; :skull:";
    expect(textToHtml({ type: "plain_text", text, emoji: false })).toBe(
      "*b* &lt;!channel&gt; &lt;b&gt; :skull:",
    );
    expect(textToHtml({ type: "plain_text", text: ":skull:", emoji: true } as never)).toContain("emoji");
  });
});

describe("HTML of hostile text", () => {
  it("is text, in an element and in an attribute", () => {
    expect(escapeHtml(`<a href="x" title='y'>&amp;`)).toBe(
      "&lt;a href=&quot;x&quot; title=&#39;y&#39;&gt;&amp;amp;",
    );
  });

  it.each(["javascript:alert(1)", "http://a.example", "data:text/html,x", "", "//a.example"])(
    "links not to %j",
    (url) => {
      expect(link(url, "button", "x")).toBe('<span class="button">x</span>');
    },
  );
});
