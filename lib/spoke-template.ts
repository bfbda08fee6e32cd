/**
 * The forwarding stack as one CloudFormation template that serves every spoke: for a StackSet, which knows neither the
 * CDK nor its bootstrap. It names no account and no Region; the hub's bus and the alarm's address are asked for.
 *
 *   const template = makeSpokeTemplate({ config, ruleSet, engineName: "CloudTrailEngine" });
 *   // { Parameters: { HubBusArn, OperationsEmail }, Conditions: …, Resources: { ForwarderRole…, … } }
 */
import { App, DefaultStackSynthesizer, type IStackSynthesizer } from "aws-cdk-lib";
import { stringify } from "yaml";
import { ForwarderStack, type ForwarderStackProps } from "./forwarder-stack.ts";

/** The most bytes of a template in a call; a longer one is read from S3, up to the other (CloudFormation quotas). */
export const MAX_TEMPLATE_BODY = 51_200;
export const MAX_TEMPLATE_IN_S3 = 1_048_576;

/** Whatever the app's own context says, the template holds nothing of the CDK's. */
const PLAIN = {
  "aws:cdk:version-reporting": false,
  "aws:cdk:enable-path-metadata": false,
  "aws:cdk:enable-asset-metadata": false,
  "@aws-cdk/core:enablePartitionLiterals": false,
  "@aws-cdk/aws-iam:minimizePolicies": true,
};

/** Makes the template. Throws when the rules do not fit the budget of EventBridge rules. */
export function makeSpokeTemplate(
  props: Pick<ForwarderStackProps, "config" | "ruleSet" | "engineName">,
): Readonly<Record<string, unknown>> {
  const app = new App({ context: PLAIN, analyticsReporting: false, treeMetadata: false });
  const stack = new ForwarderStack(app, "Spoke", {
    ...props,
    // The CDK's own types of it do not agree under exactOptionalPropertyTypes.
    synthesizer: new DefaultStackSynthesizer({ generateBootstrapVersionRule: false }) as IStackSynthesizer,
  });
  const template: unknown = app.synth().getStackByName(stack.stackName).template;
  return template as Record<string, unknown>;
}

/** The template as text: JSON on one line, which is the shorter, or YAML that CloudFormation's older parser reads alike. */
export function formatTemplate(template: Readonly<Record<string, unknown>>, format: "json" | "yaml"): string {
  const text = JSON.stringify(template);
  if (format === "json") return `${text}\n`;
  // Parsed again, so that what stands in it twice is no alias, which CloudFormation does not take.
  return stringify(JSON.parse(text), { version: "1.1", lineWidth: 0, aliasDuplicateObjects: false });
}
