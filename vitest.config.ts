import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: [
      "packages/**/*.test.ts",
      "tests/**/*.test.ts",
      "models/**/*.test.ts",
      "examples/**/*.test.ts",
      "bench/**/*.test.ts",
    ],
    setupFiles: ["tests/same-cases.ts"],
    // Native libraries keep state per process; a fork per file keeps the files apart.
    pool: "forks",
    maxWorkers: 2,
    reporters: process.env["CI"]
      ? ["default", ["json", { outputFile: ".cache/test-report.json" }]]
      : ["default"],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // What is waited for comes at once on a free machine; a busy one may need a while.
    expect: { poll: { timeout: 60_000 } },
  },
});
