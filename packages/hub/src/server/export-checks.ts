import { stat } from "node:fs/promises";
import type { ArtifactStore } from "../artifacts/fs/store.ts";
import type { Pool } from "../inference/pool.ts";
import { describeModelFile } from "../registry/import-model-file.ts";
import type { CompareAnswers } from "../training/gguf-twin.ts";
import type { DescribeModelFile, VerifyExport } from "../training/dependencies.ts";
import { sizeOf } from "./served-models.ts";

/** How training asks about the files that it made: the engine's own view of them, never this process's. */
export function createExportChecks(options: { pool: Pool; artifacts: ArtifactStore; active: string }): {
  verifyExport: VerifyExport;
  compareAnswers: CompareAnswers;
  describeModelFile: DescribeModelFile;
} {
  const { pool, artifacts, active } = options;
  return {
    async verifyExport(exported, probes, signal) {
      const weights = exported.base ?? exported;
      const { mismatch } = await pool.verifyExport(
        {
          base: {
            // A model that is a folder is one in MLX's format.
            format: (await stat(weights.path)).isDirectory() ? "mlx" : "gguf",
            basePath: weights.path,
            baseSha256: weights.sha256,
            bytes: await sizeOf(weights.path),
            shape: null,
          },
          adapter: exported.base === null ? null : { path: exported.path, sha256: exported.sha256 },
        },
        probes,
        signal,
      );
      if (mismatch === null) return { ok: true, difference: null };
      const { probe, position, expected, found } = mismatch;
      const instead = found === null ? "ended the answer" : `gave token ${found}`;
      return {
        ok: false,
        difference: `in probe ${probe}, position ${position}, the trainer expects token ${expected} and the engine ${instead}`,
      };
    },
    async compareAnswers({ base, adapter }, probes, signal) {
      const weights = {
        basePath: base.path,
        baseSha256: base.sha256,
        bytes: await sizeOf(base.path),
        shape: null,
      };
      return await pool.compareExport({ base: weights, adapter }, probes, signal);
    },
    async describeModelFile(path, signal) {
      return await describeModelFile(path, { artifacts, dataPaths: [active] }, signal);
    },
  };
}
