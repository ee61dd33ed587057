import { join } from "node:path";
import { describe } from "vitest";
import { MlxEngine } from "../../../inference/engines/mlx/engine.ts";
import { mlxFiles } from "../../../inference/tests/mlx-fixtures.ts";
import { writeMlxModel } from "../../../inference/tests/mlx-models.ts";
import { mlxPeer } from "../../../inference/tests/mlx-peer.ts";
import { tinyShape } from "../../../inference/tests/model-fixtures.ts";
import { trainerContract } from "../trainer-contract.ts";

const peer = mlxPeer();

describe.skipIf(peer === null)("with mlx-lm", () => {
  const environment = peer ?? { interpreter: "", device: "cpu" as const };

  trainerContract("mlx", async (folder) => {
    const path = join(folder, "base");
    await writeMlxModel(path, tinyShape, 1);
    const spoiltBase = join(folder, "spoilt");
    await writeMlxModel(spoiltBase, tinyShape, 1, { spoilt: "model.layers.1.mlp.up_proj.weight" });
    return {
      launch: {
        module: new URL("child.ts", import.meta.url),
        args: [environment.interpreter, environment.device],
      },
      base: await mlxFiles(path, tinyShape),
      spoiltBase,
      createEngine: () => new MlxEngine({ server: { environment }, logFile: join(folder, "server.log") }),
    };
  });
});
