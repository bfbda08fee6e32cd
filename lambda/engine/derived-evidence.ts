/**
 * What an event pattern can see of a derived fact that has a few values only: for each value the conditions of which
 * one holds whenever the fact has it. They follow the steps of `lambda/record/{channel,outcome,actor,mfa}.ts`, and may
 * be wider than those, never tighter: short patterns are worth more than tight ones here.
 *
 *     outcome is success      errorCode is absent
 *     actor.root is true      userIdentity.type is Root, or the session is a root session
 *     channel.name is cli     the user agent begins as the command line's do, and no service stands between
 */
import { beginningsOf } from "../record/agent-signs.ts";
import { CHANNEL_NAMES } from "../record/channel-names.ts";
import {
  CLOUDFORMATION_ENDINGS,
  CONSOLE_EVENT_TYPES,
  CONSOLE_INVOKER,
  SERVICE_ENDINGS,
  SERVICE_LINKED,
  SIGN_IN_SOURCES,
} from "../record/channel.ts";
import type { Atom, Conjunct, Matcher, Selector } from "./selector.ts";

/** A derived fact with all values that it can have, and what can be seen of it when it has one of some of them. */
export type Domain = {
  readonly values: readonly (string | boolean | undefined)[];
  /** The evidence for one of these values, which are some and not all; undefined when there is none to be seen. */
  readonly evidence: (values: ReadonlySet<unknown>) => Selector | undefined;
};

const INVOKED_BY = "userIdentity.invokedBy";
const TYPE = "userIdentity.type";
const SESSION = "userIdentity.sessionContext";

const THERE: Matcher = { exists: true };
const ABSENT: Matcher = { exists: false };
/** No service stands between. What is read as text counts as absent when it is empty. */
const UNINVOKED = atom(INVOKED_BY, ABSENT, "");
const FLAGGED = atom("sessionCredentialFromConsole", "true", true);
const PORTAL_EVENT: Conjunct = [
  atom("eventSource", ...SIGN_IN_SOURCES),
  atom("eventType", "AwsServiceEvent"),
];
const SERVICE_ADDRESS = atom("sourceIPAddress", ...SERVICE_ENDINGS.map((suffix) => ({ suffix })));

/** The derived facts of which a value is one of a few. */
export const DOMAINS: ReadonlyMap<string, Domain> = new Map<string, Domain>([
  ["outcome", { values: ["success", "denied", "failed"], evidence: outcomeEvidence }],
  ["channel.confidence", { values: ["low", "medium", "high"], evidence: confidenceEvidence }],
  ["channel.name", { values: CHANNEL_NAMES, evidence: channelEvidence }],
  ["actor.root", { values: [true, false], evidence: rootEvidence }],
  ["actor.mfa", { values: [true, false, undefined], evidence: mfaEvidence }],
]);

function outcomeEvidence(values: ReadonlySet<unknown>): Selector {
  const conjuncts: Conjunct[] = values.has("success") ? [[atom("errorCode", ABSENT)]] : [];
  if (values.has("denied") || values.has("failed"))
    conjuncts.push([atom("errorCode", THERE)], [atom("responseElements.errorCode", THERE)]);
  if (values.has("failed"))
    conjuncts.push(
      [atom("errorMessage", THERE)],
      [atom("responseElements.errorMessage", THERE)],
      [atom("eventSource", ...SIGN_IN_SOURCES)],
    );
  return conjuncts;
}

function confidenceEvidence(values: ReadonlySet<unknown>): Selector {
  const conjuncts: Conjunct[] = values.has("low") || values.has("medium") ? [[UNINVOKED]] : [];
  if (values.has("high"))
    conjuncts.push([atom("eventType", ...CONSOLE_EVENT_TYPES)], [FLAGGED], ...serviceEvidence());
  return conjuncts;
}

function channelEvidence(values: ReadonlySet<unknown>): Selector {
  const conjuncts: Conjunct[] = [];
  // An unknown channel shows in nothing but that no service stands between: what demands that, too, says no more.
  const isOpen = values.has("unknown");
  if (values.has("console")) {
    conjuncts.push([atom("eventType", ...CONSOLE_EVENT_TYPES)], [atom(INVOKED_BY, CONSOLE_INVOKER)]);
    if (!isOpen) conjuncts.push([FLAGGED], PORTAL_EVENT);
  }
  if (values.has("service")) conjuncts.push(...serviceEvidence());
  if (values.has("cloudformation")) {
    const names = CLOUDFORMATION_ENDINGS.map((suffix) => ({ suffix }));
    conjuncts.push([atom(INVOKED_BY, ...names)]);
    if (!isOpen) conjuncts.push([atom("sourceIPAddress", ...names)]);
  }
  const agent = agentMatchers(values);
  if (isOpen) conjuncts.push([UNINVOKED]);
  else if (agent.length > 0) conjuncts.push([atom("userAgent", ...agent), UNINVOKED]);
  return conjuncts;
}

function serviceEvidence(): Selector {
  return [
    [atom(INVOKED_BY, THERE)],
    [SERVICE_ADDRESS],
    [atom("eventType", "AwsServiceEvent")],
    [atom(TYPE, "AWSService")],
    [atom(`${SESSION}.sessionIssuer.userName`, { prefix: SERVICE_LINKED })],
  ];
}

/** How the user agents begin that these names can come from. */
function agentMatchers(values: ReadonlySet<unknown>): readonly Matcher[] {
  const names = new Set([...values].map(String));
  const beginnings = beginningsOf(names);
  return beginnings?.map((prefix) => ({ prefix })) ?? [THERE];
}

function rootEvidence(values: ReadonlySet<unknown>): Selector {
  return values.has(true)
    ? [[atom(TYPE, "Root")], [atom(`${SESSION}.assumedRoot`, "true", true)]]
    : [[atom(TYPE, { "anything-but": ["Root"] }, ABSENT)]];
}

function mfaEvidence(values: ReadonlySet<unknown>): Selector | undefined {
  if (values.has(undefined)) return undefined;
  return [...values].flatMap((value) => [
    [atom("additionalEventData.MFAUsed", { "equals-ignore-case": value === true ? "yes" : "no" })],
    [atom(`${SESSION}.attributes.mfaAuthenticated`, String(value), value === true)],
  ]);
}

function atom(path: string, ...matchers: readonly Matcher[]): Atom {
  return { path, matchers, lists: [] };
}
