/**
 * What the page needs from outside: where cases are, who sits in front of it, and what a live run tells. It is the same
 * page over a run on this machine and over a deployed stack; only these ports differ.
 */
import type { Scope, ScopeName } from "../../lambda/cases/case-schema.ts";
import type { CaseStore } from "../../lambda/cases/case-store.ts";
import type { RuleSet } from "../../lambda/engine/rule.ts";
import type { Activity } from "./activity.ts";

/** What the page is made of. Times are in milliseconds since 1970. */
export type PagePorts = {
  readonly cases: Pick<CaseStore, "list" | "read" | "change" | "published">;
  readonly readScope: (id: string, scope: ScopeName, deadline: number) => Promise<Scope | undefined>;
  /** The rules that *why did it not fire?* asks and suppressions name. */
  readonly ruleSet: RuleSet;
  /** Under what name changes are kept. */
  readonly person: string;
  /** Whose alerts these are: "this machine", "CloudTrailEngine in eu-west-1". */
  readonly place: string;
  /** What was seen and delivered, where the run tells. */
  readonly activity?: Activity;
  /** How often the table is looked at for what is new, in milliseconds. */
  readonly every: number;
  readonly now: () => number;
  /** Told, on one line, what a person should know of and no reader of the page can mend. */
  readonly onProblem: (line: string) => void;
};
