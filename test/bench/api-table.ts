/** The embedded table as a process of its own, forked by `api.ts`; it tells where it listens, and runs until it is ended. */
import { startDynamo } from "../lambda/state/dynalite.ts";

const { endpoint } = await startDynamo(process.argv[2] ?? "");
process.send?.(endpoint);
