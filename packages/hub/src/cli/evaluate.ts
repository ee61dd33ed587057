import type { HearthClient } from "@hearth/sdk";
import type { Evaluation, evaluationRequest } from "@hearth/wire/hub/evaluation";
import type { z } from "zod";
import { startStage } from "./progress.ts";

/** Evaluates with a progress bar. */
export async function runEvaluation(
  client: HearthClient,
  request: z.input<typeof evaluationRequest>,
  signal: AbortSignal,
): Promise<Evaluation> {
  const stage = startStage(`evaluate ${request.model}`);
  try {
    const evaluation = await client.evaluations.run(request, {
      signal,
      onProgress: (done, total) => stage.update(done / Math.max(1, total), `${done}/${total}`),
    });
    stage.done();
    return evaluation;
  } catch (error) {
    stage.failed("stopped");
    throw error;
  }
}
