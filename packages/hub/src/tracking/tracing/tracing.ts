import type { Page } from "@hearth/wire/hub/common";
import type { SearchTracesQuery, TraceDetails, TraceSummary } from "@hearth/wire/hub/traces";
import type { Span } from "../../otlp/otlp.ts";
import type { Database } from "../../storage/database.ts";
import {
  createAssessment,
  deleteAssessment,
  getAssessment,
  updateAssessment,
  type AssessmentChange,
  type NewAssessment,
} from "./assessments.ts";
import { correlateFilters, type FilterCorrelation } from "./correlation.ts";
import { deleteTraces, type DeleteTraces } from "./delete-traces.ts";
import { linkPromptsToTrace, linkTracesToRun, type PromptVersion } from "./links.ts";
import { listTraces } from "./list-traces.ts";
import { logSpans } from "./log-spans.ts";
import { queryTraceMetrics } from "./metrics/query.ts";
import type { MetricPoint, MetricQuery } from "./metrics/metric-query.ts";
import {
  readTrace,
  readTraceInfo,
  readTraceInfos,
  readWholeTraces,
  type TraceWithSpans,
} from "./read-traces.ts";
import { searchTraces, type SearchTraces } from "./search-traces.ts";
import { beginTrace, endTrace, startTrace, type StartTrace } from "./start-trace.ts";
import { traceDetails } from "./trace-details.ts";
import { deleteTraceTag, setTraceTag } from "./trace-tags.ts";
import type { Assessment, TraceInfo } from "./trace.ts";

export type { AssessmentChange, NewAssessment } from "./assessments.ts";
export type { FilterCorrelation } from "./correlation.ts";
export type { MetricPoint, MetricQuery } from "./metrics/metric-query.ts";
export { inTrackingStore, tagNames } from "./names.ts";
export type { TraceWithSpans } from "./read-traces.ts";
export type { SpanContent } from "./span-content.ts";
export type { StartTrace } from "./start-trace.ts";
export type { Assessment, AssessmentError, TraceInfo, TraceState } from "./trace.ts";

/**
 * Traces of MLflow's and OpenTelemetry's clients, and those of the hub's own answers. Everything that is
 * changed is on disk when the promise resolves.
 */
export interface Tracing {
  /** Returns the ids of the traces whose root span has come. */
  logSpans(experimentId: string, spans: readonly Span[]): Promise<string[]>;
  startTrace(request: StartTrace): Promise<TraceInfo>;
  /** For clients of MLflow 2: a trace at its start and at its end. */
  beginTrace(
    request: Pick<StartTrace, "experimentId" | "startedAt" | "metadata" | "tags">,
  ): Promise<TraceInfo>;
  endTrace(
    id: string,
    request: Pick<StartTrace, "state" | "metadata" | "tags"> & { endedAt: number },
  ): Promise<TraceInfo>;
  traceInfo(id: string): Promise<TraceInfo>;
  traceInfos(ids: readonly string[], experimentIds: readonly string[] | null): Promise<TraceInfo[]>;
  trace(id: string, allowPartial: boolean): Promise<TraceWithSpans>;
  wholeTraces(ids: readonly string[], experimentIds: readonly string[] | null): Promise<TraceWithSpans[]>;
  /** A page of the traces of all experiments, for people. */
  list(query: SearchTracesQuery): Promise<Page<TraceSummary>>;
  /** All of one trace, by its id or its answer's; `not_found`. */
  details(id: string): Promise<TraceDetails>;
  search(request: SearchTraces): Promise<TraceInfo[]>;
  deleteTraces(request: DeleteTraces): Promise<number>;
  setTag(id: string, key: string, value: string): Promise<void>;
  deleteTag(id: string, key: string): Promise<void>;
  linkToRun(traceIds: readonly string[], runId: string): Promise<void>;
  linkPrompts(traceId: string, prompts: readonly PromptVersion[]): Promise<void>;
  createAssessment(traceId: string, request: NewAssessment): Promise<Assessment>;
  assessment(traceId: string, id: string): Promise<Assessment>;
  updateAssessment(traceId: string, id: string, change: AssessmentChange): Promise<Assessment>;
  deleteAssessment(traceId: string, id: string): Promise<void>;
  metrics(query: MetricQuery): Promise<MetricPoint[]>;
  /** How much the traces that meet one filter are those that meet another. */
  correlate(
    experimentIds: readonly string[],
    filters: readonly [string, string],
    base: string,
  ): Promise<FilterCorrelation>;
}

export interface TracingDependencies {
  database: Database;
  /** Brings the hub's own latest answers to where they can be read. */
  flushAnswers: () => Promise<void>;
}

export function createTracing({ database, flushAnswers }: TracingDependencies): Tracing {
  const info = (id: string) => readTraceInfo(database.db, id);
  return {
    logSpans: (experimentId, spans) => logSpans(database, experimentId, spans),
    startTrace: async (request) => {
      await startTrace(database, request);
      return await info(request.id);
    },
    beginTrace: async (request) => await info(await beginTrace(database, request)),
    endTrace: async (id, request) => {
      await endTrace(database, id, request);
      return await info(id);
    },
    traceInfo: async (id) => {
      await flushAnswers();
      return await info(id);
    },
    traceInfos: async (ids, experimentIds) => {
      await flushAnswers();
      return await readTraceInfos(database.db, ids, experimentIds);
    },
    trace: async (id, allowPartial) => {
      await flushAnswers();
      return await readTrace(database.db, id, allowPartial);
    },
    wholeTraces: async (ids, experimentIds) => {
      await flushAnswers();
      return await readWholeTraces(database.db, ids, experimentIds);
    },
    list: async (query) => {
      await flushAnswers();
      return await listTraces(database.db, query);
    },
    details: async (id) => {
      await flushAnswers();
      return await traceDetails(database.db, id);
    },
    search: async (request) => {
      await flushAnswers();
      return await searchTraces(database, request);
    },
    deleteTraces: async (request) => {
      await flushAnswers();
      return await deleteTraces(database, request);
    },
    setTag: async (id, key, value) => {
      await flushAnswers();
      await setTraceTag(database, id, key, value);
    },
    deleteTag: (id, key) => deleteTraceTag(database, id, key),
    linkToRun: async (traceIds, runId) => {
      await flushAnswers();
      await linkTracesToRun(database, traceIds, runId);
    },
    linkPrompts: async (traceId, prompts) => {
      await flushAnswers();
      await linkPromptsToTrace(database, traceId, prompts);
    },
    createAssessment: async (traceId, request) => {
      await flushAnswers();
      return await createAssessment(database, traceId, request);
    },
    assessment: (traceId, id) => getAssessment(database.db, traceId, id),
    updateAssessment: (traceId, id, change) => updateAssessment(database, traceId, id, change),
    deleteAssessment: (traceId, id) => deleteAssessment(database, traceId, id),
    metrics: async (query) => {
      await flushAnswers();
      return await queryTraceMetrics(database, query);
    },
    correlate: async (experimentIds, filters, base) => {
      await flushAnswers();
      return await correlateFilters(database, experimentIds, filters, base);
    },
  };
}
