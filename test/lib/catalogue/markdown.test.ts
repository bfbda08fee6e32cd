import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  codeOf,
  createAnchors,
  linkTo,
  paragraphOf,
  plainLink,
  textOf,
} from "../../../lib/catalogue/markdown.ts";

describe("text in Markdown", () => {
  it.each([
    ["<img src=x onerror=alert(1)>", String.raw`\<img src=x onerror=alert(1)\>`],
    ["[click](https://evil.example)", String.raw`\[click\](<https://evil.example/>)`],
    ["[click](javascript:alert(1))", String.raw`\[click\](javascript:alert(1))`],
    ["![x](y)", String.raw`!\[x\](y)`],
    ["**bold** _it_ ~~no~~", String.raw`\*\*bold\*\* \_it\_ \~\~no\~\~`],
    ["a | b", String.raw`a \| b`],
    ["&lt;b&gt;", String.raw`\&lt;b\&gt;`],
    ["`code` and \\`", String.raw`\`code\` and \\\``],
    ["$x$", String.raw`\$x\$`],
    ["two\n\n# lines\r\nand more", "two # lines and more"],
    ["\u202egnp.exe\u0007", String.raw`\\u202egnp.exe\\u0007`],
  ])("%j stays text", (text, written) => {
    expect(textOf(text)).toBe(written);
  });

  it("keeps the URLs of a sentence whole, as links that show where they lead", () => {
    expect(textOf("See https://example.com/a_b, or (http://example.com/*?x=1|2`).")).toBe(
      "See <https://example.com/a_b>, or (<http://example.com/*?x=1%7C2%60>).",
    );
    expect(textOf("https://[_x_")).toBe(String.raw`https://\[\_x\_`);
  });

  it("has nothing left in it that Markdown acts on, and loses nothing", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...Array.from("ab \\`*_[]<>&~|$!()#")) }), (text) => {
        const written = textOf(text);
        expect(written.replace(/\\[\\`*_[\]<>&~|$]/g, "")).not.toMatch(/[\\`*_[\]<>&~|$]/);
        expect(written.replace(/\\(.)/g, "$1")).toBe(text.replace(/ +/g, " ").trim());
      }),
    );
  });

  it.each([
    ["# heading", String.raw`\# heading`],
    ["- item", String.raw`\- item`],
    ["+ item", String.raw`\+ item`],
    ["=====", String.raw`\=====`],
    ["1. item", String.raw`1\. item`],
    ["12) item", String.raw`12\) item`],
    ["    code", "code"],
    ["2024 was", "2024 was"],
    ["Plain - text.", "Plain - text."],
  ])("begins no block with %j", (text, written) => {
    expect(paragraphOf(text)).toBe(written);
  });

  it("stands in code spans with as many backticks as it needs", () => {
    expect(codeOf("StopLogging")).toBe("`StopLogging`");
    expect(codeOf("a`b``c")).toBe("```a`b``c```");
    expect(codeOf("a|b\nc")).not.toContain("\n");
  });

  it("cannot leave a link", () => {
    expect(linkTo("https://example.com/a", "T1 *a*")).toBe(String.raw`[T1 \*a\*](https://example.com/a)`);
    expect(linkTo("https://example.com/a)b", "x")).toBe("[x](<https://example.com/a)b>)");
    expect(plainLink("https://example.com/?q=<script>&x= y")).toBe(
      "<https://example.com/?q=%3Cscript%3E&x=%20y>",
    );
    expect(plainLink("https://example.com/#a<b>c")).toBe("<https://example.com/#a%3Cb%3Ec>");
  });
});

describe("anchors", () => {
  it("are those of GitHub, told apart by their order", () => {
    const anchorOf = createAnchors();
    expect(anchorOf("ec2.amazonaws.com")).toBe("ec2amazonawscom");
    expect(anchorOf("Key made: *one* (user)")).toBe("key-made-one-user");
    expect(anchorOf("EC2.amazonaws.com")).toBe("ec2amazonawscom-1");
    expect(anchorOf("ec2amazonawscom")).toBe("ec2amazonawscom-2");
  });
});
