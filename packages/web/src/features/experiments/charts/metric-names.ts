const isOfMachine = (metric: string): boolean => metric.startsWith("system/");

/** Names of metrics with those of the machine last. */
export function metricsOf(names: readonly string[]): string[] {
  return [...usualMetrics(names), ...names.filter(isOfMachine)];
}

/** Those that have a chart before anybody has chosen. */
export function usualMetrics(names: readonly string[]): string[] {
  return names.filter((metric) => !isOfMachine(metric));
}
