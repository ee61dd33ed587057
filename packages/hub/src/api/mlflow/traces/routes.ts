import type { Operation } from "../../operation.ts";
import { createAssessment, deleteAssessment, getAssessment, updateAssessment } from "./assessments.ts";
import {
  beginTrace,
  deleteTraces,
  deleteTraceTag,
  endTrace,
  linkPromptsToTrace,
  linkTracesToRun,
  setTraceTag,
} from "./change.ts";
import { exportTraces } from "./export.ts";
import { correlateFilters, queryTraceMetrics } from "./metrics.ts";
import {
  batchGetTraceInfos,
  batchGetTraces,
  getOldTraceInfo,
  getTrace,
  getTraceArtifact,
  getTraceInfo,
} from "./read.ts";
import { searchOldTraces, searchTraces } from "./search.ts";
import { startTrace } from "./start.ts";

/** Traces, their assessments and metrics. Paths that are words come before those that are an id. */
export const traceOperations: readonly Operation[] = [
  exportTraces,
  startTrace,
  searchTraces,
  getTrace,
  batchGetTraces,
  batchGetTraceInfos,
  deleteTraces,
  queryTraceMetrics,
  correlateFilters,
  linkTracesToRun,
  linkPromptsToTrace,
  getTraceInfo,
  setTraceTag,
  deleteTraceTag,
  createAssessment,
  getAssessment,
  updateAssessment,
  deleteAssessment,
  beginTrace,
  endTrace,
  searchOldTraces,
  getOldTraceInfo,
  getTraceArtifact,
];
