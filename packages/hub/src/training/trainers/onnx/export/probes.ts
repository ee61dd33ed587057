import type { Probe } from "../../trainer.ts";
import type { TrainingProgram } from "../program.ts";

/** Most tokens that a probe continues. */
const longestContinuation = 16;
const wantedProbes = 8;

export interface ProbeOptions {
  prompts: readonly number[][];
  sequenceLength: number;
  /** A probe ends before the first of these. */
  controlTokens: ReadonlySet<number>;
  /** Two best logits that are closer than this end a probe: the engine may order them differently. */
  margin: number;
}

/**
 * Greedy continuations by the trainer's own forward pass, for at most eight of the prompts. A prompt
 * whose very first token is too close to call, or is a control token, gives no probe.
 */
export async function greedyProbes(
  program: Pick<TrainingProgram, "logits">,
  options: ProbeOptions,
  between: () => Promise<void>,
): Promise<Probe[]> {
  const probes: Probe[] = [];
  for (const promptTokens of options.prompts) {
    if (probes.length === wantedProbes) break;
    const expectedTokens: number[] = [];
    while (
      expectedTokens.length < longestContinuation &&
      promptTokens.length + expectedTokens.length < options.sequenceLength
    ) {
      await between();
      const { token, margin } = best(
        await program.logits(Int32Array.from([...promptTokens, ...expectedTokens])),
      );
      if (margin < options.margin || options.controlTokens.has(token)) break;
      expectedTokens.push(token);
    }
    if (expectedTokens.length > 0) probes.push({ promptTokens: [...promptTokens], expectedTokens });
  }
  return probes;
}

/** The largest logit's index and how far it is above the second. */
function best(logits: Float32Array): { token: number; margin: number } {
  let token = 0;
  let first = -Infinity;
  let second = -Infinity;
  logits.forEach((logit, index) => {
    if (logit > first) {
      second = first;
      first = logit;
      token = index;
    } else if (logit > second) second = logit;
  });
  return { token, margin: first - second };
}
