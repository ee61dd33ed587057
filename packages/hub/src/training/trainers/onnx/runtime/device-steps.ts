import ort from "onnxruntime-node";
import { elementCount } from "../graph/value.ts";
import type { StepScalars } from "../model/adamw.ts";
import { stateNames } from "../model/adamw.ts";
import type { ModelPlan } from "../model/graphs.ts";
import { gradientName } from "../model/graphs.ts";
import type { ProgramSpec } from "../program.ts";
import type { CheckedBatch } from "./batch.ts";
import type { Sessions } from "./sessions.ts";
import type { OpenCopy, Tensors } from "./state.ts";
import { DeviceState, knownFeeds } from "./state.ts";
import type { Steps } from "./steps.ts";

/** Steps of a program whose state stays on the device: the update is part of the graphs. */
export class DeviceSteps implements Steps {
  readonly state: DeviceState;
  readonly #parameters: ModelPlan["parameters"];
  readonly #accumulates: boolean;

  constructor(
    { parameters }: Pick<ModelPlan, "parameters">,
    { accumulate }: Pick<ProgramSpec, "accumulate">,
    openCopy: OpenCopy,
  ) {
    this.state = new DeviceState(openCopy);
    this.#parameters = parameters;
    this.#accumulates = accumulate > 1;
  }

  async step(sessions: Sessions, batches: readonly CheckedBatch[], weight: number, scalars: StepScalars) {
    const accept = ({ gradientNorm }: Record<string, number>) => Number.isFinite(gradientNorm);
    const updated = this.#parameters.flatMap(({ name }) => stateNames(name));
    const [only] = batches;
    if (!this.#accumulates && only !== undefined) {
      const session = await sessions.get("step", only.shape);
      const feeds = { ...knownFeeds(this.state, session), ...only.feeds(weight), ...tensorsOf(scalars) };
      const others = ["loss", "gradientNorm"];
      const { loss = NaN, gradientNorm = NaN } = await this.state.update(
        session,
        feeds,
        updated,
        others,
        accept,
      );
      return { loss, gradientNorm };
    }
    const loss = await this.#sumGradients(sessions, batches, weight);
    const session = await sessions.get("update");
    const feeds = { ...knownFeeds(this.state, session), ...tensorsOf(scalars) };
    const { gradientNorm = NaN } = await this.state.update(session, feeds, updated, ["gradientNorm"], accept);
    return { loss, gradientNorm };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.state[Symbol.asyncDispose]();
  }

  async #sumGradients(sessions: Sessions, batches: readonly CheckedBatch[], weight: number): Promise<number> {
    const sums = this.#parameters.map(({ name }) => gradientName(name));
    for (const { name, shape } of this.#parameters)
      await this.state.put(gradientName(name), shape, new Float32Array(elementCount(shape)));
    let total = 0;
    for (const batch of batches) {
      const session = await sessions.get("gradient", batch.shape);
      const feeds = { ...knownFeeds(this.state, session), ...batch.feeds(weight) };
      const { loss = NaN } = await this.state.update(session, feeds, sums, ["loss"], () => true);
      total += loss;
    }
    return total;
  }
}

function tensorsOf(scalars: StepScalars): Tensors {
  return Object.fromEntries(
    Object.entries(scalars).map(([name, value]) => [
      name,
      new ort.Tensor("float32", Float32Array.of(value), []),
    ]),
  );
}
