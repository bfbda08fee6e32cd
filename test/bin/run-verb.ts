/** Runs the command line as a process would, without one: streams in memory, exit code as a number. */
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough, Readable } from "node:stream";
import { dispatch } from "../../bin/dispatch.ts";

/** What a run gave. */
export type Run = { readonly code: number; readonly stdout: string; readonly stderr: string };

/** Runs a verb with its arguments. */
export async function runVerb(args: readonly string[], stdin = ""): Promise<Run> {
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  const texts = [collect(stdout), collect(stderr)];
  const code = await dispatch(args, { stdin: Readable.from(stdin === "" ? [] : [stdin]), stdout, stderr });
  stdout.end();
  stderr.end();
  const [out = "", err = ""] = await Promise.all(texts);
  return { code, stdout: out, stderr: err };
}

/** Makes a folder of files for a test, named from its top; gives its path. */
export function makeFolder(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), "engine-verb-"));
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(join(folder, name, ".."), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  return folder;
}

/** A rule file that matches a call, and nothing else. */
export function ruleFor(eventName: string, more = ""): string {
  return [
    `name: ${eventName} was called`,
    "severity: low",
    more,
    "conditions:",
    "  all:",
    `    - { fact: eventName, operator: equal, value: ${eventName} }`,
    "",
  ].join("\n");
}

async function collect(stream: PassThrough): Promise<string> {
  let text = "";
  for await (const chunk of stream) text += String(chunk);
  return text;
}
