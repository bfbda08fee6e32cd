/**
 * Who may ask the page's server anything. Every site in the same browser can send requests to 127.0.0.1, and by DNS
 * rebinding read the replies; so a request must name this server in `Host`, carry the cookie that only the printed
 * address gives, and come from the page itself. Ports do not keep cookies apart, and neither does SameSite: another
 * server on 127.0.0.1 is the same site, and whoever opens a page of it hands it this one's cookie. That is why the cookie opens nothing but the program, the same for everybody: calls carry the
 * run's token itself in a header, which the page keeps where only its own origin reads.
 *
 *     GET /?token=…   with the run's token             → cookie and document
 *     GET /api/rows   with cookie and token            → rows
 *     GET /api/rows   with the cookie alone            → 403
 *     GET /api/rows   from http://127.0.0.1:8080       → 403, whatever the browser adds
 */
import { createHash, createHmac, randomBytes, timingSafeEqual } from "node:crypto";

/** The header in which calls of the page carry the token. */
const PAGE_HEADER = "x-engine-page";

/** What a request shows of itself. */
export type Asking = {
  readonly method: string;
  /** Path without the query. */
  readonly path: string;
  readonly header: (name: string) => string | undefined;
};

/** The secret of one run, and the port that it is good at. */
export type Door = { readonly port: number; readonly token: string };

/** A new secret: 32 random bytes that no address, log or screen but the printed one holds. */
export function newToken(): string {
  return randomBytes(32).toString("base64url");
}

/** The cookie's name; browsers give one host's cookies to all its ports. */
export function cookieName({ port }: Pick<Door, "port">): string {
  return `engine-page-${port}`;
}

/** The cookie's value: it follows from the token, and the token does not follow from it. */
export function cookieValue({ token }: Pick<Door, "token">): string {
  return createHmac("sha256", token).update("cookie").digest("base64url");
}

/** Whether two texts are the same; takes as long for a wrong one. */
function isSame(text: string | undefined, secret: string): boolean {
  return text !== undefined && timingSafeEqual(digest(text), digest(secret));
}

/** Why a request is refused; undefined when it may pass. Asking with the token in the address needs no cookie yet. */
export function refusalOf(asking: Asking, door: Door): string | undefined {
  const host = asking.header("host");
  if (host !== `127.0.0.1:${door.port}` && host !== `localhost:${door.port}`)
    return `the Host header must be 127.0.0.1:${door.port} or localhost:${door.port}`;
  const site = asking.header("sec-fetch-site");
  const isDocument = asking.path === "/" && asking.method === "GET";
  if (site !== undefined && site !== "same-origin" && !(isDocument && site === "none"))
    return "requests from other pages are not taken";
  const origin = asking.header("origin");
  const changes = asking.method !== "GET" && asking.method !== "HEAD";
  if ((changes || origin !== undefined) && origin !== `http://${host}`)
    return changes
      ? "changes are taken from the page itself only"
      : "requests from other pages are not taken";
  const mayLoad = isSame(cookieOf(asking.header("cookie"), cookieName(door)), cookieValue(door));
  const mayCall = !asking.path.startsWith("/api/") || isSame(asking.header(PAGE_HEADER), door.token);
  return mayLoad && mayCall
    ? undefined
    : "open the address that was printed when the page was started: it has the key";
}

/** Why a request that brings the token in its address is refused. It may come by a link from anywhere, and only so. */
export function refusalOfEntry(asking: Asking, token: string, door: Door): string | undefined {
  const host = asking.header("host");
  if (host !== `127.0.0.1:${door.port}` && host !== `localhost:${door.port}`)
    return `the Host header must be 127.0.0.1:${door.port} or localhost:${door.port}`;
  const destination = asking.header("sec-fetch-dest");
  if (asking.method !== "GET" || (destination !== undefined && destination !== "document"))
    return "the address with the key is for a browser's address bar";
  return isSame(token, door.token)
    ? undefined
    : "this key is of another run: open the address that was printed last";
}

/** The value of a cookie in a Cookie header; the first, where one name stands there twice. */
function cookieOf(header: string | undefined, name: string): string | undefined {
  const prefix = `${name}=`;
  const found = (header ?? "").split(";").find((part) => part.trim().startsWith(prefix));
  return found?.trim().slice(prefix.length);
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
