import { constants, copyFile, link, lstat, mkdir, readFile, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { sha256 } from "@hearth/wire/hub/common";
import { z } from "zod";
import { writeFileAtomically } from "../artifacts/fs/durable.ts";
import { fileErrorCode, translateWriteError } from "../artifacts/fs/errors.ts";
import { hashFile } from "../artifacts/fs/hash.ts";
import { HearthError } from "../errors.ts";
import { defaultAlpha } from "./defaults.ts";
import type { ExportedModel, TrainingRooms } from "./dependencies.ts";
import type { JobLifecycle } from "./lifecycle.ts";
import { storedProvenance } from "./provenance.ts";
import type { JobQueue, QueuedJob } from "./queue.ts";
import { judgeRepetition } from "./reproduction/judge.ts";
import type { Delivered } from "./delivered-result.ts";
import type { TrainingResult } from "./trainers/trainer.ts";

const manifestName = "version.json";

/** What lies beside the files of an archived version: enough to finish the job after a crash, and to know the files by. */
const manifest = z.object({
  job_id: z.string(),
  engine_file: z.string(),
  kind: z.enum(["full", "adapter"]),
  checksums: z.record(z.string(), sha256),
  metrics: z.record(z.string(), z.number()),
  environment: z.record(z.string(), z.string()),
  summary: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  /** What the trainer ran with; archives of earlier releases do not say. */
  provenance: storedProvenance.nullable().default(null),
});
type Manifest = z.infer<typeof manifest>;

export interface CompletionDependencies extends Pick<
  TrainingRooms,
  "registry" | "runs" | "artifacts" | "verifyExport" | "describeModelFile"
> {
  queue: Pick<JobQueue, "reproducedResults">;
  lifecycle: JobLifecycle;
  /** Of the process that compares a repetition's files. */
  compareLogFile: string;
  onPhase: (phase: "verifying" | "archiving") => Promise<void>;
}

/**
 * Makes a version of what a trainer wrote: the engine must repeat the trainer's own tokens, then
 * the files are hashed and moved to the archive in one step, then version, run and job change
 * together. A repetition is compared with its version, and its files are deleted.
 *
 * @throws HearthError `training_failed` when the export is not what the trainer says, `resource_exhausted` on a full disk
 */
export async function completeJob(
  dependencies: CompletionDependencies,
  job: QueuedJob,
  folder: string,
  { result, provenance }: Delivered,
  signal: AbortSignal,
): Promise<void> {
  const checksums = await hashFiles(folder, result, signal);
  const engineSha256 = checksums[result.engineFile];
  if (engineSha256 === undefined)
    throw failed(`the trainer names '${result.engineFile}' as the file to load and did not list it`);
  await dependencies.onPhase("verifying");
  if (job.kind === "reproduce") {
    const environment = { ...provenance.environment, ...result.environment };
    const reproduction = await judgeRepetition(
      {
        ...dependencies,
        earlierResults: (versionId) => dependencies.queue.reproducedResults(versionId),
        logFile: dependencies.compareLogFile,
      },
      { job, folder, checksums, engineFile: result.engineFile, provenance: { ...provenance, environment } },
      signal,
    );
    await dependencies.lifecycle.complete(
      job.id,
      { resultSha256: engineSha256, reproduction },
      async () => undefined,
    );
    return;
  }
  const { base, parameters } = job.specification.trainer;
  const wanted = parameters.recipe === "lora" ? "adapter" : "full";
  if (result.kind !== wanted)
    throw failed(
      `the trainer delivered a file of kind '${result.kind}' for the recipe '${parameters.recipe}'`,
    );
  const exported: ExportedModel = {
    kind: result.kind,
    path: join(folder, result.engineFile),
    sha256: engineSha256,
    // Full weights stand alone, also when they were trained from others.
    base:
      base === null || result.kind === "full"
        ? null
        : { ...base, path: dependencies.artifacts.fromStored(base.path) },
  };
  await verify(dependencies, exported, result, signal);
  const summary =
    result.kind === "full"
      ? await dependencies.describeModelFile(exported.path, signal)
      : adapterSummary(job);

  await dependencies.onPhase("archiving");
  const made: Manifest = {
    job_id: job.id,
    engine_file: result.engineFile,
    kind: result.kind,
    checksums,
    metrics: finite(result.metrics),
    environment: result.environment,
    summary,
    provenance,
  };
  await archive(dependencies, job, folder, made);
  // From here on a cancel comes too late.
  await finishTraining(dependencies, job, made);
}

/**
 * Finishes a job whose files were archived before its hub died in the last moment.
 * False when there is no such archive.
 */
export async function completeFromArchive(
  dependencies: CompletionDependencies,
  job: QueuedJob,
): Promise<boolean> {
  if (job.kind !== "train") return false;
  const made = await readManifest(join(dependencies.artifacts.archiveFolder(job.versionId), manifestName));
  if (made?.job_id !== job.id) return false;
  await finishTraining(dependencies, job, made);
  return true;
}

async function finishTraining(
  { registry, lifecycle, artifacts }: CompletionDependencies,
  job: QueuedJob,
  made: Manifest,
): Promise<void> {
  const engineSha256 = made.checksums[made.engine_file];
  if (engineSha256 === undefined)
    throw failed(`the archive of version ${job.versionId} does not list its own '${made.engine_file}'`);
  const { lineage } = await registry.getVersion(job.versionId);
  await lifecycle.complete(job.id, { resultSha256: engineSha256 }, async () => {
    await registry.markReady(job.versionId, {
      artifactPath: join(artifacts.archiveFolder(job.versionId), made.engine_file),
      sha256: engineSha256,
      checksums: made.checksums,
      metrics: made.metrics,
      summary: made.summary,
      lineage: {
        ...lineage,
        // What it ran with, not what there was when it was queued.
        ...made.provenance,
        environment: {
          ...(made.provenance ?? lineage).environment,
          trainer_reason: job.specification.choice.reason,
          ...made.environment,
        },
      },
    });
  });
}

async function verify(
  dependencies: CompletionDependencies,
  exported: ExportedModel,
  result: TrainingResult,
  signal: AbortSignal,
): Promise<void> {
  if (!result.probes.some((probe) => probe.expectedTokens.length > 0)) {
    throw failed("the trainer gave nothing to compare the export with: no probe has an expected token");
  }
  const check = await dependencies.verifyExport(exported, result.probes, signal);
  if (!check.ok) {
    throw failed(
      `the exported ${exported.kind} does not answer in the engine as in the trainer${check.difference === null ? "" : `: ${check.difference}`}; it was not kept`,
    );
  }
}

/** Gathers the result's files (and nothing else of the folder) and moves them to the archive in one step. */
async function archive(
  { artifacts }: CompletionDependencies,
  job: QueuedJob,
  folder: string,
  made: Manifest,
): Promise<void> {
  const gathered = join(folder, "archive");
  await rm(gathered, { recursive: true, force: true });
  try {
    for (const file of Object.keys(made.checksums)) {
      await mkdir(dirname(join(gathered, file)), { recursive: true, mode: 0o700 });
      await linkOrCopy(join(folder, file), join(gathered, file));
    }
    await writeFileAtomically(join(gathered, manifestName), JSON.stringify(made, null, 2));
  } catch (error) {
    throw translateWriteError(error, gathered);
  }
  await artifacts.moveToArchive(gathered, job.versionId);
}

async function linkOrCopy(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch (error) {
    const code = fileErrorCode(error);
    // Some file systems have no second names for a file.
    if (code !== "EPERM" && code !== "ENOTSUP" && code !== "ENOSYS" && code !== "EMLINK") throw error;
    await copyFile(from, to, constants.COPYFILE_FICLONE);
  }
}

/** sha256 of every file that the trainer lists; they must be plain files in its folder. */
async function hashFiles(
  folder: string,
  result: TrainingResult,
  signal: AbortSignal,
): Promise<Record<string, string>> {
  const checksums: Record<string, string> = {};
  for (const file of result.files) {
    if (file !== basename(file) || file.startsWith(".") || file.includes("\\") || file === manifestName) {
      throw failed(`the trainer lists '${file}', which is no plain file name`);
    }
    const path = join(folder, file);
    if (!(await isPlainFile(path)))
      throw failed(`the trainer lists '${file}', and there is no such file in its folder`);
    checksums[file] = await hashFile(path, signal);
  }
  return checksums;
}

async function isPlainFile(path: string): Promise<boolean> {
  try {
    return (await lstat(path)).isFile();
  } catch (error) {
    if (fileErrorCode(error) === "ENOENT") return false;
    throw error;
  }
}

async function readManifest(path: string): Promise<Manifest | null> {
  try {
    return manifest.parse(JSON.parse(await readFile(path, "utf8")));
  } catch (error) {
    if (fileErrorCode(error) === "ENOENT") return null;
    throw new HearthError(
      "internal",
      `${path} cannot be read; move its folder away and start the job again`,
      { cause: error },
    );
  }
}

function adapterSummary({ specification }: QueuedJob): Record<string, string | number | boolean> {
  const { lora_rank, lora_alpha, lora_targets } = specification.trainer.parameters;
  return {
    adapter: "lora",
    rank: lora_rank,
    alpha: lora_alpha ?? defaultAlpha(lora_rank),
    targets: lora_targets.join(","),
  };
}

function finite(metrics: TrainingResult["metrics"]): Record<string, number> {
  return Object.fromEntries(Object.entries(metrics).filter(([, value]) => Number.isFinite(value)));
}

function failed(message: string): HearthError {
  return new HearthError("training_failed", message);
}
