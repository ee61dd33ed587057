import type { Dataset, DatasetRows, DatasetRowsQuery, DatasetStatistics } from "@hearth/wire/hub/datasets";
import type { Evaluation, EvaluationRequest } from "@hearth/wire/hub/evaluation";
import type { GateResult, Model, ModelVersion } from "@hearth/wire/hub/models";
import type { Page } from "@hearth/wire/hub/common";
import type { SearchRunsAnswer } from "@hearth/wire/hub/runs-table";
import type { SearchTracesQuery, TraceDetails, TraceSummary } from "@hearth/wire/hub/traces";
import type { Run } from "@hearth/wire/hub/tracking";
import type { CreateJobRequest, JobStatus, TrainingJob } from "@hearth/wire/hub/training";

interface PageRequest {
  page: number;
  page_size: number;
}

/** What the tools use of the hub's rooms; the composition root fills it in. */
export interface ToolRooms {
  models: {
    list(page: PageRequest): Promise<Page<Model>>;
    get(name: string): Promise<Model>;
    versions(name: string, page: PageRequest): Promise<Page<ModelVersion>>;
    promote(
      name: string,
      request: { version: number; alias: string; require: string[] },
    ): Promise<GateResult>;
  };
  datasets: {
    list(page: PageRequest): Promise<Page<Dataset>>;
    statistics(name: string, signal: AbortSignal): Promise<DatasetStatistics>;
    rows(name: string, query: DatasetRowsQuery, signal: AbortSignal): Promise<DatasetRows>;
  };
  experiments: { names(): Promise<{ id: string; name: string }[]> };
  runs: {
    search(request: {
      experiment_ids: string[];
      filter: string;
      order_by: string[];
      limit: number;
    }): Promise<SearchRunsAnswer>;
    get(id: string): Promise<Run>;
  };
  traces: {
    search(query: SearchTracesQuery): Promise<Page<TraceSummary>>;
    details(id: string): Promise<TraceDetails>;
  };
  jobs: {
    list(page: PageRequest, status?: JobStatus): Promise<Page<TrainingJob>>;
    get(id: string): Promise<TrainingJob>;
    log(id: string, lines: number): Promise<string[]>;
    create(request: CreateJobRequest): Promise<TrainingJob>;
    cancel(id: string): Promise<TrainingJob>;
  };
  evaluate(request: EvaluationRequest, signal: AbortSignal): Promise<Evaluation>;
  /** Loads a version and keeps it loaded. */
  serve(reference: string, signal: AbortSignal): Promise<unknown>;
}
