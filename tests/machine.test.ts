import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { TestHub } from "./test-hub.ts";

let hub: TestHub;
beforeAll(async () => {
  hub = await TestHub.start();
});
afterAll(() => hub[Symbol.asyncDispose]());

test("the machine is read now and remembered, and the budget says who has what of it", async () => {
  // Rates are of the time between two readings, which the hub takes by itself.
  let state = await hub.client.machine();
  for await (const _change of hub.client.live()) {
    state = await hub.client.machine();
    if (state.now.cpu_percent !== null) break;
  }
  const { now, history, budget } = state;
  expect(now.cpu_percent).toBeGreaterThanOrEqual(0);
  expect(now.cpu_percent).toBeLessThanOrEqual(100);
  expect(now.cpu_core_percents?.length).toBeGreaterThanOrEqual(1);
  expect(now.memory_available_bytes).toBeLessThan(now.memory_total_bytes);
  expect(now.disk?.total_bytes).toBeGreaterThan(now.disk?.free_bytes ?? Infinity);
  expect(history.interval_seconds).toBe(2);
  expect(history.at.length).toBeGreaterThanOrEqual(2);
  for (const column of [history.cpu_percent, history.memory_used_bytes, history.gpu_percent, history.celsius])
    expect(column).toHaveLength(history.at.length);
  expect(history.cpu_percent[0]).toBeNull();
  expect(history.cpu_percent.at(-1)).toBe(now.cpu_percent);
  expect(budget).toMatchObject({ models_bytes: 0, job_bytes: 0 });

  await hub.addTinyModel();
  await hub.client.models.load("tiny");
  const loaded = await hub.client.machine();
  expect(loaded.budget.models_bytes).toBeGreaterThan(1_000_000);
  expect(loaded.budget.total_bytes).toBe((await hub.client.health()).memory.budget_bytes);

  const status = await hub.client.status();
  expect(status.machine.disk?.total_bytes).toBe(now.disk?.total_bytes);
  expect(status.machine.cpu_core_percents).toHaveLength(now.cpu_core_percents?.length ?? 0);
});

test("the same is in the metrics, without a series for what is not measured", async () => {
  const text = await hub.client.metrics();
  expect(text).toMatch(/^hearth_machine_cpu_ratio\{core="all"\} [\d.e-]+$/m);
  expect(text).toMatch(/^hearth_machine_cpu_ratio\{core="0"\} /m);
  expect(text).toMatch(/^hearth_machine_disk_bytes\{kind="free"\} \d/m);
  expect(text).toMatch(/^hearth_machine_load\{minutes="1"\} /m);
  const { now } = await hub.client.machine();
  expect(/^hearth_gpu_utilization_ratio\{/m.test(text)).toBe(now.gpus !== null);
  expect(/^hearth_machine_temperature_celsius\{/m.test(text)).toBe(now.cpu_celsius !== null);
});

test.skipIf(process.platform === "win32")("a GPU is shown as its maker's tool tells of it", async () => {
  const folder = await mkdtemp(join(tmpdir(), "hearth-tools-"));
  try {
    const table =
      "NVIDIA H200, 87, 61440, 143771, 512.34, 700.00, 61\nNVIDIA T4, [N/A], 10, 15360, [N/A], 70.00, 30";
    await writeFile(join(folder, "nvidia-smi"), `#!/bin/sh\ncat <<'END'\n${table}\nEND\n`, { mode: 0o755 });
    // oxlint-disable-next-line node/no-process-env
    vi.stubEnv("PATH", `${folder}${delimiter}${process.env["PATH"] ?? ""}`);
    await using gpus = await TestHub.start();
    let { now } = await gpus.client.machine();
    for await (const _change of gpus.client.live()) {
      ({ now } = await gpus.client.machine());
      if (now.gpus !== null) break;
    }
    expect(now.gpus).toMatchObject([
      {
        name: "NVIDIA H200",
        percent: 87,
        memory_used_bytes: 61440 * 2 ** 20,
        power_watts: 512.34,
        celsius: 61,
      },
      { name: "NVIDIA T4", percent: null, power_watts: null, celsius: 30 },
    ]);
    const text = await gpus.client.metrics();
    expect(text).toContain('hearth_gpu_utilization_ratio{gpu="0"} 0.87');
    expect(text).not.toContain('hearth_gpu_utilization_ratio{gpu="1"}');
    expect(text).toContain('hearth_gpu_temperature_celsius{gpu="1"} 30');
  } finally {
    vi.unstubAllEnvs();
    await rm(folder, { recursive: true });
  }
});
