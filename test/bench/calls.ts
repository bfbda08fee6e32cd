/**
 * The calls that the generated records make and the generated rules ask for. The shares follow the accounts that we
 * looked at: four of five calls are reads, a few services make most of them, and a hundred calls are rare. Rules, on
 * the other hand, are mostly about writes, and about many services that hardly ever occur.
 */

/** How a service's calls come to be: their names with their weights. */
export type Service = {
  /** The eventSource without `.amazonaws.com`. */
  readonly name: string;
  readonly weight: number;
  readonly reads: readonly string[];
  readonly writes: readonly string[];
};

const words = (text: string): string[] => text.split(/\s+/).filter((word) => word !== "");

/** The services that the records come from; earlier calls of a list are made more often. */
export const SERVICES: readonly Service[] = [
  {
    name: "ec2",
    weight: 31,
    reads: words(`DescribeRouteTables DescribeNatGateways DescribeVpcAttribute DescribeVpcs DescribeSubnets
      DescribeAccountAttributes DescribeSecurityGroups DescribeAvailabilityZones DescribeNetworkAcls
      DescribeInstanceAttribute DescribeInternetGateways DescribeInstances DescribeImages DescribeAddresses
      DescribeNetworkInterfaces DescribeVolumes DescribeSnapshots DescribeTags DescribeRegions DescribeDhcpOptions`),
    writes:
      words(`CreateVpc CreateSubnet CreateRouteTable AssociateRouteTable DeleteRouteTable DisassociateRouteTable
      RunInstances DeleteSubnet CreateRoute DeleteVpc DeleteRoute AttachInternetGateway CreateInternetGateway
      AuthorizeSecurityGroupIngress AuthorizeSecurityGroupEgress RevokeSecurityGroupIngress CreateSecurityGroup
      DeleteSecurityGroup CreateTags TerminateInstances StartInstances StopInstances ModifyInstanceAttribute
      CreateVolume AttachVolume DeleteVolume CreateSnapshot ModifySnapshotAttribute CreateKeyPair ImportKeyPair`),
  },
  {
    name: "ssm",
    weight: 17,
    reads: words(
      `DescribeParameters GetParameter ListTagsForResource DescribeInstanceInformation GetParameters GetDocument`,
    ),
    writes: words(`DeleteParameter PutParameter UpdateInstanceInformation UpdateInstanceAssociationStatus
      AddTagsToResource SendCommand StartSession CreateDocument`),
  },
  {
    name: "iam",
    weight: 14,
    reads:
      words(`GetUser ListAttachedRolePolicies ListRolePolicies GetRole ListInstanceProfilesForRole GetRolePolicy
      GetPolicy GetInstanceProfile ListAccessKeys ListMFADevices GetPolicyVersion ListRoles ListUsers`),
    writes: words(`CreateRole DeleteRole AttachRolePolicy PutRolePolicy DetachRolePolicy DeleteLoginProfile
      DeleteRolePolicy CreateUser DeleteUser CreateAccessKey DeleteAccessKey AttachUserPolicy CreateLoginProfile
      UpdateAssumeRolePolicy CreatePolicy CreatePolicyVersion DeactivateMFADevice TagRole`),
  },
  {
    name: "s3",
    weight: 10,
    reads:
      words(`GetBucketAcl GetBucketLogging GetBucketPublicAccessBlock GetBucketPolicyStatus ListAccessPoints
      GetBucketTagging GetBucketPolicy GetBucketLifecycle GetBucketVersioning GetBucketCors GetBucketEncryption
      GetBucketWebsite GetBucketLocation`),
    writes: words(`DeleteBucket CreateBucket PutBucketTagging PutBucketPolicy DeleteBucketPolicy
      PutBucketPublicAccessBlock PutBucketAcl PutBucketVersioning PutBucketLogging`),
  },
  {
    name: "kms",
    weight: 8,
    reads: words(`Decrypt Encrypt GenerateDataKey DescribeKey ListAliases`),
    writes: words(`CreateGrant CreateKey ScheduleKeyDeletion DisableKey PutKeyPolicy`),
  },
  {
    name: "secretsmanager",
    weight: 8,
    reads: words(`GetSecretValue GetResourcePolicy DescribeSecret ListSecrets`),
    writes: words(`CreateSecret PutSecretValue DeleteSecret RotateSecret PutResourcePolicy`),
  },
  {
    name: "rds",
    weight: 5,
    reads: words(
      `DescribeOrderableDBInstanceOptions DescribeDBInstances DescribeDBEngineVersions DescribeDBSnapshots`,
    ),
    writes: words(
      `CreateDBInstance ModifyDBInstance DeleteDBInstance CreateDBSnapshot ModifyDBSnapshotAttribute`,
    ),
  },
  {
    name: "sts",
    weight: 3,
    reads: words(`AssumeRole GetCallerIdentity AssumeRoleWithWebIdentity`),
    writes: words(`GetSessionToken GetFederationToken`),
  },
  {
    name: "cloudtrail",
    weight: 1.2,
    reads: words(`DescribeTrails GetEventSelectors ListTags GetTrailStatus LookupEvents`),
    writes: words(`StartLogging StopLogging UpdateTrail DeleteTrail PutEventSelectors`),
  },
  {
    name: "lambda",
    weight: 1,
    reads: words(`GetFunction20150331v2 GetFunctionCodeSigningConfig ListFunctions20150331`),
    writes: words(
      `CreateFunction20150331 UpdateFunctionCode20150331v2 AddPermission20150331v2 DeleteFunction20150331`,
    ),
  },
  {
    name: "logs",
    weight: 0.5,
    reads: words(`DescribeLogGroups DescribeLogStreams`),
    writes: words(`CreateLogGroup CreateLogStream DeleteLogGroup PutRetentionPolicy`),
  },
  {
    name: "signin",
    weight: 0.3,
    reads: [],
    writes: words(`ConsoleLogin`),
  },
  {
    name: "organizations",
    weight: 0.3,
    reads: words(`ListAccounts DescribeOrganization`),
    writes: words(`CreateAccount AttachPolicy LeaveOrganization`),
  },
];

const VERBS =
  words(`Create Delete Update Put Modify Attach Detach Associate Disassociate Start Stop Enable Disable
  Register Deregister Add Remove Set Reset Tag`);
const NOUNS =
  words(`Cluster Domain Policy Stack Pipeline Project Table Stream Endpoint Gateway Function Rule Target
  Queue Topic Job Workflow Connection Certificate Repository Image Service Task Filter Detector Member Invitation
  Snapshot Backup Vault Plan`);

/** Services that only rules speak of. */
export const QUIET_SERVICES: readonly string[] = words(`apigateway appsync athena autoscaling backup batch
  cloudformation cloudfront codebuild codecommit codepipeline cognito-idp config dynamodb ecr ecs eks elasticache
  elasticfilesystem elasticloadbalancing elasticmapreduce es events firehose fsx glacier glue guardduty inspector2
  kafka kinesis lakeformation lightsail macie2 memorydb monitoring mq network-firewall ram redshift route53
  route53domains sagemaker scheduler securityhub servicecatalog ses shield sns sqs states storagegateway transfer
  wafv2 workspaces`);

/** Calls of a quiet service. */
export const QUIET_CALLS: readonly string[] = VERBS.flatMap((verb) => NOUNS.map((noun) => verb + noun));
