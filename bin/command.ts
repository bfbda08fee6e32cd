/**
 * What a verb of the command line is. One file a verb in `bin/commands/`, loaded only when it is called.
 * People's words go to stderr, data to stdout; exit code 0 fine, 1 findings, 2 misuse.
 */

/** The world a command runs in, so that tests can run it without a process. */
export type Io = {
  readonly stdin: NodeJS.ReadableStream;
  /** Data only. */
  readonly stdout: NodeJS.WritableStream;
  /** Words for people: progress, summaries, errors. */
  readonly stderr: NodeJS.WritableStream;
  /** Ends what would go on until Ctrl-C; a process has its signals for that. */
  readonly signal?: AbortSignal;
};

/** One verb. */
export type Command = {
  /** One line for the list of verbs. */
  readonly summary: string;
  /** The whole `--help` text: usage, options, examples. */
  readonly help: string;
  /** Runs the verb with the arguments after it and gives the exit code. */
  run(args: readonly string[], io: Io): Promise<number>;
};

/** Wrong use of the command line: the dispatcher prints the message and exits 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}
