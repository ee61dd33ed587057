import { setTimeout as delay } from "node:timers/promises";
import { serveTrainer } from "../../trainer-process.ts";
import { createProgram } from "../program.ts";
import { runTraining } from "../run-training.ts";

/*
 * The embedded trainer's process with a fault: `diverging-child.ts STEP LIMIT SLOW_FROM SLOWNESS` computes no number at
 * the step when the rate is above the limit, and takes milliseconds more for each step from another one on.
 */
const [at = 0, limit = 0, slowFrom = 0, slowness = 0] = process.argv.slice(2).map(Number);

serveTrainer((specification, attempt, options) =>
  runTraining(specification, attempt, {
    ...options,
    openProgram: async (spec) => {
      const program = await createProgram(spec);
      const bare = program.step.bind(program);
      program.step = async (batches, { step, learningRate }) => {
        if (step >= slowFrom) await delay(slowness);
        return step === at && learningRate > limit
          ? { loss: Number.NaN, gradientNorm: Number.NaN, lossTokens: 1 }
          : await bare(batches, { step, learningRate });
      };
      return program;
    },
  }),
);
