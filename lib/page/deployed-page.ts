/**
 * The page over a deployed stack's table, with the person's own credentials: what IAM lets them read and change, the
 * page does, and their name in a case's history is the one that AWS gives. The table is looked at every few seconds.
 */
import { computeDetails } from "../../lambda/cases/details.ts";
import { makeScopeReader } from "../../lambda/cases/scopes.ts";
import { deriveEventRules } from "../../lambda/engine/event-rules.ts";
import type { RuleSet } from "../../lambda/engine/rule.ts";
import type { CaseSession } from "../case-text/session.ts";
import { type Page, startPage } from "./start-page.ts";

/** A look costs a few cents a month for each page that stays open. */
const EVERY_MS = 5000;

/** Serves the page of a stack. Rejects with the reason where there is no such engine, or no port. */
export async function serveDeployedPage(
  session: CaseSession,
  options: {
    readonly stack: string;
    readonly region: string;
    readonly port: number;
    readonly ruleSet: RuleSet;
    readonly onProblem: (line: string) => void;
  },
): Promise<Page> {
  const { stack, region, port, ruleSet, onProblem } = options;
  const outputs = await session.outputs(stack);
  const person = await session.whoAmI();
  const cases = session.openCases(outputs["StateTable"] ?? "");
  const { eventRules } = deriveEventRules(ruleSet);
  const { now } = session;
  const explain = (alert: Parameters<typeof computeDetails>[0]) => computeDetails(alert, ruleSet, eventRules);
  return startPage(
    {
      cases,
      readScope: makeScopeReader({ cases, now, explain }),
      ruleSet,
      person,
      place: `${stack} in ${region}`,
      every: EVERY_MS,
      now,
      onProblem,
    },
    { port },
  );
}
