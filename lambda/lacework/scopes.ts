/**
 * One alert by its number, a scope of it at a time. A scope in which there is nothing is "Not found", as in Lacework's
 * own API, and so is an alert that the key may not see. What is still being computed is neither: the client is told to ask
 * again, for a "Not found" it would believe for good. Only the investigation always answers: "Unknown" is an answer.
 */
import { maySee } from "../api/authenticate.ts";
import type { ApiKey } from "../api/key-store.ts";
import { ask, ProblemError } from "../api/problem.ts";
import type { Case, Scope, ScopeName, ScopeValue } from "../cases/case-schema.ts";
import type { Numbered } from "../cases/case-store.ts";
import { USER_QUESTIONS } from "../cases/questions-users.ts";
import { showText } from "../alerts/show-text.ts";
import { rowOf } from "./list.ts";
import type { LaceworkPorts } from "./ports.ts";
import { notFound, quoted } from "./problem.ts";
import { detailsOf } from "./scope-details.ts";
import { eventsOf, observationsOf } from "./scope-events.ts";
import { integrationsOf } from "./scope-integrations.ts";
import { relatedOf } from "./scope-related.ts";
import { timelineOf } from "./scope-timeline.ts";

const SCOPES = [
  "Details",
  "Investigation",
  "Events",
  "RelatedAlerts",
  "Integrations",
  "Timeline",
  "ObservationTimeline",
] as const;
type LaceworkScope = (typeof SCOPES)[number];

const ANSWERS = { yes: "Yes", no: "No", unknown: "Unknown" } as const;
const MAX_QUESTION = 500;
const PENDING_SECONDS = 5;

/** A published alert that the key may see, by what stands in the address. @throws ProblemError */
export async function findAlert(
  ports: LaceworkPorts,
  key: ApiKey,
  id: string,
  deadline: number,
): Promise<Numbered & { readonly found: Case }> {
  // Up to 15 digits a number is exact.
  if (!/^[1-9]\d{0,14}$/.test(id)) throw notFound();
  const numbered = await ask(() => ports.cases.byNumber(Number(id), deadline));
  if (numbered === undefined || !maySee(key, numbered.row.accountId)) throw notFound();
  const found = await ask(() => ports.cases.read(numbered.row.id, deadline));
  if (found === undefined) throw notFound();
  return { ...numbered, found };
}

/** What a scope of an alert holds; Details unless one is named. @throws ProblemError */
export async function readLaceworkScope(
  ports: LaceworkPorts,
  key: ApiKey,
  request: { readonly id: string; readonly scope: string | undefined },
  deadline: number,
): Promise<unknown> {
  const name = scopeNamed(request.scope);
  const alert = await findAlert(ports, key, request.id, deadline);
  const { found, number } = alert;
  const read = async (scope: ScopeName): Promise<Scope | undefined> =>
    ask(() => ports.readScope(found.row.id, scope, deadline, key.accountIds));
  const readers: Readonly<Record<LaceworkScope, () => Promise<unknown>>> = {
    Details: async () => detailsOf(alert, found),
    Investigation: async () => answersOf(await read("investigation")),
    Events: async () => filled(eventsOf(ready(await read("events"), "events").events)),
    RelatedAlerts: async () => filled(relatedOf(ready(await read("related-alerts"), "related-alerts"))),
    Integrations: async () => {
      const { integrations } = ready(await read("integrations"), "integrations");
      return filled(integrationsOf(integrations, rowOf({ ...alert, row: found.row })));
    },
    Timeline: async () =>
      filled(timelineOf(ready(await read("timeline"), "timeline").entries, found.history, number)),
    ObservationTimeline: async () =>
      filled(observationsOf(ready(await read("events"), "events").events, found.alert)),
  };
  return readers[name]();
}

function scopeNamed(scope: string | undefined): LaceworkScope {
  if (scope === undefined || scope === "") return "Details";
  const name = SCOPES.find((one) => one === scope);
  if (name !== undefined) return name;
  throw new ProblemError(400, `scope ${quoted(scope)} is unknown. Scopes: ${SCOPES.join(", ")}.`);
}

function answersOf(
  scope: Scope | undefined,
): readonly { readonly question: string; readonly answer: string }[] {
  if (scope === undefined) throw notFound();
  if (scope.state !== "ready" || !isOf(scope, "investigation")) {
    return USER_QUESTIONS.map(({ question }) => ({ question, answer: ANSWERS.unknown }));
  }
  return scope.value.answers.map(({ question, answer }) => ({
    question: showText(question, MAX_QUESTION),
    answer: ANSWERS[answer],
  }));
}

/** What a scope holds. @throws ProblemError when it is not there, or not yet. */
function ready<S extends ScopeName>(scope: Scope | undefined, name: S): ScopeValue<S> {
  if (scope?.state === "pending") {
    throw new ProblemError(503, "This scope is still being computed. Ask again in a few seconds.", {
      "retry-after": String(PENDING_SECONDS),
    });
  }
  if (scope?.state !== "ready" || !isOf(scope, name)) throw notFound();
  return scope.value;
}

function isOf<S extends ScopeName>(
  scope: Scope & { readonly state: "ready" },
  name: S,
): scope is Scope<S> & { readonly state: "ready" } {
  return scope.scope === name;
}

function filled<Row>(rows: readonly Row[]): readonly Row[] {
  if (rows.length === 0) throw notFound();
  return rows;
}
