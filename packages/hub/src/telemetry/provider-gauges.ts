import type { ProviderStatus } from "@hearth/wire/hub/status";
import type { Gauge } from "prom-client";

const states = ["closed", "half-open", "open"] as const;

/** Metrics of other servers; what this gives takes over the readings of a moment. */
export function providerGauges(
  gauge: (name: string, help: string, labelNames: string[]) => Gauge,
): (providers: readonly ProviderStatus[]) => void {
  const active = gauge("hearth_provider_active", "Requests under way on another server.", [
    "provider",
    "server",
  ]);
  const waiting = gauge("hearth_provider_queue_length", "Requests that wait for a server of a provider.", [
    "provider",
  ]);
  const breaker = gauge("hearth_provider_breaker", "1 for the state that a server's circuit breaker is in.", [
    "provider",
    "server",
    "state",
  ]);
  const requests = gauge(
    "hearth_provider_requests_total",
    "Requests to another server by how they ended, since the start.",
    ["provider", "server", "outcome"],
  );
  const failovers = gauge(
    "hearth_provider_failovers_total",
    "Requests that went on to another server of their provider, since the start.",
    ["provider"],
  );
  return (providers) => {
    for (const { name: provider, servers, ...own } of providers) {
      waiting.set({ provider }, own.waiting);
      failovers.set({ provider }, own.failovers);
      for (const { url: server, ...state } of servers) {
        active.set({ provider, server }, state.active);
        for (const each of states)
          breaker.set({ provider, server, state: each }, each === state.state ? 1 : 0);
        for (const [outcome, count] of Object.entries(state.requests))
          requests.set({ provider, server, outcome }, count);
      }
    }
  };
}
