import type { GpuReading } from "@hearth/wire/hub/machine";
import { expect, test } from "vitest";
import { MachineWatch } from "./machine-watch.ts";
import { systemSources, type Sources } from "./sources.ts";
import { Tool } from "./tools.ts";

const gpu: GpuReading = {
  name: "one",
  percent: 10,
  memory_used_bytes: 5,
  memory_total_bytes: 8,
  power_watts: null,
  power_limit_watts: null,
  celsius: 40,
};

/** A machine that a test moves by hand; its timer never fires in a test's time. */
function scripted(over: Partial<Sources> = {}) {
  const clock = { now: 1_000_000, busy: 0, asked: 0 };
  const sources: Sources = {
    processors: async () => [{ busy: clock.busy, total: clock.now }],
    memory: async () => ({ availableBytes: 7, swap: null }),
    disk: async () => ({ total_bytes: 100, free_bytes: 40 }),
    gpus: async () => {
      clock.asked += 1;
      return [gpu, { ...gpu, percent: 90, celsius: null }];
    },
    heat: async () => ({ cpu_celsius: null, thermal_state: null }),
    ...over,
  };
  const watch = new MachineWatch({ folder: "/", intervalMs: 60_000, sources, now: () => clock.now });
  const tick = async (ms: number, busy: number): Promise<void> => {
    clock.now += ms;
    clock.busy += busy;
    await watch.sample();
  };
  return { clock, watch, tick };
}

test("now and before: the first reading has no rate, what is not measured is null", async () => {
  const { watch, tick } = scripted();
  await using _watch = watch;
  expect((await watch.read()).cpu_percent).toBeNull();
  await tick(2000, 500);
  await tick(2000, 1500);
  const now = await watch.read();
  expect(now).toMatchObject({
    cpu_percent: 75,
    cpu_core_percents: [75],
    memory_available_bytes: 7,
    swap: null,
    disk: { total_bytes: 100, free_bytes: 40 },
    cpu_celsius: null,
    thermal_state: null,
  });
  expect(now.gpus).toHaveLength(2);
  const history = watch.history();
  expect(history.at).toEqual([1_000_000, 1_002_000, 1_004_000]);
  expect(history.cpu_percent).toEqual([null, 25, 75]);
  expect(history.gpu_percent.at(-1)).toBe(90);
  expect(history.gpu_memory_used_bytes.at(-1)).toBe(10);
  expect(history.celsius.at(-1)).toBe(40);
});

test("tools are asked at each reading while somebody looks, and rarely when nobody does", async () => {
  const { clock, watch, tick } = scripted();
  await using _watch = watch;
  for (let reading = 0; reading < 5; reading++) await tick(2000, 0);
  expect(clock.asked).toBe(2);
  for (let reading = 0; reading < 5; reading++) {
    await watch.read();
    await tick(2000, 0);
  }
  expect(clock.asked).toBe(7);
});

test("a tool that hangs delays no reading, and is let go at the end", async () => {
  let stopped = false;
  const { watch, tick } = scripted({
    gpus: (signal) =>
      new Promise((resolve) => {
        signal.addEventListener("abort", () => {
          stopped = true;
          resolve(null);
        });
      }),
  });
  await watch.sample();
  await tick(2000, 1000);
  expect(await watch.read()).toMatchObject({ cpu_percent: 50, gpus: null });
  await watch[Symbol.asyncDispose]();
  expect(stopped).toBe(true);
});

test("ten minutes are kept", async () => {
  const { watch, tick } = scripted();
  await using _watch = watch;
  for (let reading = 0; reading < 30; reading++) await tick(60_000, 0);
  expect(watch.history().at).toHaveLength(10);
});

test("a tool that is not here is looked for once and tells nothing", async () => {
  const tool = new Tool(["hearth-no-such-tool"], () => 1);
  const { signal } = new AbortController();
  expect(await tool.read(signal)).toBeNull();
  expect(await tool.read(signal)).toBeNull();
  const node = new Tool([process.execPath, "--version"], (text) => text.trim());
  expect(await node.read(signal)).toBe(process.version);
});

test("this machine's own readings can be read", async () => {
  const sources = systemSources();
  const [processors, memory, disk] = await Promise.all([
    sources.processors(),
    sources.memory(new AbortController().signal),
    sources.disk(import.meta.dirname),
  ]);
  expect(processors.length).toBeGreaterThan(0);
  expect(memory.availableBytes).toBeGreaterThan(0);
  expect(disk?.total_bytes).toBeGreaterThan(disk?.free_bytes ?? Infinity);
  expect(await sources.disk("/no/such/folder")).toBeNull();
});
