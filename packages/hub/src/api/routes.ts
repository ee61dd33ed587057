import { createDataset } from "./hub/datasets/create.ts";
import { deleteDataset } from "./hub/datasets/delete.ts";
import { getDataset } from "./hub/datasets/get.ts";
import { listDatasets } from "./hub/datasets/list.ts";
import { getDatasetRows } from "./hub/datasets/rows.ts";
import { getDatasetStatistics } from "./hub/datasets/statistics.ts";
import { getDatasetUses } from "./hub/datasets/uses.ts";
import { getDatasetVersions } from "./hub/datasets/versions.ts";
import { verifyDataset } from "./hub/datasets/verify.ts";
import { compareEvaluations } from "./hub/evaluations/compare.ts";
import { createEvaluation } from "./hub/evaluations/create.ts";
import { getEvaluation } from "./hub/evaluations/get.ts";
import { listEvaluations } from "./hub/evaluations/list.ts";
import { getEvaluationRows } from "./hub/evaluations/rows.ts";
import {
  createHubExperiment,
  deleteHubExperiment,
  renameHubExperiment,
  restoreHubExperiment,
} from "./hub/experiments/change.ts";
import { listHubExperiments } from "./hub/experiments/list.ts";
import { getHubExperiment, getRunColumns } from "./hub/experiments/read.ts";
import { registerExample } from "./hub/examples/register.ts";
import { createInference } from "./hub/inference/create.ts";
import { streamInference } from "./hub/inference/stream.ts";
import { getServingCache } from "./hub/serving/cache.ts";
import { cancelRunningRequest } from "./hub/serving/cancel-request.ts";
import { listEngineEvents } from "./hub/serving/events.ts";
import { listRunningRequests } from "./hub/serving/list-requests.ts";
import { getServingStatistics } from "./hub/serving/statistics.ts";
import { liveEvents } from "./hub/live/events.ts";
import { createModel } from "./hub/models/create.ts";
import { deleteModel } from "./hub/models/delete.ts";
import { diffVersions } from "./hub/models/diff.ts";
import { getVersion } from "./hub/models/get-version.ts";
import { getModel } from "./hub/models/get.ts";
import { loadModel } from "./hub/models/load.ts";
import { pinModel, unpinModel } from "./hub/models/pin.ts";
import { unloadModel } from "./hub/models/unload.ts";
import { modelHistory } from "./hub/models/history.ts";
import { getVersionMemory } from "./hub/models/memory.ts";
import { getVersionFiles, verifyVersion } from "./hub/models/version-files.ts";
import { importVersion } from "./hub/models/import-version.ts";
import { listVersions } from "./hub/models/list-versions.ts";
import { listModels } from "./hub/models/list.ts";
import { promoteVersion } from "./hub/models/promote.ts";
import { removeAlias } from "./hub/models/remove-alias.ts";
import { makeGgufTwin } from "./hub/models/gguf-twin.ts";
import { reproduceVersion } from "./hub/models/reproduce.ts";
import { resolveVersion } from "./hub/models/resolve.ts";
import { rollbackAlias } from "./hub/models/rollback.ts";
import { setAlias } from "./hub/models/set-alias.ts";
import { updateModel } from "./hub/models/update.ts";
import { groupTableRuns } from "./hub/runs/group.ts";
import { searchTableRuns } from "./hub/runs/search.ts";
import { changeHubRun } from "./hub/runs/change.ts";
import { getRunArtifact, listRunArtifacts } from "./hub/runs/artifacts.ts";
import { getRunLineage } from "./hub/runs/lineage.ts";
import { deleteRuns, restoreRuns } from "./hub/runs/set-active.ts";
import { getLiveness } from "./hub/system/health-live.ts";
import { getReadiness } from "./hub/system/health-ready.ts";
import { getHealth } from "./hub/system/health.ts";
import { getMachine } from "./hub/system/machine.ts";
import { getMetrics } from "./hub/system/metrics.ts";
import { getSettings } from "./hub/system/settings.ts";
import { shutdown } from "./hub/system/shutdown.ts";
import { getStatus } from "./hub/system/status.ts";
import { getRun } from "./hub/tracking/get-run.ts";
import { getTrace } from "./hub/tracking/get-trace.ts";
import { listRuns } from "./hub/tracking/list-runs.ts";
import { getTraceSpans } from "./hub/tracking/get-trace-spans.ts";
import { listTraces } from "./hub/tracking/list-traces.ts";
import { searchTraces } from "./hub/tracking/search-traces.ts";
import { metricHistory } from "./hub/tracking/metric-history.ts";
import { metricSeries } from "./hub/tracking/metric-series.ts";
import { cancelJob } from "./hub/training/cancel.ts";
import { createJob } from "./hub/training/create.ts";
import { jobEvents } from "./hub/training/events.ts";
import { listTrainingBases } from "./hub/training/bases.ts";
import { estimateJob } from "./hub/training/estimate.ts";
import { getJob } from "./hub/training/get.ts";
import { listJobs } from "./hub/training/list.ts";
import { getJobLog } from "./hub/training/log.ts";
import { getJobSamples } from "./hub/training/samples.ts";
import { moveJob } from "./hub/training/move.ts";
import { listTrainers } from "./hub/training/trainers.ts";
import { pauseJob } from "./hub/training/pause.ts";
import { prioritizeJob } from "./hub/training/prioritize.ts";
import { getTrainingQueue, pauseTrainingQueue, resumeTrainingQueue } from "./hub/training/queue.ts";
import { resumeJob } from "./hub/training/resume.ts";
import { chatOperations } from "./chat/routes.ts";
import { mlflowOperations } from "./mlflow/routes.ts";
import { createChatCompletion } from "./openai/chat-completions.ts";
import { createCompletion } from "./openai/completions.ts";
import { createEmbedding } from "./openai/embeddings.ts";
import { getOpenaiModel } from "./openai/get-model.ts";
import { listOpenaiModels } from "./openai/list-models.ts";
import { createResponse } from "./openai/responses/create.ts";
import { deleteResponse } from "./openai/responses/delete.ts";
import { getResponse } from "./openai/responses/get.ts";
import { listInputItems } from "./openai/responses/list-input-items.ts";
import type { Operation } from "./operation.ts";

/** The one table of routes: the server mounts it, `/openapi.json` describes it. */
export const operations: readonly Operation[] = [
  listModels,
  createModel,
  getModel,
  updateModel,
  deleteModel,
  modelHistory,
  listVersions,
  importVersion,
  getVersion,
  getVersionFiles,
  getVersionMemory,
  verifyVersion,
  reproduceVersion,
  makeGgufTwin,
  promoteVersion,
  rollbackAlias,
  loadModel,
  unloadModel,
  pinModel,
  unpinModel,
  setAlias,
  removeAlias,
  resolveVersion,
  diffVersions,
  listDatasets,
  createDataset,
  getDataset,
  deleteDataset,
  verifyDataset,
  registerExample,
  getDatasetRows,
  getDatasetStatistics,
  getDatasetUses,
  getDatasetVersions,
  listJobs,
  createJob,
  getJob,
  cancelJob,
  moveJob,
  pauseJob,
  resumeJob,
  prioritizeJob,
  getTrainingQueue,
  pauseTrainingQueue,
  resumeTrainingQueue,
  estimateJob,
  listTrainingBases,
  listTrainers,
  jobEvents,
  getJobLog,
  getJobSamples,
  listEvaluations,
  createEvaluation,
  getEvaluation,
  getEvaluationRows,
  compareEvaluations,
  createInference,
  streamInference,
  listHubExperiments,
  createHubExperiment,
  getHubExperiment,
  renameHubExperiment,
  deleteHubExperiment,
  restoreHubExperiment,
  getRunColumns,
  listRuns,
  searchTableRuns,
  groupTableRuns,
  deleteRuns,
  restoreRuns,
  getRun,
  changeHubRun,
  getRunLineage,
  listRunArtifacts,
  getRunArtifact,
  metricHistory,
  metricSeries,
  listTraces,
  // Before `/traces/{id}`, which would take it for an id.
  searchTraces,
  getTrace,
  getTraceSpans,
  getHealth,
  getLiveness,
  getReadiness,
  getMetrics,
  getStatus,
  getMachine,
  getSettings,
  liveEvents,
  listRunningRequests,
  cancelRunningRequest,
  getServingStatistics,
  listEngineEvents,
  getServingCache,
  shutdown,
  listOpenaiModels,
  getOpenaiModel,
  createChatCompletion,
  createCompletion,
  createEmbedding,
  createResponse,
  getResponse,
  deleteResponse,
  listInputItems,
  ...chatOperations,
  ...mlflowOperations,
];

/** Where an operation answers: the hub's own API bare and under `/api`, OpenAI's and MLflow's at their own places. */
export function pathsOf(operation: Operation): string[] {
  if (operation.mounts !== undefined) return [...operation.mounts];
  return operation.dialect === "openai" ? [operation.path] : [operation.path, `/api${operation.path}`];
}
