import type { StepScalars } from "../model/adamw.ts";
import type { ModelPlan } from "../model/graphs.ts";
import { gradientName } from "../model/graphs.ts";
import { TrainedMemory } from "../optimizer/trained-memory.ts";
import type { ProgramSpec } from "../program.ts";
import type { CheckedBatch } from "./batch.ts";
import type { Sessions } from "./sessions.ts";
import { HostState, knownFeeds } from "./state.ts";
import type { Steps } from "./steps.ts";

/** Steps of a program whose state is in host memory: the graph gives gradients, the optimizer's kernel the rest. */
export class HostSteps implements Steps {
  readonly state: HostState;
  readonly #memory: TrainedMemory;
  readonly #gradients: readonly string[];
  readonly #accumulates: boolean;

  /** Errors: as those of {@link TrainedMemory}. */
  constructor(
    { parameters }: Pick<ModelPlan, "parameters">,
    { optimizer, accumulate, threads }: ProgramSpec,
  ) {
    this.#memory = new TrainedMemory(parameters, optimizer, threads);
    this.#gradients = parameters.map(({ name }) => gradientName(name));
    this.#accumulates = accumulate > 1;
    this.state = new HostState(this.#memory.tensors);
  }

  async step(sessions: Sessions, batches: readonly CheckedBatch[], weight: number, scalars: StepScalars) {
    if (this.#accumulates) this.#memory.clearGradients();
    let loss = 0;
    for (const batch of batches) {
      const session = await sessions.get("gradient", batch.shape);
      const feeds = { ...knownFeeds(this.state, session), ...batch.feeds(weight) };
      loss += await this.state.update(session, feeds, this.#gradients, "loss");
    }
    return { loss, gradientNorm: await this.#memory.step(scalars) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#memory[Symbol.asyncDispose]();
    await this.state[Symbol.asyncDispose]();
  }
}
