import { runningRequests, type RunningRequest } from "@hearth/wire/hub/serving";
import { segment, type CallOptions, type Transport } from "./transport.ts";

/** What is being answered right now. */
export class ServingClient {
  private readonly transport: Transport;

  constructor(transport: Transport) {
    this.transport = transport;
  }

  /** The oldest first. */
  async requests(options: CallOptions = {}): Promise<RunningRequest[]> {
    return (await this.transport.json(runningRequests, "GET", "/serving/requests", options)).items;
  }

  /** Its client gets an error that says so. */
  cancel(traceId: string, options: CallOptions = {}): Promise<void> {
    return this.transport.none("DELETE", `/serving/requests/${segment(traceId)}`, options);
  }
}
