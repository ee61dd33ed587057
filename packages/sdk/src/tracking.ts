import { page, type Page } from "@hearth/wire/hub/common";
import { trace, type Trace } from "@hearth/wire/hub/inference";
import {
  groupRunsAnswer,
  searchRunsAnswer,
  type GroupRunsAnswer,
  type GroupRunsRequest,
  type SearchRunsAnswer,
  type SearchRunsRequest,
} from "@hearth/wire/hub/runs-table";
import {
  metricSeriesResponse,
  type MetricSeries,
  type MetricSeriesRequest,
} from "@hearth/wire/hub/metric-series";
import { artifactListing, type ArtifactListing } from "@hearth/wire/hub/artifacts";
import {
  runDetails,
  runLineage,
  type ChangeRunRequest,
  type RunDetails,
  type RunLineage,
} from "@hearth/wire/hub/run-details";
import { metricHistoryPage, run, type MetricValue, type Run } from "@hearth/wire/hub/tracking";
import {
  traceDetails,
  traceSummaryPage,
  type SearchTracesQuery,
  type TraceDetails,
  type TraceSummary,
} from "@hearth/wire/hub/traces";
import { pageQueryOf, segment, type CallOptions, type ListOptions, type Transport } from "./transport.ts";

/** What `search` is asked for; what is left out does not matter. */
export type TraceSearch = { [Name in keyof SearchTracesQuery]?: SearchTracesQuery[Name] | undefined };

export interface ListArtifactsOptions extends CallOptions {
  /** Default: the run's own folder. */
  path?: string;
  offset?: number;
  /** Default: 1,000. */
  limit?: number;
}

const runPage = page(run);
const tracePage = page(trace);

/** Runs and their metrics. */
export class RunsClient {
  private readonly transport: Transport;

  constructor(transport: Transport) {
    this.transport = transport;
  }

  list(options: ListOptions = {}): Promise<Page<Run>> {
    return this.transport.json(runPage, "GET", "/runs", { ...options, query: pageQueryOf(options) });
  }

  get(id: string, options: CallOptions = {}): Promise<RunDetails> {
    return this.transport.json(runDetails, "GET", `/runs/${segment(id)}`, options);
  }

  /** Name, description and tags (null removes one): all of it or nothing. */
  change(id: string, change: ChangeRunRequest, options: CallOptions = {}): Promise<RunDetails> {
    return this.transport.json(runDetails, "PATCH", `/runs/${segment(id)}`, { ...options, body: change });
  }

  /** What it was made from, what came of it, and the runs around it. */
  lineage(id: string, options: CallOptions = {}): Promise<RunLineage> {
    return this.transport.json(runLineage, "GET", `/runs/${segment(id)}/lineage`, options);
  }

  /** What is at a path of its artifacts; of a folder up to `limit` entries. */
  artifacts(id: string, options: ListArtifactsOptions = {}): Promise<ArtifactListing> {
    const { path, offset, limit, ...call } = options;
    const query = { path, offset, limit };
    return this.transport.json(artifactListing, "GET", `/runs/${segment(id)}/artifacts`, { ...call, query });
  }

  /** The first bytes of a file, `size` being that of the whole. */
  async artifactStart(
    id: string,
    path: string,
    { bytes: most, ...call }: CallOptions & { bytes: number },
  ): Promise<{ bytes: Uint8Array<ArrayBuffer>; size: number }> {
    const headers = { range: `bytes=0-${most - 1}` };
    const options = { ...call, headers, accept: "*/*" };
    const response = await this.transport.send("GET", artifactPath(id, path), options);
    const bytes = new Uint8Array(await response.arrayBuffer());
    const total = /\/(?<total>\d+)$/.exec(response.headers.get("content-range") ?? "")?.groups?.["total"];
    return { bytes, size: total === undefined ? bytes.byteLength : Number(total) };
  }

  /** Where a file can be downloaded. */
  artifactUrl(id: string, path: string): string {
    return `${this.transport.url}${artifactPath(id, path)}`;
  }

  /** Runs from an offset on, with the number of all that match; the filter is in MLflow's language. */
  search(request: SearchRunsRequest, options: CallOptions = {}): Promise<SearchRunsAnswer> {
    return this.transport.json(searchRunsAnswer, "POST", "/runs/search", { ...options, body: request });
  }

  /** Put together by the value of a parameter or a tag, the largest group first. */
  groups(request: GroupRunsRequest, options: CallOptions = {}): Promise<GroupRunsAnswer> {
    return this.transport.json(groupRunsAnswer, "POST", "/runs/groups", { ...options, body: request });
  }

  /** Marks runs deleted: all of them or, when one is unknown, none. */
  removeAll(ids: readonly string[], options: CallOptions = {}): Promise<void> {
    return this.transport.none("POST", "/runs/delete", { ...options, body: { run_ids: ids } });
  }

  restoreAll(ids: readonly string[], options: CallOptions = {}): Promise<void> {
    return this.transport.none("POST", "/runs/restore", { ...options, body: { run_ids: ids } });
  }

  metric(id: string, key: string, options: ListOptions = {}): Promise<Page<MetricValue>> {
    const path = `/runs/${segment(id)}/metrics/${segment(key)}`;
    return this.transport.json(metricHistoryPage, "GET", path, { ...options, query: pageQueryOf(options) });
  }

  /** Metrics of many runs for one chart, in the order of the request; empty where there is no such metric. */
  async metricSeries(request: MetricSeriesRequest, options: CallOptions = {}): Promise<MetricSeries[]> {
    const body = { ...options, body: request };
    return (await this.transport.json(metricSeriesResponse, "POST", "/metrics/series", body)).items;
  }
}

/** Every name of the path by itself: its slashes part the address. */
function artifactPath(id: string, path: string): string {
  return `/runs/${segment(id)}/artifacts/${path.split("/").map(segment).join("/")}`;
}

/** Recorded generations: which version, checksum and run an answer came from. */
export class TracesClient {
  private readonly transport: Transport;

  constructor(transport: Transport) {
    this.transport = transport;
  }

  list(options: ListOptions = {}): Promise<Page<Trace>> {
    return this.transport.json(tracePage, "GET", "/traces", { ...options, query: pageQueryOf(options) });
  }

  /** Traces of all origins: the hub's own answers, and what clients of MLflow and OpenTelemetry sent. */
  search({ signal, ...query }: TraceSearch & CallOptions = {}): Promise<Page<TraceSummary>> {
    return this.transport.json(traceSummaryPage, "GET", "/traces/search", {
      query,
      ...(signal === undefined ? {} : { signal }),
    });
  }

  /** One trace with its spans, by its id (`tr-…`) or its answer's. */
  spans(id: string, options: CallOptions = {}): Promise<TraceDetails> {
    return this.transport.json(traceDetails, "GET", `/traces/${segment(id)}/spans`, options);
  }

  get(id: string, options: CallOptions = {}): Promise<Trace> {
    return this.transport.json(trace, "GET", `/traces/${segment(id)}`, options);
  }
}
