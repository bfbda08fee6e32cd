/**
 * The names that CloudTrail gives services. A folder of rules is named after one, exactly: records of
 * `monitoring.amazonaws.com` never reach a rule in `cloudwatch.amazonaws.com`, and nobody would be told.
 *
 * The list serves suggestions only. AWS adds services all the time, so a well-formed name that is not in it is taken.
 */
import { nearest } from "../words/nearest.ts";

const SUFFIX = ".amazonaws.com";

/** Services whose eventSource is not the name they are known by (FACTS: monitoring, signin, ce, …). */
const KNOWN_AS: Readonly<Record<string, string>> = {
  cloudwatch: "monitoring",
  "cloudwatch-logs": "logs",
  console: "signin",
  "cost-explorer": "ce",
  "step-functions": "states",
  stepfunctions: "states",
  eventbridge: "events",
  elb: "elasticloadbalancing",
  efs: "elasticfilesystem",
  emr: "elasticmapreduce",
  "secrets-manager": "secretsmanager",
  systemsmanager: "ssm",
  "security-hub": "securityhub",
  "guard-duty": "guardduty",
  "api-gateway": "apigateway",
  cognito: "cognito-idp",
  opensearch: "es",
  msk: "kafka",
};

const SERVICES =
  "access-analyzer account acm apigateway application-autoscaling appstream athena autoscaling aws-marketplace backup " +
  "batch bedrock billingconsole budgets ce cloudformation cloudfront cloudhsm cloudshell cloudtrail codeartifact " +
  "codebuild codecommit codedeploy codepipeline codestar-connections cognito-identity cognito-idp config controltower " +
  "datasync detective directconnect dlm dms ds dynamodb ebs ec2 ec2-instance-connect ecr ecs edgekeyvaluestore eks " +
  "elasticache elasticbeanstalk elasticfilesystem elasticloadbalancing elasticmapreduce es events firehose fms fsx " +
  "glacier globalaccelerator glue guardduty health iam identitystore imagebuilder inspector2 iot kafka kinesis kms " +
  "lakeformation lambda lightsail logs macie2 monitoring mq network-firewall notifications organizations payments " +
  "pipes quicksight ram rds redshift redshift-data resource-explorer-2 resource-groups rolesanywhere route53 " +
  "route53domains route53resolver s3 s3-object-lambda sagemaker scheduler schemas secretsmanager securityhub " +
  "securitylake serverlessrepo servicecatalog servicediscovery servicequotas ses shield signin sns sqs ssm " +
  "ssm-incidents sso sso-directory states storagegateway sts support support-console synthetics tagging transfer " +
  "trustedadvisor verifiedpermissions vpc-lattice waf waf-regional wafv2 wellarchitected workmail workspaces xray";

const KNOWN: readonly string[] = SERVICES.split(" ");
const LABELS = /^[a-z0-9]+(?:-[a-z0-9]+)*(?:\.[a-z0-9]+(?:-[a-z0-9]+)*)*\.amazonaws\.com(?:\.cn)?$/;

/** Whether a folder's name has the form of an eventSource, e.g. `ec2.amazonaws.com`. */
export function isEventSource(name: string): boolean {
  return name.length <= 128 && LABELS.test(name);
}

/** The eventSource that a name was most likely meant to be: of the known ones and those given. */
export function nearestEventSource(name: string, existing: readonly string[] = []): string | undefined {
  const label = name.toLowerCase().replace(/[._-](?:amazonaws|amazon|aws)(?:\.com?)?$|\.com$/, "");
  const known = Object.hasOwn(KNOWN_AS, label) ? KNOWN_AS[label] : undefined;
  if (known !== undefined) return known + SUFFIX;
  const labels = [
    ...existing.filter((source) => source.endsWith(SUFFIX)).map((source) => source.slice(0, -SUFFIX.length)),
    ...KNOWN,
  ];
  const meant = nearest(label, labels);
  return meant === undefined ? undefined : meant + SUFFIX;
}

/** The right name of a service whose folder carries the name it is known by; undefined when there is nothing to say. */
export function misnamedEventSource(name: string): string | undefined {
  const label = name.endsWith(SUFFIX) ? name.slice(0, -SUFFIX.length) : "";
  const known = Object.hasOwn(KNOWN_AS, label) ? KNOWN_AS[label] : undefined;
  return known === undefined ? undefined : known + SUFFIX;
}
