/**
 * The command line's process: hands arguments and streams to `dispatch` and its answer to the shell. A reader that
 * closes stdout early (`| head`) has what it wanted: that ends the run quietly.
 */
import { dispatch } from "./dispatch.ts";

process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(0);
  process.stderr.write(`stdout cannot be written: ${error.message}\n`);
  process.exit(1);
});
// Nobody is left to read what went wrong.
process.stderr.on("error", () => process.exit(1));

process.exitCode = await dispatch(process.argv.slice(2), process);
