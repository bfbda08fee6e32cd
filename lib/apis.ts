/** The two APIs, each only where it is configured. */
import type { Construct } from "constructs";
import { ApiFunction } from "./api-function.ts";
import type { EngineConfig } from "./config.ts";
import type { StateTable } from "./state-table.ts";

/** Adds those that the configuration asks for. @returns their addresses, as outputs of the stack */
export function addApis(scope: Construct, config: EngineConfig, state: StateTable): Record<string, string> {
  const outputs: Record<string, string> = {};
  if (config.api !== undefined) {
    const api = new ApiFunction(scope, "Api", {
      config,
      state,
      entry: "lambda/api/handler.ts",
      description: "CloudTrail Engine: alerts for programs that sign with IAM",
      access: "iam",
    });
    outputs["ApiUrl"] = api.url;
  }
  if (config.lacework !== undefined) {
    const lacework = new ApiFunction(scope, "Lacework", {
      config,
      state,
      entry: "lambda/lacework/handler.ts",
      description: "CloudTrail Engine: alerts for clients of the Lacework API",
      access: "open",
      concurrency: config.lacework.concurrency,
    });
    outputs["LaceworkUrl"] = lacework.url;
  }
  return outputs;
}
