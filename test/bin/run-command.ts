/** Runs a verb in this process and gives what it wrote. */
import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import type { Command } from "../../bin/command.ts";

/** Runs a command with arguments and, where given, what comes in on stdin. */
export async function runCommand(
  command: Command,
  args: readonly string[],
  input = "",
): Promise<{ code: number; stdout: string; stderr: string }> {
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
  stdin.end(input);
  const written = Promise.all([text(stdout), text(stderr)]);
  const code = await command.run(args, { stdin, stdout, stderr }).finally(() => {
    stdout.end();
    stderr.end();
  });
  const [out, err] = await written;
  return { code, stdout: out, stderr: err };
}
