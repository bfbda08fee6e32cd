/**
 * What stands under the facts that a rule can name, in words: for completion and hover in an editor. The record's
 * fields come from one table and the derived facts from the alert's schema, so that an editor offers exactly what the
 * loader takes. Below `requestParameters` every call has keys of its own, which only a real record shows.
 *
 *   FACT_DESCRIPTIONS["userIdentity.type"]   // "Who called, by kind: Root, IAMUser, …"
 */
import { alertSchema } from "../alerts/alert-schema.ts";

/** So many of the record's fields are offered before the derived facts. */
const MOST_USED = 8;

/** Facts that most rules read come first, then the rest of the record as CloudTrail orders it. */
const OF_RECORD: Readonly<Record<string, string>> = {
  eventName: "The call, e.g. StopLogging.",
  errorCode:
    "Why the call failed, e.g. AccessDenied; absent when it succeeded. Sign-ins tell it in responseElements.ConsoleLogin.",
  requestParameters:
    "What was asked for, or null. Go on with a dot, e.g. requestParameters.groupId; items[*] for all elements of a list.",
  responseElements: "What was answered; null for reads and for many writes. Go on with a dot.",
  readOnly: "true or false, without quotes: whether the call only read.",
  sourceIPAddress: "Where the call came from: an address, or the name of an AWS service.",
  userAgent:
    "What the caller says it is. The caller chooses it: it may add an alert, never keep a rule quiet.",
  sessionCredentialFromConsole:
    'The text "true" when the credentials were made in the console; absent otherwise.',
  userIdentity: "Who called. Go on with a dot, or use actor.*, which is the same for every kind of caller.",
  "userIdentity.type":
    "Who called, by kind: Root, IAMUser, AssumedRole, FederatedUser, AWSAccount, AWSService, IdentityCenterUser, …",
  "userIdentity.arn": "Who called; of an assumed role, the session and not the role.",
  "userIdentity.userName": "The user's name; absent for roles.",
  "userIdentity.accountId": "The account of the caller, as text.",
  "userIdentity.accessKeyId": "The key that signed the call: AKIA… is long-lived, ASIA… temporary.",
  "userIdentity.principalId": "The unique id of the caller; of a role, with the session name behind a colon.",
  "userIdentity.invokedBy":
    "The AWS service that called on somebody's behalf; absent when nobody stood between.",
  "userIdentity.sessionContext.sessionIssuer.arn": "The role, or user, behind the session.",
  "userIdentity.sessionContext.sessionIssuer.userName": "The name of the role, or user, behind the session.",
  "userIdentity.sessionContext.sessionIssuer.type": "Role, IAMUser or Root: what the session was made from.",
  "userIdentity.sessionContext.attributes.mfaAuthenticated":
    'The text "true" or "false"; "false" says nothing of people who sign in through an identity provider.',
  "userIdentity.sessionContext.sourceIdentity": "The person's name that was set when the role was assumed.",
  "userIdentity.sessionContext.webIdFederationData.federatedProvider":
    "The identity provider of a role session that began with a web identity token, e.g. a pipeline's.",
  eventSource:
    "The service, e.g. ec2.amazonaws.com: settled by the rule's folder, so only for _global rules.",
  awsRegion: "The Region of the call, e.g. eu-central-1.",
  recipientAccountId:
    "The account that got this record, as text; in calls between accounts not the caller's.",
  errorMessage: "The error in words, e.g. Failed authentication for a sign-in; absent when there is none.",
  eventType: "AwsApiCall, AwsServiceEvent, AwsConsoleAction, AwsConsoleSignIn or AwsVpceEvents.",
  eventCategory: "Management, Data or NetworkActivity.",
  managementEvent: "true or false, without quotes: whether this is a management event.",
  additionalEventData:
    "What else the service tells, e.g. additionalEventData.MFAUsed for sign-ins. Go on with a dot.",
  resources: "The resources that were touched, a list: resources[*].ARN. Many services leave it out.",
  serviceEventDetails: "What a service event is about; only in AwsServiceEvent records.",
  eventTime: "When the call was made, in UTC: 2026-11-20T09:00:00Z.",
  eventID: "The unique id of the record.",
  requestID: "The service's id of the request.",
  sharedEventID: "The same in the records that several accounts got of one call.",
  eventVersion: "The version of the record's format, e.g. 1.11.",
  apiVersion: "The version of the service's API, where the service has several.",
  vpcEndpointId: "The VPC endpoint that the call came through, e.g. vpce-0a1b2c3d.",
  vpcEndpointAccountId: "The account that owns the VPC endpoint, as text.",
  tlsDetails: "TLS version, cipher and host name of the call, e.g. tlsDetails.tlsVersion.",
  addendum: "Why the record came late or was changed afterwards, e.g. addendum.reason.",
  edgeDeviceDetails: "The edge device that was the target of the call.",
  insightDetails: "What an Insights event found.",
};

/** What the alert's schema says nothing of. */
const OF_ACTOR: Readonly<Record<string, string>> = {
  accountId: "The account of the caller, as text.",
  principalId: "The unique id of the caller.",
  accessKeyId: "The key that signed the call: AKIA… is long-lived, ASIA… temporary.",
  identityStoreArn: "The identity store of the Identity Center user.",
};
const { actor, channel } = alertSchema.shape;
const OF_CHANNEL: Readonly<Record<string, string>> = {
  name: `how the call was made: ${channel.shape.name.options.join(", ")}.`,
  confidence: "low, medium or high; never high when only the caller's own word says so.",
  reasons: "What in the record says so, a list of texts.",
};

/** Every fact worth offering, with its description: each top-level field, common ones below, everything derived. */
export const FACT_DESCRIPTIONS: Readonly<Record<string, string>> = {
  ...Object.fromEntries(Object.entries(OF_RECORD).slice(0, MOST_USED)),
  outcome: "Derived: success, denied or failed, from every place where CloudTrail tells it.",
  ...derived("channel", channel.shape, OF_CHANNEL),
  ...derived("actor", actor.shape, OF_ACTOR),
  ...OF_RECORD,
};

function derived(
  root: string,
  shape: Readonly<Record<string, { readonly description?: string | undefined }>>,
  known: Readonly<Record<string, string>>,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(shape).map(([key, { description }]) => [
      `${root}.${key}`,
      `Derived: ${known[key] ?? description ?? `the ${root}'s ${key}.`}`,
    ]),
  );
}
