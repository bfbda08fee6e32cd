/**
 * The key of the run. It comes in the address that was printed, is taken out of it at once, and stays where only this
 * origin reads: unlike a cookie, no other port of this machine is sent it. Further tabs find it there.
 *
 *     http://127.0.0.1:51234/?token=…#/case/5f0c…   →   http://127.0.0.1:51234/#/case/5f0c…
 */
const NAME = "engine-page-key";

/** The key; empty where the page was opened without it, and then the server says what to do. */
export function runKey(): string {
  const given = new URLSearchParams(location.search).get("token");
  if (given === null) return stored();
  history.replaceState(null, "", `${location.pathname}${location.hash}`);
  try {
    localStorage.setItem(NAME, given);
  } catch {
    // A browser that keeps nothing: this tab has it until it is loaded again.
  }
  return given;
}

function stored(): string {
  try {
    return localStorage.getItem(NAME) ?? "";
  } catch {
    return "";
  }
}
