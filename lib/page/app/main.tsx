/** Where the browser begins. */
import { render } from "preact";
import { App } from "./app.tsx";
import { makeCaseList } from "./case-list.ts";

const place = document.getElementById("app");
if (place !== null) {
  const cases = makeCaseList();
  cases.start(new AbortController().signal);
  place.replaceChildren();
  render(<App cases={cases} />, place);
}
