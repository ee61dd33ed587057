import { randomUUID } from "node:crypto";
import { constants, copyFile, mkdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { ModelVersion } from "@hearth/wire/hub/models";
import { z } from "zod";
import { hashFile } from "../artifacts/fs/hash.ts";
import { HearthError } from "../errors.ts";
import type { TrainingRooms } from "./dependencies.ts";
import { refuse } from "./checks/refuse.ts";
import type { Probe } from "./trainers/trainer.ts";

/** Beside an adapter that was trained in another format: the same for the llama engine, and what it must answer. */
export const ggufTwinFiles = { adapter: "adapter.gguf", probes: "probes.json" } as const;

const tokens = z.array(z.int().min(0));
const probesFile = z.array(z.strictObject({ promptTokens: tokens.min(1), expectedTokens: tokens })).max(64);

/** Prompts of the training that a twin answers with the same first token, at the least; another model answers none. */
const leastAgreement = 0.5;

/** How many probes' first tokens an engine gives, of how many. */
export type CompareAnswers = (
  files: { base: { path: string; sha256: string }; adapter: { path: string; sha256: string } },
  probes: readonly Probe[],
  signal: AbortSignal,
) => Promise<{ agreed: number; asked: number }>;

export type GgufTwinRooms = Pick<TrainingRooms, "database" | "registry" | "artifacts"> & {
  compare: CompareAnswers;
};

/**
 * Gives the model of an adapter another version: the same adapter on the same base in GGUF. The base is believed to
 * be the same when the engine answers the training's prompts with it as the trainer did.
 *
 * @throws HearthError `invalid_request` (details: field, value, allowed), `conflict`, `not_found`
 */
export async function makeGgufTwin(
  { database, registry, artifacts, compare }: GgufTwinRooms,
  request: { version: string; base: string },
  signal: AbortSignal,
): Promise<ModelVersion> {
  const [original, base] = await Promise.all([
    registry.resolve(request.version),
    registry.resolve(request.base),
  ]);
  const name = `${original.model}:${original.version}`;
  const { artifact_path: own, checksums } = original;
  const sha256 = checksums[ggufTwinFiles.probes] === undefined ? undefined : checksums[ggufTwinFiles.adapter];
  if (original.kind !== "adapter" || sha256 === undefined || own === null || original.lineage.base === null)
    refuse(
      "version",
      name,
      "an adapter that was trained on a base in MLX's format",
      `${name} has no copy for GGUF`,
    );
  const { artifact_path: basePath, sha256: baseSha256 } = base;
  if (base.kind !== "full" || base.summary?.["format"] === "mlx" || basePath === null || baseSha256 === null)
    refuse(
      "base",
      request.base,
      "a version with full weights from a GGUF file",
      `${base.model}:${base.version} is none`,
    );
  const adapter = { path: join(dirname(own), ggufTwinFiles.adapter), sha256 };
  const probes = probesFile.parse(
    JSON.parse(await readFile(join(dirname(own), ggufTwinFiles.probes), "utf8")),
  );
  const { agreed, asked } = await compare(
    { base: { path: basePath, sha256: baseSha256 }, adapter },
    probes,
    signal,
  );
  if (agreed < leastAgreement * asked)
    refuse(
      "base",
      request.base,
      `the model of ${original.lineage.base.reference} in GGUF`,
      `with ${name}, ${base.model}:${base.version} begins ${agreed} of ${asked} answers as the trainer did, so it is not the same model`,
    );
  // Named like a job's: a start removes the folder of one that the database does not know.
  const staging = randomUUID();
  let made: string | null = null;
  try {
    const folder = join(await artifacts.jobFolder(staging), "archive");
    await mkdir(folder, { mode: 0o700 });
    const copy = join(folder, ggufTwinFiles.adapter);
    await copyFile(adapter.path, copy, constants.COPYFILE_FICLONE);
    if ((await hashFile(copy, signal)) !== sha256)
      throw new HearthError(
        "conflict",
        `${adapter.path} is not what was trained any more; train ${name} again.`,
      );
    return await database.transaction(async () => {
      const version = await registry.createVersion({
        model: original.model_id,
        kind: "adapter",
        baseVersionId: base.id,
      });
      made = version.id;
      const archived = await artifacts.moveToArchive(folder, version.id);
      return registry.markReady(version.id, {
        artifactPath: join(archived, ggufTwinFiles.adapter),
        sha256,
        checksums: { [ggufTwinFiles.adapter]: sha256 },
        metrics: original.metrics,
        ...(original.summary === null ? {} : { summary: original.summary }),
        lineage: {
          ...original.lineage,
          // Not made by the job, which another version names: there is nothing to run again.
          job_id: null,
          base: { version_id: base.id, reference: `${base.model}:${base.version}`, sha256: baseSha256 },
          environment: {
            ...original.lineage.environment,
            converted_from: `${name}@${original.sha256 ?? ""}`,
            answers_as_trained: `${agreed} of ${asked}`,
          },
        },
      });
    });
  } catch (error) {
    if (made !== null) await artifacts.removeArchive(made);
    throw error;
  } finally {
    await artifacts.removeJobFolder(staging);
  }
}
