/**
 * What `engine case` asks of AWS, made once for a Region, so that tests give their own: the stack's outputs, the cases in
 * its table, and who the person is whose credentials these are. The name stands in the case's history, so it is AWS that
 * says it, not the person.
 */
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import type { CaseStore } from "../../lambda/cases/case-store.ts";
import { makeCaseStore } from "../../lambda/cases/make-case-store.ts";
import { openTable } from "../../lambda/state/table.ts";
import { openSession, type Session } from "../redrive/session.ts";

/** Cases of a deployed engine within reach. */
export type CaseSession = Pick<Session, "outputs" | "now"> & {
  readonly openCases: (table: string) => CaseStore;
  /** Whose credentials are used: "alice", "Admin/alice@example.com". */
  readonly whoAmI: () => Promise<string>;
};

/** What a person writes is kept as long as the alert is, which is longer than this. */
const KEEP_DAYS = 1;

/** A session of one Region, with the credentials that the AWS SDK finds by itself. */
export function openCaseSession(region: string): CaseSession {
  const { outputs, now } = openSession(region);
  return {
    outputs,
    now,
    openCases: (name) => makeCaseStore(openTable({ name, region }), { keepDays: KEEP_DAYS, now }),
    whoAmI: async () =>
      nameOfCaller((await new STSClient({ region }).send(new GetCallerIdentityCommand({}))).Arn),
  };
}

/** The name in an ARN of a user, a role's session or root; a path of the user's is left out. */
export function nameOfCaller(arn: string | undefined): string {
  const resource = arn?.split(":").slice(5).join(":") ?? "";
  const [kind, ...names] = resource.split("/");
  if (kind === "assumed-role") return names.join("/");
  return names.at(-1) ?? (resource === "" ? "an unknown caller" : resource);
}
