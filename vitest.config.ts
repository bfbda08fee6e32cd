import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    testTimeout: 30_000,
    // Many tests wait for processes and browsers of their own: on a machine of two cores one worker leaves one idle.
    maxWorkers: Math.max(2, availableParallelism() - 1),
  },
});
