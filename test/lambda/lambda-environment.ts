/** The environment that a stack gives the detector. */
export const lambdaEnvironment = {
  ENGINE_TOPIC_ARN: "arn:aws:sns:eu-west-1:123456789012:alerts",
  ENGINE_TABLE: "State",
  ENGINE_REDELIVERY_URL: "https://sqs.eu-west-1.amazonaws.com/123456789012/redelivery",
  ENGINE_DEAD_DELIVERIES_URL: "https://sqs.eu-west-1.amazonaws.com/123456789012/dead-deliveries",
  ENGINE_TIMER_ROLE_ARN: "arn:aws:iam::123456789012:role/timers",
  ENGINE_TIMER_GROUP: "engine",
  ENGINE_DEAD_LETTERS_ARN: "arn:aws:sqs:eu-west-1:123456789012:dead-letters",
} as const;
