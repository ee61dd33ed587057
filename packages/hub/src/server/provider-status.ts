import type { ProviderStatus } from "@hearth/wire/hub/status";
import type { Remotes } from "../inference/remotes/remotes.ts";

/** Providers and their servers as the status tells them; keys are no part of it. */
export function providerStatus(remotes: Pick<Remotes, "status">): ProviderStatus[] {
  return remotes.status().map(({ name, waiting, failovers, models, servers }) => ({
    name,
    waiting,
    failovers,
    models: [...models],
    servers: servers.map(({ address, breaker, active, concurrency, error, counts }) => ({
      url: address.url,
      state: breaker.state,
      active,
      concurrency,
      error,
      requests: { ...counts },
    })),
  }));
}
