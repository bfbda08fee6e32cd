/** What is used of an AWS client: see `dynamodb.ts`. */
export { CreateScheduleCommand, SchedulerClient } from "@aws-sdk/client-scheduler";
