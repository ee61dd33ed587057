import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { parseAccelerators, parseNvidiaTable } from "./gpus.ts";
import { parseMeminfo, parseSwapUsage, parseVmStat } from "./memory.ts";
import { parseProcStat, timesOf, useBetween } from "./processors.ts";
import { parseThermalState, processorTemperature, readSensors } from "./temperature.ts";

describe("processors", () => {
  const stat = (second: string) => `cpu  2360929 26680 456486 3503143 26525 0 13454 28419 0 0
cpu0 1000 0 500 3000 500 0 0 0 0 0
${second}
intr 34091012 0 0 0
ctxt 120620416
`;

  test("/proc/stat: the time between two readings, guests counted once", () => {
    const before = parseProcStat(stat("cpu1 1000 10 500 3000 490 0 0 0 900 10"));
    expect(before).toEqual([
      { busy: 1500, total: 5000 },
      { busy: 1510, total: 5000 },
    ]);
    const after = [
      { busy: 1550, total: 5100 },
      { busy: 1510, total: 5100 },
    ];
    expect(useBetween(before, after)).toEqual({ percent: 25, cores: [50, 0] });
  });

  test("the same instant, a first reading and another number of processors say nothing", () => {
    const times = parseProcStat(stat("cpu1 1 0 1 1 0 0 0 0 0 0"));
    expect(useBetween(times, times)).toBeNull();
    expect(useBetween([], times)).toBeNull();
    expect(useBetween([], [])).toBeNull();
    expect(useBetween(times.slice(1), times)).toBeNull();
  });

  test("a counter that goes back, as in virtual machines, makes nothing below 0 or above 100", () => {
    const use = useBetween(
      [
        { busy: 100, total: 200 },
        { busy: 100, total: 200 },
      ],
      [
        { busy: 90, total: 210 },
        { busy: 150, total: 210 },
      ],
    );
    expect(use).toEqual({ percent: 50, cores: [0, 100] });
  });

  test("os.cpus() elsewhere", () => {
    expect(timesOf([{ times: { user: 50, nice: 0, sys: 25, idle: 20, irq: 5 } }])).toEqual([
      { busy: 80, total: 100 },
    ]);
  });
});

describe("memory", () => {
  test("/proc/meminfo", () => {
    const text = `MemTotal:       32873452 kB
MemFree:          812344 kB
MemAvailable:   21034112 kB
SwapCached:         1204 kB
SwapTotal:       8388604 kB
SwapFree:        8126460 kB
HugePages_Total:       0
`;
    expect(parseMeminfo(text)).toEqual({
      availableBytes: 21034112 * 1024,
      swap: { total_bytes: 8388604 * 1024, used_bytes: 262144 * 1024 },
    });
    expect(parseMeminfo("")).toEqual({ availableBytes: null, swap: null });
  });

  test("vm_stat of macOS: programs' own, wired and compressed pages are used", () => {
    const text = `Mach Virtual Memory Statistics: (page size of 16384 bytes)
Pages free:                               11873.
Pages active:                            325446.
Pages inactive:                          323151.
Pages speculative:                         1378.
Pages throttled:                              0.
Pages wired down:                        136112.
Pages purgeable:                           1000.
"Translation faults":                 941436384.
Pages copy-on-write:                   53264735.
File-backed pages:                       203120.
Anonymous pages:                         446855.
Pages stored in compressor:              528410.
Pages occupied by compressor:            216110.
`;
    const total = 17_179_869_184;
    expect(parseVmStat(text, total)).toBe(total - 16384 * (446855 - 1000 + 136112 + 216110));
    expect(parseVmStat("vm_stat: command changed", total)).toBeNull();
  });

  test("sysctl vm.swapusage of macOS", () => {
    expect(parseSwapUsage("total = 2048.00M  used = 1024.50M  free = 1023.50M  (encrypted)\n")).toEqual({
      total_bytes: 2 ** 31,
      used_bytes: 1024.5 * 2 ** 20,
    });
    expect(parseSwapUsage("")).toBeNull();
  });
});

describe("graphics processors", () => {
  test("nvidia-smi's table: what a GPU does not report is null", () => {
    const table = `NVIDIA H200, 87, 61440, 143771, 512.34, 700.00, 61
NVIDIA GeForce GTX 1650, 0, 0, 4096, [N/A], [Not Supported], 34
`;
    expect(parseNvidiaTable(table)).toEqual([
      {
        name: "NVIDIA H200",
        percent: 87,
        memory_used_bytes: 61440 * 2 ** 20,
        memory_total_bytes: 143771 * 2 ** 20,
        power_watts: 512.34,
        power_limit_watts: 700,
        celsius: 61,
      },
      expect.objectContaining({ power_watts: null, power_limit_watts: null, percent: 0, celsius: 34 }),
    ]);
    expect(parseNvidiaTable("No devices were found\n")).toEqual([]);
    expect(
      parseNvidiaTable("NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver.\n"),
    ).toEqual([]);
  });

  test("ioreg of a Mac", () => {
    const text = `+-o AGXAcceleratorG13X  <class AGXAcceleratorG13X, id 0x1000003f5, registered, matched, active, busy 0 (0 ms), retain 91>
    {
      "IOClass" = "AGXAcceleratorG13X"
      "PerformanceStatistics" = {"In use system memory (driver)"=0,"Alloc system memory"=1838661632,"Tiler Utilization %"=3,"recoveryCount"=0,"Renderer Utilization %"=4,"Device Utilization %"=37,"SplitSceneCount"=0,"In use system memory"=396591104}
      "model" = "Apple M1 Pro"
      "gpu-core-count" = 16
    }
`;
    expect(parseAccelerators(text)).toEqual([
      {
        name: "Apple M1 Pro",
        percent: 37,
        memory_used_bytes: 396_591_104,
        memory_total_bytes: null,
        power_watts: null,
        power_limit_watts: null,
        celsius: null,
      },
    ]);
    expect(parseAccelerators("")).toEqual([]);
  });
});

describe("heat", () => {
  test("the processor's own sensor counts before the board's, and a broken one not at all", () => {
    const board = { name: "acpitz", celsius: 80 };
    expect(
      processorTemperature([board, { name: "coretemp", celsius: 51 }, { name: "x86_pkg_temp", celsius: 55 }]),
    ).toBe(55);
    expect(processorTemperature([{ name: "nvme", celsius: 60 }, board])).toBe(80);
    expect(
      processorTemperature([
        { name: "k10temp", celsius: -273.2 },
        { name: "cpu-thermal", celsius: 47 },
      ]),
    ).toBe(47);
    expect(processorTemperature([{ name: "nvme", celsius: 60 }])).toBeNull();
  });

  test("/sys as Linux lays it out: thermal zones and hardware monitors", async () => {
    const root = await mkdtemp(join(tmpdir(), "hearth-sys-"));
    try {
      const files = {
        "class/thermal/thermal_zone0/type": "acpitz\n",
        "class/thermal/thermal_zone0/temp": "27800\n",
        "class/thermal/cooling_device0/type": "Processor\n",
        "class/hwmon/hwmon2/name": "k10temp\n",
        "class/hwmon/hwmon2/temp1_input": "48625\n",
        "class/hwmon/hwmon2/temp1_label": "Tctl\n",
        "class/hwmon/hwmon3/name": "nvme\n",
        // Asleep: the kernel gives nothing.
        "class/hwmon/hwmon3/temp1_input": "",
      };
      for (const [path, text] of Object.entries(files)) {
        await mkdir(dirname(join(root, path)), { recursive: true });
        await writeFile(join(root, path), text);
      }
      expect(await readSensors(root)).toEqual([
        { name: "acpitz", celsius: 27.8 },
        { name: "k10temp", celsius: 48.625 },
      ]);
      expect(await readSensors(join(root, "nothing"))).toEqual([]);
    } finally {
      await rm(root, { recursive: true });
    }
  });

  test("pmset of macOS, on Apple's chips and on Intel's", () => {
    const quiet = `Note: No thermal warning level has been recorded
Note: No performance warning level has been recorded
Note: No CPU power status has been recorded
`;
    const intel = (limit: number) => `2026-03-02 10:00:00 +0100 CPU Power notify
	CPU_Scheduler_Limit 	= 100
	CPU_Available_CPUs 	= 8
	CPU_Speed_Limit 	= ${limit}
`;
    expect(parseThermalState(quiet)).toBe("nominal");
    expect(parseThermalState(intel(100))).toBe("nominal");
    expect(parseThermalState(intel(62))).toBe("throttled");
    expect(parseThermalState("Thermal warning level = 2\n")).toBe("throttled");
    expect(parseThermalState("")).toBeNull();
  });
});
