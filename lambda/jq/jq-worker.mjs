/**
 * The thread that runs jq. Plain JavaScript, because a thread of Node is started from a file: in the sources from this
 * one, in the Lambda from its bundle. jq's memory is bounded here, since nothing else bounds that of WebAssembly; its
 * time is bounded by whoever started the thread, who ends it.
 *
 * A question is { program, input, port?, signal? }; the answer goes to `port`, or to the parent. `signal` wakes a
 * parent that waits for it without an event loop.
 */
import { parentPort } from "node:worker_threads";
import { loadJq } from "jq-wasm";

/** Bytes that jq may take in all: a record has 256 KB, as values some 5 MB. */
const MAX_MEMORY = 96 * 1024 * 1024;
const PAGE = 65_536;

const memory = WebAssembly.Memory.prototype;
const grow = Reflect.get(memory, "grow");
memory.grow = function growWithin(pages) {
  if (this.buffer.byteLength + pages * PAGE > MAX_MEMORY) throw new RangeError("jq may not take more memory");
  return grow.call(this, pages);
};

// What WebAssembly prints when it breaks is said better by whoever asked. (Streams of its own would keep the process alive.)
Reflect.set(console, "error", () => undefined);
const jq = await loadJq();

function run({ program, input }) {
  try {
    return jq.raw(input, program, ["-c"]);
  } catch (error) {
    return { crash: error instanceof Error ? error.message : String(error) };
  }
}

parentPort?.on("message", ({ id, port, signal, ...question }) => {
  const answer = { id, ...run(question) };
  (port ?? parentPort).postMessage(answer, []);
  if (signal !== undefined) {
    Atomics.store(signal, 0, 1);
    Atomics.notify(signal, 0);
  }
});
parentPort?.postMessage({ ready: true }, []);
