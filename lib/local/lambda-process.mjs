/**
 * What the Lambda runtime is to the bundle, in a process of its own: imports the asset, calls its handler for every
 * message, and says how that went. Plain JavaScript, because it runs with exactly the environment of the template
 * and no loader. Arguments: the asset's folder, and the handler as the template names it ("index.handler").
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [, , folder, handlerName] = process.argv;
const [file, name] = handlerName.split(".");
const path = [".mjs", ".js", ".cjs"]
  .map((end) => join(folder, `${file}${end}`))
  .find((one) => existsSync(one));

process.on("SIGINT", () => {}); // Ctrl-C reaches the whole group; who started this process stops it.
process.on("disconnect", () => process.exit(0));

/** How far the run's clock is ahead of this machine's, in milliseconds. */
let ahead = 0;
const MachineDate = Date;
globalThis.Date = class extends MachineDate {
  /** @param {unknown[]} given */
  constructor(...given) {
    super(...(given.length === 0 ? [MachineDate.now() + ahead] : given));
  }
  static now() {
    return MachineDate.now() + ahead;
  }
};

/** @param {unknown} error */
function described(error) {
  return error instanceof Error
    ? { errorType: error.name, errorMessage: error.message, trace: String(error.stack).split("\n") }
    : { errorType: typeof error, errorMessage: String(error), trace: [] };
}

try {
  if (path === undefined) throw new Error(`the asset has no ${file}.mjs, .js or .cjs`);
  const { [name]: handler } = await import(pathToFileURL(path).href);
  if (typeof handler !== "function") throw new Error(`${path} exports no function ${name}`);
  if (handler.length > 2)
    throw new Error("Node 24 on Lambda refuses handlers with a callback (three parameters)");
  async function invoke({ requestId, event, deadline, now, functionName, functionArn }) {
    ahead = now - MachineDate.now();
    const context = {
      awsRequestId: requestId,
      functionName,
      functionVersion: "$LATEST",
      invokedFunctionArn: functionArn,
      memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
      getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
    };
    try {
      const value = await handler(event, context);
      process.send({ requestId, ok: true, value });
    } catch (error) {
      process.send({ requestId, ok: false, error: described(error) });
    }
  }
  process.on("message", (message) => void invoke(message));
  process.send({ ready: true });
} catch (error) {
  process.send({ ready: false, error: described(error) }, () => process.exit(1));
}
