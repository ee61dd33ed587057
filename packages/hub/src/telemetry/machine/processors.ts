/** Clock ticks of one processor since the machine started. */
export interface ProcessorTimes {
  busy: number;
  total: number;
}

/** The processors' lines of /proc/stat (proc_stat(5)): user nice system idle iowait irq softirq steal guest guest_nice. */
export function parseProcStat(text: string): ProcessorTimes[] {
  return [...text.matchAll(/^cpu\d+ (.+)$/gm)].map(([, line = ""]) => {
    // Guests' time is in user's and nice's already.
    const ticks = line.trim().split(/\s+/).slice(0, 8).map(Number);
    const total = ticks.reduce((sum, each) => sum + each, 0);
    const idle = (ticks[3] ?? 0) + (ticks[4] ?? 0);
    return { busy: total - idle, total };
  });
}

/** The same of `os.cpus()`, where there is no /proc. */
export function timesOf(cpus: readonly { times: Record<string, number> }[]): ProcessorTimes[] {
  return cpus.map(({ times }) => {
    const total = Object.values(times).reduce((sum, each) => sum + each, 0);
    return { busy: total - (times["idle"] ?? 0), total };
  });
}

export interface ProcessorUse {
  percent: number;
  cores: number[];
}

/**
 * How busy the processors were between two readings, 0 to 100. Null when they say nothing: the same instant, or
 * processors that came or went in between.
 */
export function useBetween(
  before: readonly ProcessorTimes[],
  after: readonly ProcessorTimes[],
): ProcessorUse | null {
  if (before.length !== after.length || after.length === 0) return null;
  let busy = 0;
  let total = 0;
  const cores = after.map((now, index) => {
    const then = before[index] ?? now;
    // A virtual machine's counters may go back a little.
    const ran = Math.max(0, now.total - then.total);
    const worked = Math.min(ran, Math.max(0, now.busy - then.busy));
    busy += worked;
    total += ran;
    return ran === 0 ? 0 : percent(worked / ran);
  });
  return total === 0 ? null : { percent: percent(busy / total), cores };
}

/** One decimal is more than a sampled figure is worth. */
function percent(share: number): number {
  return Math.round(share * 1000) / 10;
}
