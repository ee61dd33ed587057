import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { differentiableCases, forwardCases } from "../graph/operation-cases.ts";
import { familyShapes } from "./tiny-model.ts";
import { softwareVulkan } from "./software-vulkan.ts";

const run = promisify(execFile);
const folder = await mkdtemp(join(tmpdir(), "hearth-vulkan-"));
const environment = softwareVulkan(folder);
const absent = environment === undefined && process.platform === "linux";
if (absent) {
  console.warn(
    "skipped: WebGPU parity needs a Vulkan driver; Debian's package chromium brings one that needs no GPU",
  );
}

const found = new Map<string, { worst: number; reason?: string }>();

beforeAll(async () => {
  if (absent) return;
  const script = fileURLToPath(new URL("webgpu-parity.ts", import.meta.url));
  // env(1) adds the driver's variables to those that the process has
  const variables = Object.entries(environment ?? {}).map(([name, value]) => `${name}=${value}`);
  const command = [...variables, process.execPath, script];
  const { stdout } =
    environment === undefined
      ? await run(process.execPath, [script], { timeout: 900_000 })
      : await run("env", command, { timeout: 900_000 });
  for (const line of stdout.trim().split("\n")) {
    const { name, ...result } = JSON.parse(line);
    found.set(name, result);
  }
}, 920_000);

afterAll(() => rm(folder, { recursive: true }));

const checks = [
  ...differentiableCases.filter(({ cpuOnly }) => !cpuOnly).map(({ name }) => name),
  ...forwardCases.map(({ name }) => name),
  "self-test",
  "accumulated, untied",
  "chunked loss",
  ...familyShapes.map(([name]) => name),
  "a NaN leaves everything as it was",
];

test.skipIf(absent).each(checks)("WebGPU agrees with the CPU: %s", (name) => {
  const result = found.get(name);
  expect(result?.worst, result?.reason ?? "relative difference").toBeLessThan(1e-4);
});
