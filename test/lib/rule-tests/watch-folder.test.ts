import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { watchFolder } from "../../../lib/rule-tests/watch-folder.ts";
import { rulesDir } from "../../lambda/loader/rules-dir.ts";

/** A watched folder with one file, and a way to wait for what changes in it. */
function watched(): { dir: string; changes: () => Promise<readonly string[] | undefined>; stop: () => void } {
  const dir = rulesDir({ "a/x.yaml": "1" });
  const folder = watchFolder(dir);
  const stopping = new AbortController();
  onTestFinished(() => folder.close());
  return {
    dir,
    changes: async () => (await folder.changes(stopping.signal))?.map((file) => relative(dir, file)),
    stop: () => stopping.abort(),
  };
}

/** As editors save: a new file beside the old one, then in its place. */
function replaceFile(path: string, content: string): void {
  writeFileSync(`${path}.tmp~`, content);
  renameSync(`${path}.tmp~`, path);
}

describe("a watched folder", () => {
  it("tells which file changed, each time", async () => {
    const { dir, changes } = watched();
    for (const content of ["2", "33", "444"]) {
      const next = changes();
      writeFileSync(join(dir, "a/x.yaml"), content);
      expect(await next).toEqual(["a/x.yaml"]);
    }
  });

  it("goes on seeing a file that an editor replaces by renaming another over it", async () => {
    const { dir, changes } = watched();
    for (const content of ["2", "33", "444"]) {
      const next = changes();
      replaceFile(join(dir, "a/x.yaml"), content);
      expect(await next).toEqual(["a/x.yaml"]);
    }
    const next = changes();
    writeFileSync(join(dir, "a/x.yaml"), "written in place");
    expect(await next).toEqual(["a/x.yaml"]);
  });

  it("tells what changed before it was asked", async () => {
    const { dir, changes } = watched();
    writeFileSync(join(dir, "a/x.yaml"), "2");
    expect(await changes()).toEqual(["a/x.yaml"]);
  });

  it("sees new folders with their files, and what happens in them later", async () => {
    const { dir, changes } = watched();
    const made = changes();
    mkdirSync(join(dir, "b"));
    writeFileSync(join(dir, "b/y.yaml"), "1");
    expect(await made).toEqual(["b/y.yaml"]);
    const changed = changes();
    writeFileSync(join(dir, "b/y.yaml"), "22");
    expect(await changed).toEqual(["b/y.yaml"]);
  });

  it("sees what is deleted, and a folder that is made again under its name", async () => {
    const { dir, changes } = watched();
    const gone = changes();
    rmSync(join(dir, "a"), { recursive: true });
    expect(await gone).toEqual(["a/x.yaml"]);
    const back = changes();
    mkdirSync(join(dir, "a"));
    writeFileSync(join(dir, "a/x.yaml"), "1");
    expect(await back).toEqual(["a/x.yaml"]);
    const changed = changes();
    writeFileSync(join(dir, "a/x.yaml"), "22");
    expect(await changed).toEqual(["a/x.yaml"]);
  });

  it("passes over what is no rule file, hidden files, and links that go in a circle", async () => {
    const { dir, changes } = watched();
    const next = changes();
    writeFileSync(join(dir, "a/.x.yaml.swp"), "1");
    writeFileSync(join(dir, "a/.hidden.yaml"), "1");
    writeFileSync(join(dir, "a/notes.txt"), "1");
    symlinkSync(dir, join(dir, "a/circle"));
    symlinkSync(join(dir, "nowhere"), join(dir, "a/nowhere"));
    writeFileSync(join(dir, "a/z.yaml"), "1");
    const changed = (await next) ?? [];
    expect(changed.filter((file) => !file.includes("circle"))).toEqual(["a/z.yaml"]);
  });

  it("ends when it is told to, also while it waits", async () => {
    const { changes, stop } = watched();
    const next = changes();
    stop();
    expect(await next).toBeUndefined();
    expect(await changes()).toBeUndefined();
  });

  it("says when there is nothing left to watch", async () => {
    const { dir, changes } = watched();
    const next = changes();
    rmSync(dir, { recursive: true });
    await expect(next).rejects.toThrow(`The folder ${dir} is gone: there is nothing left to watch.`);
  });
});
