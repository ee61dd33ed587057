import { TrackingClient, type TrackingOptions } from "./client.ts";

let client: TrackingClient | null = null;

/** Says where runs go from now on, for everything that is given no client of its own. */
export function configureTracking(options: TrackingOptions): TrackingClient {
  client = new TrackingClient(options);
  return client;
}

/** The client of `configureTracking`, or one that the environment describes. */
export function defaultClient(): TrackingClient {
  client ??= new TrackingClient();
  return client;
}
