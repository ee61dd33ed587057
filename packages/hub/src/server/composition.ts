import { availableParallelism, userInfo } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Services } from "../api/services.ts";
import { openArtifactStore } from "../artifacts/fs/store.ts";
import { openArtifactTree } from "../artifacts/tree/tree.ts";
import type { Config } from "../config/config.ts";
import { createDatasets } from "../datasets/datasets.ts";
import { createEvaluationDatasets } from "../evaluation/evaluation-datasets/evaluation-datasets.ts";
import { createEvaluations } from "../evaluation/evaluations.ts";
import { createScorers } from "../evaluation/scorers.ts";
import { Pool } from "../inference/pool.ts";
import { Remotes } from "../inference/remotes/remotes.ts";
import { WaitingRoom } from "../inference/waiting-room.ts";
import { killOrphans } from "../process/orphans.ts";
import { createRegisteredModels } from "../registry/registered-models.ts";
import { createRegistry } from "../registry/registry.ts";
import { announcingModels, announcingRegistry } from "../registry/webhooks/announcing.ts";
import { createWebhooks } from "../registry/webhooks/webhooks.ts";
import { createResponses } from "../responses/responses.ts";
import { openDatabase } from "../storage/database.ts";
import { openAnswerSpans } from "../telemetry/answer-spans.ts";
import { EventLoopWatch } from "../telemetry/event-loop.ts";
import type { Logger } from "../telemetry/log.ts";
import { MachineWatch } from "../telemetry/machine/machine-watch.ts";
import { createMetrics, type Metrics } from "../telemetry/metrics.ts";
import { createAnswerStatistics } from "../tracking/answer-statistics/answer-statistics.ts";
import { createLoggedModels } from "../tracking/logged-models/logged-models.ts";
import { createRuns } from "../tracking/runs.ts";
import { createTraces } from "../tracking/traces.ts";
import { createTracing } from "../tracking/tracing/tracing.ts";
import { createDataWarnings } from "../training/data-warnings.ts";
import { createTokenLengths } from "../training/token-lengths/token-lengths.ts";
import { mlxPython } from "./mlx-python.ts";
import { createTraining } from "../training/training.ts";
import { version } from "../version.ts";
import { createAnswerSources } from "./answer-sources.ts";
import { bundledExamplesFolder, createExamples } from "./bundled-examples.ts";
import { bundledModelsFolder, registerBundledModels } from "./bundled-models.ts";
import { chatService, contextOf, openChat, toolRooms } from "./chat.ts";
import { comparing } from "./comparing.ts";
import { createEngines } from "./create-engines.ts";
import { EngineEvents } from "./engine-events.ts";
import { createExportChecks } from "./export-checks.ts";
import { createGeneration } from "./generation.ts";
import { watchJobs } from "./job-metrics.ts";
import { askThrough, measuredEvaluations, scoreThrough } from "./measured-evaluations.ts";
import { createLoggedSources } from "./logged-sources.ts";
import { createModels } from "./models.ts";
import { createOperations } from "./operations.ts";
import { poolEventLog } from "./pool-log.ts";
import { announcedRooms } from "./live/announced-rooms.ts";
import { currentCaller } from "./middleware/caller.ts";
import { LiveFeed } from "./live/live-feed.ts";
import { RunningRequests } from "./running-requests.ts";
import { createServing } from "./serving.ts";
import { createServingFigures } from "./serving-figures.ts";
import { createServedModels } from "./served-models.ts";
import { namesByChecksum, weightsOfModel } from "./row-counts.ts";
import { heatOf } from "./machine-heat.ts";
import { createTrainingMemory } from "./training-memory.ts";
import { trainingService } from "./training-service.ts";
import { createVersionFiles, versionFilesMount } from "./version-files.ts";

/** What the process around the rooms knows. */
export interface Surroundings {
  log: Logger;
  url: () => string;
  ready: () => boolean;
  shutdown: () => void;
}

/** Every room of the hub, joined. Disposing stops them in order: jobs, engines, then the database. */
export interface Hub extends AsyncDisposable {
  services: Services;
  metrics: Metrics;
  /** Begins the work that nobody asked for: jobs of earlier, bundled models, a spare engine. */
  start(signal: AbortSignal): Promise<void>;
}

/** Folders of the records of running children, and what a child of each is. */
const children = { engines: "an engine", scorers: "a scorer", chat: "a chat sidecar" };
const checkout = fileURLToPath(new URL("../../../../", import.meta.url));

export async function composeHub(config: Config, surroundings: Surroundings): Promise<Hub> {
  const { log } = surroundings;
  await using stack = new AsyncDisposableStack();
  const logs = join(config.home, "logs");
  const processes = join(config.home, "processes");
  // What outlived an earlier hub holds memory that nobody uses; the trainers' room ends its own.
  for (const [kind, what] of Object.entries(children))
    for (const orphan of await killOrphans(join(processes, kind)))
      log.warn({ pid: orphan.pid }, `${what} of an earlier hub was still running and was ended`);
  const metrics = createMetrics();
  const spans = stack.use(await openAnswerSpans(config.otlpEndpoint, version));
  const eventLoop = stack.use(new EventLoopWatch());
  const machine = stack.use(new MachineWatch({ folder: config.home }));
  const live = stack.use(new LiveFeed());
  const announced = announcedRooms(live);

  const database = stack.use(await openDatabase(config.database));
  const artifacts = await openArtifactStore({
    home: config.home,
    activePath: config.storage.active,
    archivePath: config.storage.archive,
  });
  const versionFiles = createVersionFiles(database, artifacts);
  const artifactTree = announced.artifacts(
    await openArtifactTree({
      root: join(config.home, "artifacts"),
      incoming: join(config.home, "incoming"),
      mounts: { [versionFilesMount]: versionFiles.folderOf },
      beside: versionFiles.madeIn,
    }),
  );
  const runs = announced.runs(createRuns({ database, user: userName() }));
  await runs.ensureDefaultExperiment();
  const traces = announced.traces(
    stack.use(
      createTraces({
        database,
        onWriteFailed: (error, lost) => log.error({ err: error, lost }, "traces could not be written"),
      }),
    ),
  );
  const webhooks = stack.use(
    createWebhooks({
      database,
      onFailed: (error, facts) => log.warn({ err: error, ...facts }, "a webhook was not delivered"),
    }),
  );
  const quietRegistry = announced.registry(
    createRegistry({
      database,
      artifacts,
      experiments: runs,
      dataPaths: [...config.dataPaths, bundledModelsFolder],
    }),
  );
  const registry = announcingRegistry(quietRegistry, webhooks.announce);
  const loggedModels = announced.loggedModels(createLoggedModels({ database }));
  const logged = createLoggedSources(runs, loggedModels);
  const registeredModels = announcingModels(
    announced.registeredModels(createRegisteredModels({ database, registry: quietRegistry, logged })),
    webhooks.announce,
  );
  const datasets = announced.datasets(
    createDatasets({ database, artifacts, dataPaths: [...config.dataPaths, bundledExamplesFolder] }),
  );

  const memory = createTrainingMemory({
    budgetBytes: config.memoryLimitBytes,
    pool: () => pool,
  });
  const logPoolEvent = poolEventLog(log, metrics);
  const engineEvents = new EngineEvents(database);
  const statistics = createAnswerStatistics({ database });
  const served = createServedModels(registry);
  const pool: Pool = stack.use(
    new Pool({
      resolve: (versionId) => served.resolve(versionId),
      createEngine: createEngines(config),
      memoryBudgetBytes: config.memoryLimitBytes,
      otherBytes: () => memory.reservedBytes(),
      threads: config.threads,
      // A running job computes with as many; threads that wait for a core slow both down many times over.
      freeThreads: (): number =>
        training.activeJobIds.length === 0 || training.holding
          ? config.threads
          : availableParallelism() - config.threads,
      slots: config.slots,
      contextSize: config.contextSize,
      kvCacheType: config.kvCacheType,
      keepAliveMs: config.keepAliveMs,
      maxWaiting: config.waiting.perModel,
      room: new WaitingRoom(config.waiting),
      onEvent: (event) => {
        logPoolEvent(event);
        engineEvents.add(event);
        if (event.type !== "round") live.announce("serving");
      },
      onAsking: (asking) => training.serving(asking),
    }),
  );

  const remotes = stack.use(new Remotes(config.providers));

  const tokenLengths = createTokenLengths({ database, registry, datasets, logs });
  const checks = createExportChecks({ pool, artifacts, active: config.storage.active });
  const training = stack.use(
    createTraining(
      {
        dataWarnings: createDataWarnings({
          statistics: (reference, signal) => datasets.statistics(reference, signal),
          tokens: tokenLengths,
        }),
        database,
        registry,
        datasets,
        runs,
        artifacts,
        memory,
        ...checks,
      },
      {
        codeFolder: checkout,
        gpus: async () => ((await machine.read()).gpus ?? []).map(({ name }) => name),
        mlx: () => mlxPython(config.home, config.mlxServerUrl),
        threads: config.threads,
        concurrency: config.training.concurrency,
        retries: config.training.retries,
        heartbeatTimeoutMs: config.training.heartbeatMs,
        leaseMs: config.training.leaseMs,
        yield: config.training.yield,
        cooldownAboveCelsius: config.training.cooldownAboveCelsius,
        readMachine: async () => heatOf(await machine.read()),
        logsFolder: logs,
        recordsFolder: join(processes, "trainers"),
        exclusive: config.database.kind === "sqlite",
        log: (level, message, facts) => log[level](facts, message),
        onProgress: (id, progress) => recordProgress(id, progress),
        onEvent: (id) => live.announce("jobs", id),
      },
    ),
  );
  const { jobs } = training;
  const recordProgress = watchJobs(jobs, metrics, () => training.activeJobIds);

  const running = new RunningRequests(() => live.announce("serving"));
  const generation = createGeneration({
    running,
    source: createAnswerSources({ registry, pool, remotes }),
    traces,
    statistics,
    metrics,
    spans,
    keepContent: config.keepContent,
  });
  const ask = askThrough(generation);
  const score = scoreThrough(pool);
  const evaluations = announced.evaluations(
    measuredEvaluations(
      createEvaluations({
        database,
        registry,
        datasets,
        runs,
        artifacts: artifactTree,
        ask,
        score,
        scorerSurroundings: {
          dataPaths: config.dataPaths,
          scratch: () => artifacts.createIncoming(),
          logFile: join(logs, "scorers.log"),
          recordsFolder: join(processes, "scorers"),
        },
        who,
      }),
      metrics,
    ),
  );
  const models = createModels({
    registry,
    evaluations,
    who,
    onServingChanged: async (model) => {
      served.forget();
      for (const sha256 of await weightsOfModel(database, model.id)) pool.pin(sha256, model.serving.pinned);
    },
  });
  const serving = createServing({
    registry,
    models,
    pool,
    names: (checksums) => namesByChecksum(database, checksums),
  });
  const rooms: Omit<Services, "chat"> = {
    models,
    datasets,
    examples: createExamples(datasets),
    training: announced.training(
      trainingService({ database, registry, artifacts, jobs, tokenLengths, checks }),
    ),
    evaluations,
    comparison: comparing({ registry, datasets, evaluations, jobs, ask, score }),
    generation,
    otherModels: remotes,
    responses: createResponses(database),
    serving,
    runningRequests: running,
    servingFigures: createServingFigures({ home: config.home, statistics, events: engineEvents }),
    uploads: { folder: () => artifacts.createIncoming() },
    artifacts: artifactTree,
    loggedModels,
    registeredModels,
    webhooks,
    evaluationDatasets: announced.evaluationDatasets(createEvaluationDatasets(database)),
    scorers: createScorers(database),
    experiments: runs.experiments,
    runs,
    tracking: {
      runs: (page) => runs.searchRuns(page),
      metricHistory: (id, key, page) => runs.metricHistory(id, key, page),
      traces: (page) => traces.list(page),
      trace: (id) => traces.get(id),
    },
    tracing: announced.tracing(createTracing({ database, flushAnswers: () => traces.flush() })),
    live,
    operations: createOperations({
      config,
      database,
      pool,
      remotes,
      jobs,
      metrics,
      eventLoop,
      machine,
      jobBytes: () => memory.reservedBytes(),
      ...surroundings,
    }),
  };

  const chat = stack.use(
    await openChat({
      config,
      database,
      rooms: toolRooms(rooms, async () => {
        const { experiments } = await runs.experiments.search({
          filter: "",
          orderBy: [],
          view: "ACTIVE_ONLY",
          limit: 1000,
          offset: 0,
        });
        return experiments.map(({ id, name }) => ({ id, name }));
      }),
      live,
      log,
      url: surroundings.url,
      contextOf: (model) => contextOf(registry, model),
    }),
  );
  const services: Services = { ...rooms, chat: chatService(chat) };

  const owned = stack.move();
  return {
    services,
    metrics,
    async start(signal) {
      const engines = async () => {
        // The engine first: who finds the starter model registered finds one that can load it at once.
        if (config.spareEngine) await begin(log, "a spare engine", () => pool.keepSpare());
        if (config.bundledModels) {
          await begin(log, "bundled models", () => registerBundledModels(registry, log, signal));
        }
        await begin(log, "pinned models", () => serving.loadPinned(signal));
      };
      await Promise.all([
        begin(log, "jobs", () => training.start()),
        begin(log, "the chat", () => chat.start()),
        begin(log, "statistics of earlier answers", () => statistics.restore(signal)),
        engines(),
      ]);
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** Who moves an alias: all that is known of them is who runs the hub, and where the request came from. */
function who(): string {
  const user = userName();
  const { client } = currentCaller();
  return user === "" ? client : `${user} (${client})`;
}

/** Who runs the hub; a container's user may have no name. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return "";
  }
}

/** What cannot begin is told in the log, and does not keep the rest from beginning. */
async function begin(log: Logger, what: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    log.error({ err: error }, `${what} did not start`);
  }
}
