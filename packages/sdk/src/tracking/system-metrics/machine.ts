import type { Node } from "../platform/node.ts";
import type { Reader } from "./record.ts";

const megabyte = 1_000_000;

/** The share of all processors in use, and of one processor by this process, since the last reading. */
export function processorReader({ os, process }: Node): Reader {
  let before = processorTimes(os);
  let beforeOwn = process.cpuUsage();
  let beforeAt = performance.now();
  return () => {
    const now = processorTimes(os);
    const own = process.cpuUsage(beforeOwn);
    const at = performance.now();
    const total = now.total - before.total;
    const readings = {
      // Two readings within one tick of the system's clock say nothing.
      ...(total > 0 ? { cpu_utilization_percentage: ((now.busy - before.busy) / total) * 100 } : {}),
      process_cpu_utilization_percentage: ((own.user + own.system) / 1000 / (at - beforeAt)) * 100,
    };
    before = now;
    beforeOwn = process.cpuUsage();
    beforeAt = at;
    return Promise.resolve(readings);
  };
}

export function memoryReader({ os, process }: Node): Reader {
  return () => {
    const total = os.totalmem();
    const used = total - os.freemem();
    return Promise.resolve({
      system_memory_usage_megabytes: used / megabyte,
      system_memory_usage_percentage: (used / total) * 100,
      process_memory_usage_megabytes: process.memoryUsage.rss() / megabyte,
    });
  };
}

/** The disk that holds the working folder's root. */
export function diskReader({ fs, path, process }: Node): Reader {
  return async () => {
    const stat = await fs.promises.statfs(path.parse(process.cwd()).root).catch(() => null);
    if (stat === null) return {};
    const used = (stat.blocks - stat.bfree) * stat.bsize;
    const available = stat.bavail * stat.bsize;
    return {
      disk_usage_megabytes: used / megabyte,
      disk_available_megabytes: available / megabyte,
      // As `df` has it: what is kept for the administrator is not there to be used.
      disk_usage_percentage: (used / (used + available)) * 100,
    };
  };
}

/** Bytes over the network since the first reading, where the system lists them in a file (Linux). */
export function networkReader({ fs }: Node): Reader {
  const read = () => fs.promises.readFile("/proc/net/dev", "utf8").then(readNetworkCounters, () => null);
  const first = read();
  return async () => {
    const [start, now] = await Promise.all([first, read()]);
    if (start === null || now === null) return {};
    return {
      network_receive_megabytes: (now.received - start.received) / megabyte,
      network_transmit_megabytes: (now.sent - start.sent) / megabyte,
    };
  };
}

/** Sums /proc/net/dev over all interfaces but the loopback; bytes. */
export function readNetworkCounters(text: string): { received: number; sent: number } {
  let received = 0;
  let sent = 0;
  for (const line of text.split("\n")) {
    const [name, rest] = line.split(":");
    if (rest === undefined || name === undefined || name.trim() === "lo") continue;
    const numbers = rest.trim().split(/\s+/).map(Number);
    received += numbers[0] ?? 0;
    sent += numbers[8] ?? 0;
  }
  return { received, sent };
}

function processorTimes(os: Node["os"]): { busy: number; total: number } {
  let busy = 0;
  let total = 0;
  for (const { times } of os.cpus()) {
    const used = times.user + times.nice + times.sys + times.irq;
    busy += used;
    total += used + times.idle;
  }
  return { busy, total };
}
