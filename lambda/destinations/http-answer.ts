/**
 * What an answer means: taken, or a problem, and when it makes sense to try again. The status decides, unless the
 * medium says more in the body (Slack answers 200 with `"ok": false`): then its destination judges first.
 *
 *     problemIn({ status: 307, … })   // { says: "answered 307, …", again: "later" }
 */

/** What the other side said. */
export type Answer = {
  readonly status: number;
  readonly headers: Headers;
  /** The body, as far as it was read. */
  readonly body: string;
};

/** Why an answer is no yes. */
export type Problem = {
  /** What the other side did, to follow its name: "answered 503". Secrets are taken out of it later. */
  readonly says: string;
  /** `soon`: in this delivery; `later`: from the redelivery queue; `never`: a person has to mend something first. */
  readonly again: "soon" | "later" | "never";
  /** Whether the secret was refused; it is then read again. */
  readonly secretRefused?: boolean;
};

/** What a destination knows better than the status; undefined leaves it to the status. */
export type Judge = (answer: Answer) => Problem | "taken" | undefined;

const WEB_PAGE = /^\s*(?:<!doctype\s+html|<html)\b/i;
const TEMPORARY_REDIRECTS: ReadonlySet<number> = new Set([302, 303, 307]);

/** What is wrong with an answer; undefined when the message was taken. */
export function problemIn(answer: Answer, judge?: Judge): Problem | undefined {
  const judged = judgedBy(judge, answer);
  if (judged === "taken") return undefined;
  return judged ?? problemOfStatus(answer);
}

/** A judge that stumbles over an answer must not have the alert sent again: the status decides. */
function judgedBy(judge: Judge | undefined, answer: Answer): ReturnType<Judge> {
  try {
    return judge?.(answer);
  } catch {
    return undefined;
  }
}

/**
 * For media whose answers are never web pages: a 2xx with a page comes from something in between (a proxy's sign-in, a
 * parked domain), and the alert was not taken.
 */
export const refuseWebPage: Judge = ({ status, body }) =>
  status < 300 && WEB_PAGE.test(body)
    ? {
        says: `answered ${status} with a web page: something between here and there, such as a proxy, answered in its place`,
        again: "later",
      }
    : undefined;

function problemOfStatus({ status, body, headers }: Answer): Problem | undefined {
  if (status >= 200 && status < 300) return undefined;
  const says = `answered ${status}${said(body)}`;
  if (status < 400) return redirect(status, headers);
  if (status === 401 || status === 403) return { says, again: "later", secretRefused: true };
  if (status === 408 || status === 425 || status === 429 || status >= 500) return { says, again: "soon" };
  return { says, again: "never" };
}

/** Not followed: it would carry the alert and its key to an address that nobody configured. */
function redirect(status: number, headers: Headers): Problem {
  const location = headers.get("location") ?? "";
  const to = URL.canParse(location) ? ` to ${new URL(location).host}` : "";
  return TEMPORARY_REDIRECTS.has(status)
    ? { says: `answered ${status}, a redirect${to} for now, which is not followed`, again: "later" }
    : {
        says: `answered ${status}, a redirect${to}, which is not followed: configure the new address`,
        again: "never",
      };
}

/** The first line of a body for an error; a web page has no line that helps. */
function said(body: string): string {
  if (WEB_PAGE.test(body)) return " with a web page";
  const line = body.trim().split(/[\r\n]/, 1)[0] ?? "";
  return line === "" ? "" : `: ${line}`;
}

/** From this on, a number is seconds since 1970 and no pause: it would be one of 30 years. */
const EPOCH_FROM = 1e9;

/**
 * The pause that the other side asks for, in milliseconds: `Retry-After` (seconds or a date), else the rate limit's
 * reset (seconds from now, or since 1970). `now` is in milliseconds since 1970.
 */
export function pauseAsked(headers: Headers, now: number): number | undefined {
  const after = (headers.get("retry-after") ?? headers.get("x-ratelimit-reset") ?? "").trim();
  if (after === "") return undefined;
  const seconds = Number(after);
  if (Number.isFinite(seconds)) {
    const pause = seconds >= EPOCH_FROM ? seconds * 1000 - now : seconds * 1000;
    return pause >= 0 ? pause : undefined;
  }
  const date = Date.parse(after);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

/** The body as text, as far as `most` characters; what follows is not read, however long it is. */
export async function readBody(response: Response, most: number): Promise<string> {
  if (response.body === null) return "";
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of response.body) {
    text += decoder.decode(chunk as Uint8Array, { stream: true });
    if (text.length >= most) break;
  }
  return text;
}
