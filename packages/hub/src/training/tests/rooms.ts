import { createHash } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { CreateJobRequest, JobEvent, TrainingJob } from "@hearth/wire/hub/training";
import { createJobRequest } from "@hearth/wire/hub/training";
import { openArtifactStore } from "../../artifacts/fs/store.ts";
import { createDatasets } from "../../datasets/datasets.ts";
import { createRegistry } from "../../registry/registry.ts";
import { openDatabase } from "../../storage/database.ts";
import type { Database } from "../../storage/database.ts";
import { createRuns } from "../../tracking/runs.ts";
import type { ExportedModel, TrainingRooms } from "../dependencies.ts";
import { createTraining } from "../training.ts";
import type { Training, TrainingOptions } from "../training.ts";

export interface TestRooms extends AsyncDisposable {
  home: string;
  rooms: TrainingRooms & {
    registry: ReturnType<typeof createRegistry>;
    runs: ReturnType<typeof createRuns>;
    datasets: ReturnType<typeof createDatasets>;
  };
  training: Training;
  /** What the engine was asked to verify. */
  verified: ExportedModel[];
  log: string[];
  /** A model of that name on `base:1`, with the dataset `mails`; then a job for it. */
  createJob(name: string, request?: Partial<CreateJobRequest>): Promise<TrainingJob>;
  /** Follows a job to its end. */
  finish(jobId: string): Promise<{ job: TrainingJob; events: JobEvent[] }>;
}

const never = new AbortController().signal;

/** The rooms that training meets, on a real database and real files; the trainer and the engine are stand-ins. */
export async function openRooms(
  home: string,
  options: Partial<TrainingOptions> = {},
  memory?: TrainingRooms["memory"],
  given?: Database,
): Promise<TestRooms> {
  const database = given ?? (await openDatabase({ kind: "sqlite", path: join(home, "hearth.db") }));
  const artifacts = await openArtifactStore({ home });
  const runs = createRuns({ database });
  const registry = createRegistry({ database, artifacts, experiments: runs, dataPaths: [home] });
  const datasets = createDatasets({ database, artifacts, dataPaths: [home] });
  const verified: ExportedModel[] = [];
  const log: string[] = [];
  const rooms: TestRooms["rooms"] = {
    database,
    registry,
    datasets,
    runs,
    artifacts,
    memory: memory ?? {
      budgetBytes: () => 2e9,
      freeBytes: () => Promise.resolve(1e9),
      makeRoom: () => Promise.resolve(1e9),
      release: () => undefined,
    },
    async verifyExport(exported, probes) {
      verified.push(exported);
      await readFile(exported.path);
      const wrong = probes.findIndex((probe) => probe.expectedTokens[0] === 13);
      return wrong === -1
        ? { ok: true, difference: null }
        : { ok: false, difference: `probe ${wrong}: expected 13, the engine gave 7` };
    },
    describeModelFile: () => Promise.resolve({ architecture: "llama" }),
  };
  const training = createTraining(rooms, {
    trainer: new URL("trainer-child.ts", import.meta.url),
    threads: 1,
    logsFolder: join(home, "logs"),
    recordsFolder: join(home, "run"),
    exclusive: true,
    codeFolder: home,
    progressIntervalMs: 20,
    log: (level, message) => log.push(`${level}: ${message}`),
    ...options,
  });
  return {
    home,
    rooms,
    training,
    verified,
    log,
    createJob: async (name, request = {}) => {
      await registerBase(home, rooms);
      const model = await rooms.registry.createModel(
        { name, task_type: "chat", description: "", tags: {}, base_model: "base:1" },
        never,
      );
      return training.jobs.create(
        createJobRequest.parse({
          model_id: model.id,
          dataset_id: "mails",
          epochs: 4,
          batch_size: 2,
          seed: 7,
          ...request,
        }),
      );
    },
    finish: async (jobId) => {
      const events: JobEvent[] = [];
      for await (const event of training.jobs.follow(jobId, never)) events.push(event);
      return { job: await training.jobs.get(jobId), events };
    },
    async [Symbol.asyncDispose]() {
      await training[Symbol.asyncDispose]();
      if (given === undefined) await database[Symbol.asyncDispose]();
    },
  };
}

/** A base with full weights and a dataset with train and validation rows. */
export async function registerBase(home: string, { registry, datasets }: TestRooms["rooms"]): Promise<void> {
  if ((await registry.listModels({ page: 1, page_size: 50 })).items.some((model) => model.name === "base"))
    return;
  const file = join(home, "base.gguf");
  await writeFile(file, "base weights");
  const sha256 = createHash("sha256").update("base weights").digest("hex");
  const model = await registry.createModel(
    { name: "base", task_type: "chat", description: "", tags: {} },
    never,
  );
  const version = await registry.createVersion({ model: model.id, kind: "full" });
  await registry.markReady(version.id, {
    artifactPath: file,
    sha256,
    checksums: { "base.gguf": sha256 },
    summary: {
      architecture: "llama",
      parameters: 1_000_000,
      context: 256,
      layers: 4,
      embedding: 128,
      ffn: 384,
      cacheElementsPerToken: 4 * 2 * 64,
      vocabulary: 512,
    },
  });
  const folder = join(home, "mails");
  await mkdir(folder, { recursive: true });
  const row = (index: number) =>
    JSON.stringify({ prompt: `mail ${index}`, completion: index % 2 === 0 ? "work" : "spam" });
  const rows = (count: number) => Array.from({ length: count }, (_, index) => `${row(index)}\n`).join("");
  await writeFile(join(folder, "train.jsonl"), rows(10));
  await writeFile(join(folder, "validation.jsonl"), rows(4));
  await datasets.register({ name: "mails", path: folder }, never);
}
