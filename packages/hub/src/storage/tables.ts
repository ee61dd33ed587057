import type { ChatMessageTable, ChatSessionTable, ToolCallTable } from "./tables/chat.ts";
import type { DatasetStatisticsTable, DatasetTable } from "./tables/datasets.ts";
import type {
  EvaluationDatasetExperimentTable,
  EvaluationDatasetTable,
  EvaluationDatasetTagTable,
  EvaluationRecordTable,
  ScorerTable,
  ScorerVersionTable,
} from "./tables/evaluation-datasets.ts";
import type { EvaluationTable } from "./tables/evaluation.ts";
import type { InferenceTable } from "./tables/inference.ts";
import type {
  LoggedModelMetricTable,
  LoggedModelParamTable,
  LoggedModelTable,
  LoggedModelTagTable,
} from "./tables/logged-models.ts";
import type {
  ModelAliasTable,
  ModelEventTable,
  ModelTable,
  ModelTagTable,
  ModelVersionTable,
  ModelVersionTagTable,
  WebhookTable,
} from "./tables/registry.ts";
import type { ResponseTable } from "./tables/responses.ts";
import type {
  ExperimentTable,
  ExperimentTagTable,
  MetricCellTable,
  MetricPointTable,
  MetricSeriesTable,
  RunDatasetInputTable,
  RunModelInputTable,
  RunModelOutputTable,
  RunParamTable,
  RunTable,
  RunTagTable,
  TrackedDatasetTable,
} from "./tables/tracking.ts";
import type {
  AssessmentTable,
  SpanTable,
  TraceMetadataTable,
  TracePromptTable,
  TraceRunTable,
  TraceTable,
  TraceTagTable,
} from "./tables/traces.ts";
import type { JobTable, TrainingQueueTable, TrainingSampleTable } from "./tables/training.ts";

/**
 * Every table of the database, as Kysely sees it. Conventions, the same in SQLite and
 * PostgreSQL: ids are text, instants are integers (ms since the epoch, UTC), documents
 * are JSON text, booleans are 0 or 1. The tracking tables carry MLflow's column meaning.
 */
export interface Tables {
  experiments: ExperimentTable;
  experiment_tags: ExperimentTagTable;
  runs: RunTable;
  run_params: RunParamTable;
  run_tags: RunTagTable;
  run_dataset_inputs: RunDatasetInputTable;
  run_model_inputs: RunModelInputTable;
  run_model_outputs: RunModelOutputTable;
  tracked_datasets: TrackedDatasetTable;
  metric_series: MetricSeriesTable;
  metric_points: MetricPointTable;
  metric_cells: MetricCellTable;
  logged_models: LoggedModelTable;
  logged_model_params: LoggedModelParamTable;
  logged_model_tags: LoggedModelTagTable;
  logged_model_metrics: LoggedModelMetricTable;
  models: ModelTable;
  model_versions: ModelVersionTable;
  model_aliases: ModelAliasTable;
  model_events: ModelEventTable;
  model_tags: ModelTagTable;
  model_version_tags: ModelVersionTagTable;
  webhooks: WebhookTable;
  datasets: DatasetTable;
  dataset_statistics: DatasetStatisticsTable;
  jobs: JobTable;
  training_samples: TrainingSampleTable;
  training_queue: TrainingQueueTable;
  evaluations: EvaluationTable;
  evaluation_datasets: EvaluationDatasetTable;
  evaluation_dataset_tags: EvaluationDatasetTagTable;
  evaluation_dataset_experiments: EvaluationDatasetExperimentTable;
  evaluation_records: EvaluationRecordTable;
  scorers: ScorerTable;
  scorer_versions: ScorerVersionTable;
  traces: TraceTable;
  trace_tags: TraceTagTable;
  trace_metadata: TraceMetadataTable;
  trace_runs: TraceRunTable;
  trace_prompts: TracePromptTable;
  spans: SpanTable;
  assessments: AssessmentTable;
  inferences: InferenceTable;
  responses: ResponseTable;
  chat_sessions: ChatSessionTable;
  chat_messages: ChatMessageTable;
  tool_calls: ToolCallTable;
}
