import { trainingParameters } from "@hearth/wire/hub/training";
import { HearthError } from "../../../errors.ts";
import { refuse } from "../../checks/refuse.ts";
import type { Trainer } from "../trainer.ts";
import { mlxRequirements } from "./requirements.ts";
import type { MlxPython } from "./run-training.ts";

/** The environment with mlx-lm, with what is told of it. */
export interface MlxFound extends MlxPython {
  /** Of mlx-lm. */
  version: string;
}

/** The settings of a recipe that the script does as they say. Any other must be as if nobody had set it. */
const understood: ReadonlySet<string> = new Set([
  "recipe",
  "trainer",
  "lora_rank",
  "lora_alpha",
  "lora_targets",
  "learning_rate",
  "epochs",
  "batch_size",
  "gradient_accumulation",
  "sequence_length",
  "warmup_ratio",
  "weight_decay",
  "clip_norm",
  "validation_every",
  "checkpoint_every",
  "sample_steps",
  "sample_prompts",
  "seed",
  "threads",
]);

/**
 * Low-rank adapters of models in MLX's format, by mlx-lm in the Python of `hearth mlx install`.
 *
 * @param find the environment; throws a HearthError that says why there is none and what to do
 */
export function mlxTrainer(find: () => MlxFound): Trainer {
  return {
    name: "mlx",
    title: "MLX, in its own Python",
    formats: ["mlx"],
    recipes: ["lora"],
    availability() {
      try {
        const { version, device } = find();
        return { available: true, found: `mlx-lm ${version} on ${device}` };
      } catch (error) {
        if (!(error instanceof HearthError)) throw error;
        return { available: false, found: error.message };
      }
    },
    problemWith: () => null,
    check(parameters) {
      const untouched = new Map<string, unknown>(Object.entries(trainingParameters.parse({})));
      for (const [field, value] of Object.entries(parameters)) {
        const neutral = untouched.get(field);
        if (understood.has(field) || JSON.stringify(value) === JSON.stringify(neutral)) continue;
        refuse(
          field,
          value,
          neutral === undefined ? "absent" : JSON.stringify(neutral),
          "the trainer 'mlx' has no such setting",
        );
      }
    },
    recomputes: false,
    requirements: mlxRequirements,
    launch() {
      const { interpreter, device } = find();
      return { module: new URL("./child.ts", import.meta.url), args: [interpreter, device] };
    },
  };
}
