import { describe, expect, it } from "vitest";
import { caseLink, linkCases, problemOfCaseUrl } from "../../../lambda/destinations/case-link.ts";
import type { Notice } from "../../../lambda/destinations/destination.ts";
import { glanceLinks } from "../../../lambda/destinations/glance-links.ts";
import { firstOf, NO_DEADLINE } from "../../contracts/destinations.ts";
import { closedOf } from "../../contracts/notices.ts";
import { sampleAlert } from "../alerts/sample.ts";

describe("a caseUrl", () => {
  it.each([
    "https://security.example.com/alerts/{id}",
    "https://security.example.com:8443/a?id={id}&x=1#/{id}",
    "https://security.example.com#{id}",
    "http://127.0.0.1:4567/#/alerts/{id}",
  ])("may be %s", (url) => {
    expect(problemOfCaseUrl(url)).toBeUndefined();
  });

  it.each([
    [undefined, "must be a text"],
    [7, "must be a text"],
    ["https://security.example.com/alerts", "has no {id}"],
    ["security.example.com/{id}", "is no address"],
    ["https://security.example.com/{id} x", "is no address"],
    ["https://security.example.com\\{id}", "is no address"],
    ["https://security.example.com/\n{id}", "is no address"],
    ["http://security.example.com/{id}", "must be https"],
    ["http://127.0.0.1.example.com/{id}", "must be https"],
    ["javascript:alert('//a/{id}')", "must be https"],
    ["https://{id}.example.com/", "must have {id} after the host's name"],
    ["https:///{id}", "must have {id} after the host's name"],
    ["https://user:word@example.com/{id}", "holds a user name or password"],
    [`https://example.com/${"x".repeat(500)}{id}`, "is longer than 500 characters"],
  ])("may not be %j", (url, problem) => {
    expect(problemOfCaseUrl(url)).toContain(problem);
    expect(problemOfCaseUrl(url)).toContain("as https://security.example.com/alerts/{id}");
  });

  it("is filled with the alert's id, wherever that belongs", () => {
    expect(caseLink("https://a.example/{id}?again={id}", "0a1b")).toBe("https://a.example/0a1b?again=0a1b");
  });
});

describe("a destination that is told where cases are", () => {
  const told: Notice[] = [];
  const destination = {
    id: "a",
    type: "test",
    updates: true,
    deliver: async (notice: Notice) => {
      told.push(notice);
      return "receipt";
    },
  };

  it("gets the link with every notice, and is otherwise itself", async () => {
    const linked = linkCases(destination, "https://security.example.com/alerts/{id}");
    expect(linked).toMatchObject({ id: "a", type: "test", updates: true });
    for (const notice of [firstOf(), { ...closedOf(), receipt: "r" }]) {
      await expect(linked.deliver(notice, NO_DEADLINE)).resolves.toBe("receipt");
      const links = {
        ...notice.alert.links,
        case: `https://security.example.com/alerts/${notice.alert.id}`,
      };
      expect(told.at(-1)).toEqual({ ...notice, alert: { ...notice.alert, links } });
    }
    expect(linkCases(destination, undefined)).toBe(destination);
  });

  it("shows it first, and links to a page on the reader's own machine only there", () => {
    const local = "http://127.0.0.1:4567/#/alerts/1";
    const alert = { ...sampleAlert(), links: { case: local, record: "http://127.0.0.1/record" } };
    expect(glanceLinks(alert)[0]).toEqual({ label: "Open the case", url: local });
    expect(JSON.stringify(glanceLinks(alert))).not.toContain("127.0.0.1/record");
    for (const bad of ["http://evil.example/1", "javascript:alert(1)", "https://u:p@a.example/1"])
      expect(glanceLinks({ ...alert, links: { case: bad } }).map(({ label }) => label)).not.toContain(
        "Open the case",
      );
  });
});
