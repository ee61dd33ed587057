import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

/** A sensor as the kernel names it. */
export interface Sensor {
  /** A thermal zone's type, or a hardware monitor's name. */
  name: string;
  /** °C */
  celsius: number;
}

/**
 * Names of the sensors that sit in or at the processor, the surest first: Intel's, AMD's, ARM boards', and then ACPI's,
 * which may be anywhere on the board.
 */
const processorSensors = [
  /^(x86_pkg_temp|coretemp|k10temp|zenpower|TCPU)$/i,
  /^(cpu|soc|cluster|big|little).*$/i,
  /^acpitz$/i,
];

/** Colder or hotter than this no processor runs: the sensor is broken or not connected. */
const believable = { least: -40, most: 150 };

/** The hottest of the surest kind of sensor; null where none is the processor's. */
export function processorTemperature(sensors: readonly Sensor[]): number | null {
  for (const names of processorSensors) {
    const own = sensors.filter(
      ({ name, celsius }) => names.test(name) && celsius > believable.least && celsius < believable.most,
    );
    if (own.length > 0) return Math.max(...own.map(({ celsius }) => celsius));
  }
  return null;
}

/** All sensors that Linux tells of; `root` is where /sys is. */
export async function readSensors(root = "/sys"): Promise<Sensor[]> {
  const [zones, monitors] = await Promise.all([
    inEach(join(root, "class/thermal"), /^thermal_zone\d+$/, async (folder) =>
      sensor(await text(folder, "type"), await text(folder, "temp")),
    ),
    inEach(join(root, "class/hwmon"), /^hwmon\d+$/, async (folder) => {
      const name = await text(folder, "name");
      return await inEach(folder, /^temp\d+_input$/, async (path) => sensor(name, await text(path)));
    }),
  ]);
  return [...zones, ...monitors.flat()].filter((each) => each !== null);
}

/** `temp` is in thousandths of a degree. */
function sensor(name: string | null, temp: string | null): Sensor | null {
  if (name === null || temp === null || !/^-?\d+$/.test(temp)) return null;
  return { name, celsius: Number(temp) / 1000 };
}

async function inEach<T>(folder: string, names: RegExp, read: (path: string) => Promise<T>): Promise<T[]> {
  let entries: string[];
  try {
    entries = await readdir(folder);
  } catch {
    // Virtual machines and containers have none.
    return [];
  }
  return await Promise.all(
    entries.filter((name) => names.test(name)).map((name) => read(join(folder, name))),
  );
}

/** A sensor that is switched off answers with an error (EAGAIN, EIO, ENODATA): it tells nothing. */
async function text(...path: string[]): Promise<string | null> {
  try {
    return (await readFile(join(...path), "utf8")).trim();
  } catch {
    return null;
  }
}

/** `pmset -g therm` of macOS: does it slow the processor down? */
export function parseThermalState(text: string): "nominal" | "throttled" | null {
  const limits = [...text.matchAll(/CPU_(?:Speed|Scheduler)_Limit\s*=\s*(\d+)/g)].map(([, limit]) =>
    Number(limit),
  );
  const warning = /(?:Thermal|Performance) warning level\s*(?:=|set to)\s*(\d+)/i.exec(text)?.[1];
  if (limits.some((limit) => limit < 100) || Number(warning ?? 0) > 0) return "throttled";
  return limits.length > 0 || warning !== undefined || /No thermal warning level/i.test(text)
    ? "nominal"
    : null;
}
