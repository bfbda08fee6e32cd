/** Puts an API's Lambda together, once, while it starts. Nothing is connected yet: the SDK is loaded at the first request. */
import type { CaseStore } from "../cases/case-store.ts";
import { makeCaseStore } from "../cases/make-case-store.ts";
import { makeScopeReader, type ReadScope } from "../cases/scopes.ts";
import { openTable } from "../state/table.ts";
import type { ApiConfig } from "./api-config.ts";
import type { KeyStore } from "./key-store.ts";
import { makeKeyStore } from "./make-key-store.ts";

/** What both APIs need of the world. */
export type WiredPorts = {
  readonly cases: CaseStore;
  readonly readScope: ReadScope;
  readonly keys: KeyStore;
  readonly log: (line: string) => void;
  readonly now: () => number;
};

/** The ports over the stack's table. */
export function wireApi({ table: name, keepDays, destinationTypes }: ApiConfig): WiredPorts {
  const table = openTable({ name });
  const cases = makeCaseStore(table, { keepDays, now });
  return {
    cases,
    readScope: makeScopeReader({ cases, now, destinationTypes }),
    keys: makeKeyStore(table, now),
    log: (line) => void process.stdout.write(`${line}\n`),
    now,
  };
}

function now(): number {
  return Date.now();
}
