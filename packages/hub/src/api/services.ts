import type { ChatConfig } from "@hearth/wire/chat/config";
import type { ChatMessage } from "@hearth/wire/chat/message";
import type {
  ChatSession,
  ChatSessionWithMessages,
  chatStorage,
  CreateSessionRequest,
  listSessionsQuery,
  UpdateSessionRequest,
} from "@hearth/wire/chat/session";
import type { AuditedCall, auditQuery, CallToolRequest, HubTool } from "@hearth/wire/chat/tools";
import type { ChatRequest } from "@hearth/wire/chat/turn";
import type {
  CreateDatasetRequest,
  Dataset,
  DatasetOptions,
  DatasetRows,
  DatasetRowsQuery,
  DatasetStatistics,
  DatasetStatisticsQuery,
  DatasetUses,
  DatasetVersions,
  verifyDatasetResponse,
  TokenStatistics,
} from "@hearth/wire/hub/datasets";
import type { Page } from "@hearth/wire/hub/common";
import type {
  Evaluation,
  EvaluationComparison,
  EvaluationRequest,
  EvaluationRows,
  EvaluationRowsQuery,
  ListEvaluationsQuery,
} from "@hearth/wire/hub/evaluation";
import type { Health } from "@hearth/wire/hub/health";
import type { Trace } from "@hearth/wire/hub/inference";
import type {
  CreateModelRequest,
  GateResult,
  ListModelsQuery,
  Model,
  ModelEvent,
  ModelVersion,
  promoteRequest,
  RollbackResult,
  updateModelRequest,
  VersionFiles,
  VersionVerification,
} from "@hearth/wire/hub/models";
import type { LiveEvent } from "@hearth/wire/hub/live";
import type { MemoryPlan, RunningRequest, ServedModelState } from "@hearth/wire/hub/serving";
import type { HubSettings } from "@hearth/wire/hub/settings";
import type { MachineState } from "@hearth/wire/hub/machine";
import type {
  EngineEvent,
  ServingCache,
  ServingStatistics,
  StatisticsWindow,
} from "@hearth/wire/hub/serving-statistics";
import type { HubStatus } from "@hearth/wire/hub/status";
import type { MetricValue, Run } from "@hearth/wire/hub/tracking";
import type {
  CreateJobRequest,
  EstimateJobRequest,
  JobEstimate,
  JobEvent,
  JobKind,
  JobStatus,
  TrainerDescription,
  TrainingJob,
  TrainingQueue,
  TrainingSample,
} from "@hearth/wire/hub/training";
import type { z } from "zod";
import type { ArtifactTree } from "../artifacts/tree/tree.ts";
import type { Comparison } from "../comparison/comparison.ts";
import type { EvaluationDatasets } from "../evaluation/evaluation-datasets/evaluation-datasets.ts";
import type { Scorers } from "../evaluation/scorers.ts";
import type { Embedding, FinishReason, GenerateEvent, GenerateRequest, Prompt } from "../inference/engine.ts";
import type { RegisteredModels } from "../registry/registered-models.ts";
import type { Webhooks } from "../registry/webhooks/webhooks.ts";
import type { Responses } from "../responses/responses.ts";
import type { LoggedModels } from "../tracking/logged-models/logged-models.ts";
import type { Experiments, Runs } from "../tracking/runs.ts";
import type { Tracing } from "../tracking/tracing/tracing.ts";

/** Models of other servers, by the names `provider/model`. */
export interface OtherModels {
  /** Can this name only be one of theirs? */
  names(reference: string): boolean;
  /** Throws `not_found` when there can be no such model. */
  find(reference: string): unknown;
  /** Never waits long: what cannot be asked now is told as it was. */
  list(): Promise<string[]>;
}

/** What the operations need from the rooms; the composition root fills it in. */
export interface Services {
  models: Models;
  datasets: Datasets;
  examples: Examples;
  training: Training;
  evaluations: Evaluations;
  comparison: Comparison;
  generation: Generation;
  otherModels: OtherModels;
  responses: Responses;
  serving: Serving;
  runningRequests: RunningRequests;
  servingFigures: ServingFigures;
  tracking: Tracking;
  experiments: Experiments;
  runs: Runs;
  tracing: Tracing;
  operations: Operations;
  live: Live;
  uploads: Uploads;
  artifacts: ArtifactTree;
  loggedModels: LoggedModels;
  registeredModels: RegisteredModels;
  webhooks: Webhooks;
  evaluationDatasets: EvaluationDatasets;
  scorers: Scorers;
  chat: ChatService;
}

/** Conversations with models, and the tools that those are given. */
export interface ChatService {
  sessions: ChatSessions;
  tools: HubTools;
  /** A UI message stream. */
  turn(request: ChatRequest, signal: AbortSignal): Promise<Response>;
  stop(sessionId: string, answerId: string | undefined): void;
  title(sessionId: string, signal: AbortSignal): Promise<string>;
  export(
    sessionId: string,
    format: "json" | "markdown",
  ): Promise<{ name: string; type: string; text: string }>;
  config(): Promise<ChatConfig>;
  replaceConfig(given: unknown): Promise<ChatConfig>;
  validateConfig(given: unknown): { path: string; message: string }[];
  reload(signal: AbortSignal): Promise<ChatConfig>;
}

export interface ChatSessions {
  list(query: z.infer<typeof listSessionsQuery>): Promise<Page<ChatSession>>;
  create(request: CreateSessionRequest): Promise<ChatSession>;
  get(id: string): Promise<ChatSessionWithMessages>;
  update(id: string, change: UpdateSessionRequest): Promise<ChatSession>;
  remove(id: string): Promise<void>;
  put(id: string, messages: readonly ChatMessage[]): Promise<ChatSessionWithMessages>;
  storage(): Promise<z.infer<typeof chatStorage>>;
}

export interface HubTools {
  list(): HubTool[];
  call(name: string, request: CallToolRequest, signal: AbortSignal): Promise<unknown>;
  audit(query: z.infer<typeof auditQuery>): Promise<Page<AuditedCall>>;
}

/** An event of the live feed; its id is null where nothing could be resumed from it. */
export interface FeedEvent {
  id: string | null;
  event: LiveEvent;
}

export interface RunningRequests {
  list(): RunningRequest[];
  /** Throws `not_found` when it has ended. */
  cancel(traceId: string): void;
}

export interface ServingFigures {
  statistics(window: StatisticsWindow): ServingStatistics;
  /** The newest first. */
  events(): Promise<EngineEvent[]>;
  cache(): Promise<ServingCache>;
}

export interface Live {
  /** What changes from now on, or since an earlier event. Throws `unavailable` when too many listen. */
  follow(lastEventId: string | null, signal: AbortSignal): AsyncIterable<FeedEvent>;
}

export interface Examples {
  /** `not_found` where no example has that name. */
  register(name: string, signal: AbortSignal): Promise<Dataset>;
}

export interface Uploads {
  /** A new folder for the files of one upload, on the disk where they will stay. */
  folder(): Promise<string>;
}

export interface PageRequest {
  page: number;
  page_size: number;
}

export interface Models {
  create(request: CreateModelRequest, signal: AbortSignal): Promise<Model>;
  get(idOrName: string): Promise<Model>;
  list(query: ListModelsQuery): Promise<Page<Model>>;
  update(idOrName: string, change: z.infer<typeof updateModelRequest>): Promise<Model>;
  remove(idOrName: string): Promise<void>;
  history(idOrName: string, page: PageRequest): Promise<Page<ModelEvent>>;
  versions(idOrName: string, page: PageRequest): Promise<Page<ModelVersion>>;
  version(idOrName: string, version: number): Promise<ModelVersion>;
  files(idOrName: string, version: number): Promise<VersionFiles>;
  /** `conflict` where the hub keeps no file of it. */
  verify(idOrName: string, version: number, signal: AbortSignal): Promise<VersionVerification>;
  importVersion(idOrName: string, path: string, signal: AbortSignal): Promise<ModelVersion>;
  /** `name`, `name:3`, `name@alias` → a version that is ready. */
  resolve(reference: string): Promise<ModelVersion>;
  promote(
    idOrName: string,
    request: z.infer<typeof promoteRequest>,
    signal?: AbortSignal,
  ): Promise<GateResult>;
  /** Gives an alias back to the version that held it before. */
  rollback(idOrName: string, alias: string): Promise<RollbackResult>;
  setAlias(idOrName: string, alias: string, version: number): Promise<Model>;
  removeAlias(idOrName: string, alias: string): Promise<Model>;
}

export interface UploadedFile {
  name: string;
  bytes: () => AsyncIterable<Uint8Array>;
}

export interface Datasets {
  register(request: CreateDatasetRequest, signal: AbortSignal): Promise<Dataset>;
  upload(
    name: string,
    files: readonly UploadedFile[],
    signal: AbortSignal,
    options?: DatasetOptions,
  ): Promise<Dataset>;
  get(idOrName: string): Promise<Dataset>;
  versions(idOrName: string): Promise<DatasetVersions>;
  list(page: PageRequest): Promise<Page<Dataset>>;
  remove(idOrName: string): Promise<void>;
  verify(idOrName: string, signal: AbortSignal): Promise<z.infer<typeof verifyDatasetResponse>>;
  rows(idOrName: string, query: DatasetRowsQuery, signal: AbortSignal): Promise<DatasetRows>;
  statistics(idOrName: string, signal: AbortSignal): Promise<DatasetStatistics>;
  uses(idOrName: string): Promise<DatasetUses>;
}

export interface Training {
  create(request: CreateJobRequest): Promise<TrainingJob>;
  /** What it would need; nothing is stored. */
  estimate(request: EstimateJobRequest, signal: AbortSignal): Promise<JobEstimate>;
  /** How long the rows of a dataset are in tokens of a model. */
  tokenStatistics(
    dataset: string,
    query: DatasetStatisticsQuery & { model: string },
    signal: AbortSignal,
  ): Promise<TokenStatistics>;
  /** References of the versions that a job can start from. */
  bases(): Promise<string[]>;
  /** Every trainer and whether it can run here. */
  trainers(): TrainerDescription[];
  /** Before another queued job, or at the end. */
  move(id: string, before: string | null): Promise<TrainingJob>;
  /** The last lines that it said. */
  log(id: string, tail: number): Promise<string[]>;
  /** What the model said as it was trained. */
  samples(id: string): Promise<TrainingSample[]>;
  reproduce(idOrName: string, version: number, signal: AbortSignal): Promise<TrainingJob>;
  /** The same adapter on the same base in GGUF, as another version of the model. */
  ggufTwin(idOrName: string, version: number, base: string, signal: AbortSignal): Promise<ModelVersion>;
  get(id: string): Promise<TrainingJob>;
  list(
    page: PageRequest,
    status?: JobStatus,
    of?: { kind?: JobKind | undefined; version_id?: string | undefined },
  ): Promise<Page<TrainingJob>>;
  cancel(id: string): Promise<TrainingJob>;
  pause(id: string): Promise<TrainingJob>;
  resume(id: string): Promise<TrainingJob>;
  prioritize(id: string, priority: number): Promise<TrainingJob>;
  queue(): Promise<TrainingQueue>;
  pauseQueue(running: "pause" | "finish"): Promise<TrainingQueue>;
  resumeQueue(): Promise<TrainingQueue>;
  /** The state of now, then everything that happens until the job ends. */
  events(id: string, signal: AbortSignal): AsyncIterable<JobEvent>;
}

export interface EvaluationProgress {
  done: number;
  total: number;
}

export interface Evaluations {
  run(
    request: EvaluationRequest,
    signal: AbortSignal,
    onProgress: (progress: EvaluationProgress) => void,
  ): Promise<Evaluation>;
  get(id: string): Promise<Evaluation>;
  list(query: ListEvaluationsQuery): Promise<Page<Evaluation>>;
  rows(id: string, query: EvaluationRowsQuery): Promise<EvaluationRows>;
  /** What the other is ahead of the one by. */
  compare(id: string, other: string, signal: AbortSignal): Promise<EvaluationComparison>;
}

/** Who is asked, and from when on time counts. */
export interface Addressed {
  /** `name`, `name:3`, `name@alias`, or an id. */
  model: string;
  /** The same of an adapter made for the base that `model` names, to answer instead. */
  adapter?: string | null;
  endpoint: string;
  /** `performance.now()` at the arrival of the request: times to first token count from here. */
  receivedAt: number;
  /** The caller's name for its end user; waiting users take turns. */
  user?: string | null;
  /** How long the model stays loaded unused after this request; Infinity: until its room is needed. */
  keepAliveMs?: number | undefined;
}

/** What a request asks of a model; the id and the adapter's file are filled in on the way. */
export interface AnswerRequest extends Omit<GenerateRequest, "id" | "adapter">, Addressed {
  /** A prompt longer than the context loses its oldest part. Default: it is refused. */
  truncate?: boolean;
}

export type AnswerEvent =
  | Extract<GenerateEvent, { type: "tokens" }>
  | {
      type: "done";
      finishReason: FinishReason;
      completionTokens: number;
      reasoningTokens: number;
      ttftMs: number;
      latencyMs: number;
    };

/** What gave an answer: a version of this hub, or a model of another server. */
export interface AnsweredBy {
  /** As it can be asked for again: `name:3`, or `provider/model`. */
  reference: string;
  /** The version's model, or `provider/model`. */
  model: string;
  /** What is null is not known of a model of another server. */
  version: number | null;
  versionId: string | null;
  runId: string | null;
  sha256: string | null;
}
export type PromptLogprobs = Extract<GenerateEvent, { type: "started" }>["promptLogprobs"];

/** A generation that has begun: its prompt fits, and it has or will get a slot. */
export interface Answer {
  by: AnsweredBy;
  traceId: string;
  /** Null: another server counts them and has not told yet, or never does; final when `events` has ended. */
  readonly promptTokens: number | null;
  readonly cachedTokens: number | null;
  /** Where they were asked for. */
  promptLogprobs?: PromptLogprobs;
  /** Must be iterated or returned; ends with `done` or throws. */
  events: AsyncIterable<AnswerEvent>;
}

export interface EmbeddingRequest extends Addressed {
  inputs: Prompt[];
}

export interface Embedded {
  by: AnsweredBy;
  traceId: string;
  /** One for each input, in their order. */
  embeddings: Embedding[];
}

export interface Generation {
  start(request: AnswerRequest, signal: AbortSignal): Promise<Answer>;
  embed(request: EmbeddingRequest, signal: AbortSignal): Promise<Embedded>;
}

/** What is loaded. A reference is what requests name as their model. */
export interface Serving {
  load(reference: string, keepAliveMs: number | undefined, signal: AbortSignal): Promise<ServedModelState>;
  /** `conflict` while it answers, unless it is forced. */
  unload(reference: string, options: { force: boolean }): Promise<ServedModelState>;
  pin(reference: string, signal: AbortSignal): Promise<ServedModelState>;
  unpin(reference: string): Promise<ServedModelState>;
  /** What loading it would take; loads nothing. */
  memory(idOrName: string, version: number): Promise<MemoryPlan>;
}

export interface Tracking {
  runs(page: PageRequest): Promise<Page<Run>>;
  metricHistory(runId: string, key: string, page: PageRequest): Promise<Page<MetricValue>>;
  traces(page: PageRequest): Promise<Page<Trace>>;
  trace(id: string): Promise<Trace>;
}

export interface Operations {
  health(): Promise<Health>;
  status(): Promise<HubStatus>;
  machine(): Promise<MachineState>;
  settings(): Promise<HubSettings>;
  /** False while starting or stopping. */
  ready(): boolean;
  metrics(): Promise<{ contentType: string; text: string }>;
  /** Begins an orderly stop; returns at once. */
  shutdown(): void;
}
