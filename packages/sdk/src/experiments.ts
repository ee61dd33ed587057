import { page, type Page } from "@hearth/wire/hub/common";
import { experiment, runColumns, type Experiment, type RunColumns } from "@hearth/wire/hub/experiments";
import { pageQueryOf, segment, type CallOptions, type ListOptions, type Transport } from "./transport.ts";

const experimentPage = page(experiment);

export interface ListExperimentsOptions extends ListOptions {
  /** Part of the name, in any case. */
  search?: string;
  /** Default: `active`. */
  stage?: "active" | "deleted";
}

/** What runs belong to. */
export class ExperimentsClient {
  private readonly transport: Transport;

  constructor(transport: Transport) {
    this.transport = transport;
  }

  list(options: ListExperimentsOptions = {}): Promise<Page<Experiment>> {
    const { search, stage, page, pageSize, ...call } = options;
    const query = { ...pageQueryOf({ ...(page && { page }), ...(pageSize && { pageSize }) }), search, stage };
    return this.transport.json(experimentPage, "GET", "/experiments", { ...call, query });
  }

  get(id: string, options: CallOptions = {}): Promise<Experiment> {
    return this.transport.json(experiment, "GET", `/experiments/${segment(id)}`, options);
  }

  /** Names that its newest runs use. */
  columns(id: string, options: CallOptions = {}): Promise<RunColumns> {
    return this.transport.json(runColumns, "GET", `/experiments/${segment(id)}/columns`, options);
  }

  create(name: string, options: CallOptions = {}): Promise<Experiment> {
    return this.transport.json(experiment, "POST", "/experiments", { ...options, body: { name } });
  }

  rename(id: string, name: string, options: CallOptions = {}): Promise<Experiment> {
    const path = `/experiments/${segment(id)}`;
    return this.transport.json(experiment, "PATCH", path, { ...options, body: { name } });
  }

  /** Marks it and its runs deleted. */
  remove(id: string, options: CallOptions = {}): Promise<void> {
    return this.transport.none("DELETE", `/experiments/${segment(id)}`, options);
  }

  restore(id: string, options: CallOptions = {}): Promise<void> {
    return this.transport.none("POST", `/experiments/${segment(id)}/restore`, options);
  }
}
