import { dataset, type Dataset } from "@hearth/wire/hub/datasets";
import { segment, type CallOptions, type Transport } from "./transport.ts";

/** Data sets that come with Hearth. */
export class ExamplesClient {
  private readonly transport: Transport;

  constructor(transport: Transport) {
    this.transport = transport;
  }

  /** Makes a bundled data set one of the hub's; the same again when it is one. */
  register(name: string, options: CallOptions = {}): Promise<Dataset> {
    return this.transport.json(dataset, "POST", `/examples/${segment(name)}`, options);
  }
}
