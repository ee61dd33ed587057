import { PlatformUnsupported } from "../../../errors.ts";

/** Which build of MLX an environment has. */
export const mlxDevices = ["metal", "cpu", "cuda12", "cuda13"] as const;
export type MlxDevice = (typeof mlxDevices)[number];

/** What decides whether MLX runs here. */
export interface Machine {
  platform: NodeJS.Platform;
  arch: string;
  /** Of the C library; null where it is not glibc. */
  glibc: string | null;
}

/** Wheels of MLX for Linux are made for this one and newer. */
const leastGlibc = [2, 35] as const;

function thisMachine(): Machine {
  return { platform: process.platform, arch: process.arch, glibc: glibcVersion(process.report.getReport()) };
}

/**
 * The device that MLX computes on: `asked`, else the machine's own (Metal on Apple silicon, the CPU on Linux).
 * Errors: PlatformUnsupported with the reason.
 */
export function mlxDevice(asked: MlxDevice | null, machine: Machine = thisMachine()): MlxDevice {
  const { platform, arch, glibc } = machine;
  if (platform === "darwin") {
    if (arch !== "arm64")
      throw unsupported(machine, "MLX runs on Macs with Apple silicon; this one has an Intel processor");
    if (asked !== null && asked !== "metal")
      throw unsupported(machine, `on a Mac MLX computes on Metal; ${asked} is for Linux`);
    return "metal";
  }
  if (platform !== "linux") throw unsupported(machine, "MLX runs on Macs with Apple silicon and on Linux");
  if (arch !== "x64" && arch !== "arm64")
    throw unsupported(machine, "MLX for Linux is built for x64 and arm64 processors");
  if (glibc === null) throw unsupported(machine, "MLX for Linux needs glibc, which this system does not use");
  if (isOlder(glibc, leastGlibc))
    throw unsupported(machine, `MLX for Linux needs glibc ${leastGlibc.join(".")} or newer; found ${glibc}`);
  if (asked === "metal") throw unsupported(machine, "Metal is for Macs; choose cpu, cuda12 or cuda13");
  return asked ?? "cpu";
}

function isOlder(version: string, [major, minor]: readonly [number, number]): boolean {
  const [ownMajor = 0, ownMinor = 0] = version.split(".").map(Number);
  return ownMajor < major || (ownMajor === major && ownMinor < minor);
}

function unsupported(machine: Machine, reason: string): PlatformUnsupported {
  return new PlatformUnsupported(
    `The mlx engine cannot run here (${machine.platform}-${machine.arch}): ${reason}. GGUF models run with the embedded engine.`,
    { details: { engine: "mlx", ...machine } },
  );
}

function glibcVersion(report: object): string | null {
  if (!("header" in report) || typeof report.header !== "object" || report.header === null) return null;
  const version = "glibcVersionRuntime" in report.header ? report.header.glibcVersionRuntime : null;
  return typeof version === "string" ? version : null;
}
