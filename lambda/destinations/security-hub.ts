/**
 * Alerts to Security Hub, as findings of this account's own product. Security Hub takes findings of the calling account
 * only: the account that an alert is about stands among the finding's resources. Which account and Region that is, is
 * asked of Security Hub once, unless the settings say it.
 */
import type { AwsSecurityFinding, BatchImportFindingsResponse } from "@aws-sdk/client-securityhub";
import { showText } from "../alerts/show-text.ts";
import {
  AWS_BUDGET_MS,
  AWS_CALL_LIMITS,
  AWS_MAX_ATTEMPTS,
  awsBudget,
  awsDeliveryError,
  once,
  regionOfArn,
} from "./aws-client.ts";
import { DeliveryError, type Destination } from "./destination.ts";
import { declareDestination } from "./destination-type.ts";
import type { Checked, Settings } from "./settings.ts";

/** Security Hub, with deadlines in milliseconds since 1970; the port through which tests see what would be sent. */
export type SecurityHub = {
  /** The ARN of the account's hub: `arn:aws:securityhub:eu-west-1:123456789012:hub/default`. */
  readonly hubArn: (deadline: number) => Promise<string | undefined>;
  readonly importFinding: (
    finding: AwsSecurityFinding,
    deadline: number,
  ) => Promise<Partial<BatchImportFindingsResponse>>;
};

const ENABLE = "enable Security Hub CSPM in the engine's account and Region, then deliver again";

const settings = {
  productArn: {
    kind: "text",
    description:
      "the ARN of the account's own product (that of the engine's account and Region, unless set): set it for another Region",
    pattern: /^arn:aws[\w-]*:securityhub:[a-z0-9-]+:(\d{12}):product\/\1\/default$/,
    example: "arn:aws:securityhub:eu-west-1:123456789012:product/123456789012/default",
    optional: true,
  },
} as const satisfies Settings;

/** The registry's entry. */
export const securityHub = declareDestination({
  description: "A finding in Security Hub, updated when the same thing happens again.",
  settings,
  permissions: ({ productArn }) =>
    productArn === undefined
      ? [
          {
            actions: ["securityhub:BatchImportFindings"],
            resources: ["arn:${Partition}:securityhub:${Region}:${Account}:product/${Account}/default"],
          },
          {
            actions: ["securityhub:DescribeHub"],
            resources: ["arn:${Partition}:securityhub:${Region}:${Account}:hub/default"],
          },
        ]
      : [{ actions: ["securityhub:BatchImportFindings"], resources: [productArn] }],
  make: (checked) => makeSecurityHub(checked),
});

/** Makes the destination of one product. */
export function makeSecurityHub(
  { id, productArn, endpoint }: Checked<typeof settings>,
  hub: SecurityHub = openHub(productArn, endpoint),
): Destination {
  let known = productArn;
  const product = async (deadline: number): Promise<string> =>
    (known ??= productOf(await hub.hubArn(deadline), id));
  return {
    id,
    type: "security-hub",
    updates: true,
    async deliver(notice, deadline) {
      // Two calls at the first delivery, within the time of one.
      const end = Math.min(deadline, Date.now() + AWS_BUDGET_MS);
      try {
        const { toAsff } = await import("../formats/asff.ts");
        const finding = toAsff(notice, await product(end));
        checkImported(await hub.importFinding(finding, end), id);
        return finding.Id;
      } catch (error) {
        throw error instanceof DeliveryError ? error : refusal(error, id);
      }
    },
  };
}

function productOf(hubArn: string | undefined, destination: string): string {
  const [, partition, , region, account] = (hubArn ?? "").split(":");
  if (account === undefined || !/^\d{12}$/.test(account)) {
    throw new DeliveryError("Security Hub did not tell its ARN: set productArn", {
      destination,
      retryable: true,
    });
  }
  return `arn:${partition}:securityhub:${region}:${account}:product/${account}/default`;
}

/** Findings that were refused one by one are told in an answer with the status 200. */
function checkImported(
  { FailedCount = 0, FailedFindings = [] }: Partial<BatchImportFindingsResponse>,
  destination: string,
): void {
  if (FailedCount === 0 && FailedFindings.length === 0) return;
  const { ErrorCode = "no reason given", ErrorMessage } = FailedFindings[0] ?? {};
  const said = showText([ErrorCode, ErrorMessage].filter(Boolean).join(": "), 300);
  throw new DeliveryError(
    `Security Hub refused the finding: ${said}${ErrorCode.startsWith("InvalidAccess") ? `; ${ENABLE}` : ""}`,
    // Whatever else it is, it is not in the finding, and can heal.
    { destination, status: 200, retryable: !ErrorCode.startsWith("InvalidInput") },
  );
}

/** A hub that is switched off answers 401, which a person can mend while the alert waits. */
function refusal(cause: unknown, destination: string): DeliveryError {
  const error = awsDeliveryError(cause, destination, "importing a finding into Security Hub");
  const isOff =
    cause instanceof Error && /^(?:InvalidAccessException|ResourceNotFoundException)$/.test(cause.name);
  if (!isOff) return error;
  return new DeliveryError(`${error.message}; ${ENABLE}`, {
    destination,
    retryable: true,
    status: error.status,
    cause,
  });
}

/** Loads the SDK at the first finding. */
function openHub(productArn: string | undefined, endpoint: string | undefined): SecurityHub {
  const connect = once(async (): Promise<SecurityHub> => {
    const { BatchImportFindingsCommand, DescribeHubCommand, SecurityHubClient } = await import(
      "../aws/security-hub.ts"
    );
    const region = productArn === undefined ? undefined : regionOfArn(productArn);
    const client = new SecurityHubClient({
      maxAttempts: AWS_MAX_ATTEMPTS,
      requestHandler: AWS_CALL_LIMITS,
      ...(region === undefined ? {} : { region }),
      ...(endpoint === undefined ? {} : { endpoint }),
    });
    return {
      hubArn: async (deadline) => (await client.send(new DescribeHubCommand({}), until(deadline))).HubArn,
      importFinding: (finding, deadline) =>
        client.send(new BatchImportFindingsCommand({ Findings: [finding] }), until(deadline)),
    };
  });
  return {
    hubArn: async (deadline) => (await connect()).hubArn(deadline),
    importFinding: async (finding, deadline) => (await connect()).importFinding(finding, deadline),
  };
}

function until(deadline: number): { abortSignal: AbortSignal } {
  return { abortSignal: AbortSignal.timeout(awsBudget(deadline)) };
}
