import { expect, test } from "vitest";
import { node } from "../platform/node.ts";
import { gpuReader, readGpus } from "./gpu.ts";
import { diskReader, memoryReader, processorReader, readNetworkCounters } from "./machine.ts";
import { sampler } from "./record.ts";

const modules = node();
if (modules === null) throw new Error("these tests run in Node");

test("nvidia-smi's lines become MLflow's names", () => {
  const lines = "0, 1024, 2048, 50, 100.5, 201\n1, 0, 81559, 0, [N/A], [N/A]\n";
  expect(readGpus(lines)).toEqual({
    gpu_0_memory_usage_megabytes: 1073.741824,
    gpu_0_memory_usage_percentage: 50,
    gpu_0_utilization_percentage: 50,
    gpu_0_power_usage_watts: 100.5,
    gpu_0_power_usage_percentage: 50,
    gpu_1_memory_usage_megabytes: 0,
    gpu_1_memory_usage_percentage: 0,
    gpu_1_utilization_percentage: 0,
  });
  expect(readGpus("No devices were found")).toEqual({});
});

test("a missing nvidia-smi is asked for once", async () => {
  let asked = 0;
  const childProcess = {
    ...modules.childProcess,
    execFile: ((
      _file: string,
      _args: string[],
      _options: object,
      done: (error: Error, stdout: string) => void,
    ) => {
      asked++;
      done(new Error("ENOENT"), "");
    }) as unknown as typeof modules.childProcess.execFile,
  };
  const read = gpuReader({ ...modules, childProcess });
  expect([await read(), await read()]).toEqual([{}, {}]);
  expect(asked).toBe(1);
});

test("network counters leave the loopback out", () => {
  const text = [
    "Inter-|   Receive                                                |  Transmit",
    " face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets",
    "    lo: 999 9 0 0 0 0 0 0 999 9 0 0 0 0 0 0",
    "  eth0: 100 1 0 0 0 0 0 0 200 2 0 0 0 0 0 0",
    "  eth1:1 1 0 0 0 0 0 0 2 2 0 0 0 0 0 0",
  ].join("\n");
  expect(readNetworkCounters(text)).toEqual({ received: 101, sent: 202 });
});

test("readings of this machine have MLflow's names and possible values", async () => {
  const readings = await sampler([processorReader(modules), memoryReader(modules), diskReader(modules)])();
  expect(readings["system/system_memory_usage_megabytes"]).toBeGreaterThan(0);
  for (const name of ["system_memory_usage_percentage", "disk_usage_percentage"]) {
    expect(readings[`system/${name}`]).toBeGreaterThan(0);
    expect(readings[`system/${name}`]).toBeLessThanOrEqual(100);
  }
  expect(readings["system/process_memory_usage_megabytes"]).toBeGreaterThan(10);
});
