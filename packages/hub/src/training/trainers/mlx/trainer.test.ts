import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { MlxEngine } from "../../../inference/engines/mlx/engine.ts";
import { mlxFiles } from "../../../inference/tests/mlx-fixtures.ts";
import { writeMlxModel } from "../../../inference/tests/mlx-models.ts";
import { mlxPeer } from "../../../inference/tests/mlx-peer.ts";
import { tinyShape } from "../../../inference/tests/model-fixtures.ts";
import { chatRows, specificationOf, startOf, temporaryFolder, writeRows } from "../onnx/testing/tiny-base.ts";
import { guardsOf } from "../testing/outcome.ts";
import { descendants, TrainerRun } from "../testing/trainer-run.ts";
import { trainerContract } from "../trainer-contract.ts";
import { divergingInterpreter } from "./testing/diverging-interpreter.ts";

const peer = mlxPeer();

describe.skipIf(peer === null)("with mlx-lm", () => {
  const environment = peer ?? { interpreter: "", device: "cpu" as const };

  const launch = {
    module: new URL("child.ts", import.meta.url),
    args: [environment.interpreter, environment.device],
  };

  test.runIf(process.platform === "linux")(
    "kill -9 of Python: the trainer is lost, not failed, and the next one goes on",
    { timeout: 600_000 },
    async () => {
      await using folder = await temporaryFolder();
      await writeMlxModel(join(folder.path, "base"), tinyShape, 1);
      const files = {
        base: join(folder.path, "base"),
        train: await writeRows(join(folder.path, "train.jsonl"), chatRows(32, 2)),
      };
      const settings = { batch_size: 8, learning_rate: 0.02, sequence_length: 64, checkpoint_every: 2 };
      const specification = specificationOf({ ...settings, epochs: 4 }, files);
      const lost = new TrainerRun(launch);
      lost.train(folder.path, specification);
      await lost.step(3);
      const [python] = await descendants(lost.pid);
      process.kill(python ?? -1, "SIGKILL");
      expect(await lost.exit).toEqual({ code: 1, signal: null });
      expect(lost.events.filter(({ type }) => type === "failed" || type === "result")).toEqual([]);
      const next = new TrainerRun(launch);
      next.train(folder.path, specification);
      await next.seen(({ type }) => type === "result");
      expect(startOf(next.events)).toBeGreaterThanOrEqual(2);
    },
  );

  test.runIf(process.platform === "linux")(
    "more memory than the job may use: ended with both figures, which a guard tells",
    { timeout: 600_000 },
    async () => {
      await using folder = await temporaryFolder();
      await writeMlxModel(join(folder.path, "base"), tinyShape, 1);
      const train = await writeRows(join(folder.path, "train.jsonl"), chatRows(32, 2));
      const run = new TrainerRun(launch);
      run.train(folder.path, specificationOf({}, { base: join(folder.path, "base"), train }), 40e6);
      const message = expect.stringMatching(/too much memory.*holds \d+ bytes, the limit is 40000000/);
      expect(await run.seen(({ type }) => type === "failed")).toMatchObject({
        error: { code: "resource_exhausted", message },
      });
      expect(guardsOf(run.events)).toMatchObject([{ guard: { kind: "memory", action: "stopped", message } }]);
      expect((await run.exit).code).toBe(1);
    },
  );

  trainerContract("mlx", async (folder) => {
    const path = join(folder, "base");
    await writeMlxModel(path, tinyShape, 1);
    const spoiltBase = join(folder, "spoilt");
    await writeMlxModel(spoiltBase, tinyShape, 1, { spoilt: "model.layers.1.mlp.up_proj.weight" });
    return {
      launch,
      diverging: async (fault) => ({
        ...launch,
        args: [await divergingInterpreter(folder, environment.interpreter, fault), environment.device],
      }),
      base: await mlxFiles(path, tinyShape),
      spoiltBase,
      createEngine: () => new MlxEngine({ server: { environment }, logFile: join(folder, "server.log") }),
    };
  });
});
