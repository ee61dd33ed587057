import { describe, expect, it } from "vitest";
import { parseNvidiaTable } from "./machine/gpus.ts";
import { systemSources } from "./machine/sources.ts";
import { gpuMetrics, SystemSampler } from "./system-sampler.ts";

describe("the system's sampler", () => {
  it("reads machine and process, rates from the second reading on", async () => {
    let cpuSeconds = 1;
    const sampler = new SystemSampler(async () => ({
      cpuSeconds: (cpuSeconds += 5),
      residentBytes: 3_000_000,
    }));
    const first = await sampler.read();
    expect(first["process_memory_usage_megabytes"]).toBe(3);
    expect(first["system_memory_usage_percentage"]).toBeGreaterThan(0);
    expect(first["system_memory_usage_percentage"]).toBeLessThanOrEqual(100);
    expect(first).not.toHaveProperty("process_cpu_utilization_percentage");
    const second = await sampler.read();
    // Five seconds of CPU in far less than one of the clock.
    expect(second["process_cpu_utilization_percentage"]).toBeGreaterThan(500);
  });

  it("reads the processor's temperature where the system tells it", async () => {
    const heat = { cpu_celsius: 71, thermal_state: null };
    const sampler = new SystemSampler(async () => null, {
      ...systemSources(),
      heat: () => Promise.resolve(heat),
    });
    expect((await sampler.read())["cpu_temperature_celsius"]).toBe(71);
  });

  it("has nothing of a process that is gone", async () => {
    const readings = await new SystemSampler(async () => null).read();
    expect(Object.keys(readings).filter((name) => name.startsWith("process"))).toEqual([]);
    expect(readings).toHaveProperty("system_memory_usage_megabytes");
  });

  it("reads nvidia-smi's table and leaves out what a GPU does not report", () => {
    const table = "T4, 50, 1024, 2048, 100.5, 201, 40\nH200, 0, 0, 81559, [N/A], [N/A], [N/A]\n";
    expect(gpuMetrics(parseNvidiaTable(table))).toEqual({
      gpu_0_utilization_percentage: 50,
      gpu_0_memory_usage_megabytes: 1073.741824,
      gpu_0_memory_usage_percentage: 50,
      gpu_0_power_usage_watts: 100.5,
      gpu_0_power_usage_percentage: 50,
      gpu_0_temperature_celsius: 40,
      gpu_1_utilization_percentage: 0,
      gpu_1_memory_usage_megabytes: 0,
      gpu_1_memory_usage_percentage: 0,
    });
    expect(gpuMetrics(parseNvidiaTable("No devices were found"))).toEqual({});
  });
});
