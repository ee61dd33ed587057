import ort from "onnxruntime-node";
import { HearthError } from "../../../../errors.ts";
import { Graph } from "../graph/graph.ts";
import { identity } from "../graph/ops/shape.ts";
import { elementCount } from "../graph/value.ts";
import { stateNames, stepScalarValues } from "../model/adamw.ts";
import type { ModelPlan } from "../model/graphs.ts";
import { headName } from "../model/graphs.ts";
import type { KeptMatrix, KeptType } from "../model/kept-weight.ts";
import { keptContents, keptName, keptParts } from "../model/kept-weight.ts";
import { loraStart } from "../model/lora-start.ts";
import { largestDecodedHead, planModel } from "../model/plan.ts";
import type { Batch, ProgramSpec, StepResult, TrainingProgram } from "../program.ts";
import { checkBatch, checkTokens } from "./batch.ts";
import { DeviceSteps } from "./device-steps.ts";
import { HostSteps } from "./host-steps.ts";
import { openSession } from "./session.ts";
import type { Diagnostics } from "./sessions.ts";
import { Sessions } from "./sessions.ts";
import type { State } from "./state.ts";
import { knownFeeds } from "./state.ts";
import type { Steps } from "./steps.ts";

/** Reads the weights of a specification and opens its program. See `createProgram`. */
export async function openProgram(
  spec: ProgramSpec,
  diagnostics: Diagnostics = {},
): Promise<TrainingProgram> {
  if (!Number.isInteger(spec.accumulate) || spec.accumulate < 1) {
    throw new HearthError(
      "invalid_request",
      `accumulate is ${spec.accumulate}; it must be a whole number from 1`,
    );
  }
  const planned = planModel(spec);
  const steps: Steps =
    spec.provider === "webgpu"
      ? new DeviceSteps(planned, spec, (shape, toDevice) => openCopy(spec, shape, toDevice))
      : new HostSteps(planned, spec);
  const { state } = steps;
  const kept = new Map<string, KeptType>();
  for (const { name, shape } of planned.weights) {
    const stored = await readKept(spec, name, shape);
    if (stored === undefined) {
      const values = await spec.weights.read(name);
      if (values.length !== elementCount(shape)) {
        throw new HearthError(
          "model_file_invalid",
          `${name} has ${values.length} values; its shape ${shape.join(" × ")} needs ${elementCount(shape)}`,
        );
      }
      await state.put(name, shape, values);
      continue;
    }
    const type = stored instanceof Uint16Array ? "F16" : stored.type;
    const contents = keptContents(stored);
    for (const [index, { part, shape: extents }] of keptParts(type, shape).entries()) {
      const own = contents[index];
      if (own === undefined) throw new Error(`the matrix ${name} in ${type} has no ${part}`);
      await state.put(keptName(name, part), extents, own);
    }
    kept.set(name, type);
  }
  const plan = { ...planned, kept };
  for (const { name, shape } of plan.parameters) {
    const [, first, second] = stateNames(name);
    if (spec.train.kind === "lora") await state.put(name, shape, adapterStart(name, shape, spec.train.seed));
    for (const moment of [first, second])
      if (!state.has(moment)) await state.put(moment, shape, new Float32Array(elementCount(shape)));
  }
  return new OnnxProgram(spec, plan, steps, new Sessions(spec, plan, diagnostics));
}

/**
 * Only a frozen matrix can be kept as it is stored, and only the CPU provider decodes it. The head is
 * kept in blocks where that saves memory: where it is so large that only slices of it are decoded.
 */
async function readKept(
  spec: ProgramSpec,
  name: string,
  shape: readonly number[],
): Promise<KeptMatrix | undefined> {
  if (spec.train.kind === "full" || spec.provider !== "cpu" || shape.length !== 2) return undefined;
  const isHead = name === headName(spec.weights.shape);
  if (isHead && elementCount(shape) <= (spec.largestDecodedHead ?? largestDecodedHead)) return undefined;
  const matrix = await spec.weights.readKept?.(name);
  return isHead && matrix instanceof Uint16Array ? undefined : matrix;
}

/** Random for a matrix A, zero for a matrix B. */
function adapterStart(name: string, shape: readonly number[], seed: number): Float32Array {
  return name.endsWith(".lora_a") ? loraStart(name, shape, seed) : new Float32Array(elementCount(shape));
}

function openCopy(spec: ProgramSpec, shape: readonly number[], toDevice: boolean) {
  const graph = new Graph();
  graph.output("y", identity(graph, graph.input("x", shape)));
  return openSession(graph, {
    provider: spec.provider,
    threads: spec.threads,
    deviceOutputs: toDevice ? ["y"] : [],
  });
}

/** Positions that are predicted together, where the chunks of the loss are not smaller: no more memory than those. */
const predictedPositions = 64;

class OnnxProgram implements TrainingProgram {
  readonly trainable: ModelPlan["parameters"];
  readonly #spec: ProgramSpec;
  readonly #plan: ModelPlan;
  readonly #steps: Steps;
  readonly #state: State;
  readonly #sessions: Sessions;
  #closed = false;

  constructor(spec: ProgramSpec, plan: ModelPlan, steps: Steps, sessions: Sessions) {
    this.#spec = spec;
    this.#plan = plan;
    this.#steps = steps;
    this.#state = steps.state;
    this.#sessions = sessions;
    this.trainable = plan.parameters;
  }

  async step(
    batches: readonly Batch[],
    { learningRate, step }: { learningRate: number; step: number },
  ): Promise<StepResult> {
    if (batches.length < 1 || batches.length > this.#spec.accumulate) {
      throw new HearthError(
        "invalid_request",
        `a step takes 1 to ${this.#spec.accumulate} micro-batches, found ${batches.length}`,
      );
    }
    const checked = batches.map((batch) => checkBatch(batch, this.#spec, this.#plan.shape));
    const lossTokens = checked.reduce((sum, { scored }) => sum + scored, 0);
    if (lossTokens === 0) return { loss: 0, gradientNorm: 0, lossTokens: 0 };
    const scalars = stepScalarValues(this.#spec.optimizer, learningRate, step);
    const result = await this.#steps.step(this.#sessions, checked, 1 / lossTokens, scalars);
    return { ...result, lossTokens };
  }

  async evaluate(batch: Batch): Promise<{ lossSum: number; lossTokens: number }> {
    const checked = checkBatch(batch, this.#spec, this.#plan.shape);
    if (checked.scored === 0) return { lossSum: 0, lossTokens: 0 };
    const session = await this.#sessions.get("evaluation", checked.shape);
    const results = await session.run({ ...knownFeeds(this.#state, session), ...checked.feeds(1) }, ["loss"]);
    return { lossSum: Number(results["loss"]?.data[0]), lossTokens: checked.scored };
  }

  async logits(tokens: Int32Array): Promise<Float32Array> {
    const length = this.#spec.sequenceLength;
    if (tokens.length < 1 || tokens.length > length) {
      throw new HearthError(
        "invalid_request",
        `logits of ${tokens.length} tokens asked for; the program takes 1 to ${length}`,
      );
    }
    checkTokens(tokens, this.#plan.shape.vocabulary);
    const padded = new Int32Array(length);
    padded.set(tokens);
    const session = await this.#sessions.get("logits");
    const { logits } = await session.run({
      ...knownFeeds(this.#state, session),
      tokens: new ort.Tensor("int32", padded, [length]),
      position: new ort.Tensor("int32", Int32Array.of(tokens.length - 1), [1]),
    });
    if (!(logits?.data instanceof Float32Array)) throw new Error("the run gave no logits");
    return logits.data;
  }

  get longestPrediction(): number {
    return Math.min(predictedPositions, this.#plan.lossChunk);
  }

  async predict(tokens: Int32Array, { from, length }: { from: number; length: number }): Promise<Int32Array> {
    const { vocabulary, context } = this.#plan.shape;
    const count = tokens.length - from;
    const scored = this.longestPrediction;
    if (from < 0 || count < 1 || count > scored || tokens.length > length || length > context) {
      throw new HearthError(
        "invalid_request",
        `predictions after tokens ${from} to ${tokens.length - 1} of ${length} asked for; one takes 1 to ${scored} positions of at most ${context}`,
      );
    }
    checkTokens(tokens, vocabulary);
    const padded = new Int32Array(length);
    padded.set(tokens);
    const positions = new Int32Array(scored).fill(from);
    for (let index = 0; index < count; index++) positions[index] = from + index;
    const session = await this.#sessions.get("prediction", { batchSize: 1, sequenceLength: length, scored });
    const { logits } = await session.run({
      ...knownFeeds(this.#state, session),
      tokens: new ort.Tensor("int32", padded, [length]),
      position: new ort.Tensor("int32", positions, [scored]),
    });
    const values = logits?.data;
    if (!(values instanceof Float32Array)) throw new Error("the run gave no logits");
    return Int32Array.from({ length: count }, (_, index) =>
      largest(values.subarray(index * vocabulary, (index + 1) * vocabulary)),
    );
  }

  async read(name: string): Promise<Float32Array> {
    return this.#state.read(name);
  }

  async saveState(): Promise<Map<string, Float32Array>> {
    const saved = new Map<string, Float32Array>();
    for (const name of this.#plan.parameters.flatMap((parameter) => stateNames(parameter.name)))
      saved.set(name, await this.#state.read(name));
    return saved;
  }

  async loadState(saved: ReadonlyMap<string, Float32Array>): Promise<void> {
    const wanted = this.#plan.parameters.flatMap(({ name, shape }) =>
      stateNames(name).map((part) => ({ part, shape, values: saved.get(part) })),
    );
    for (const { part, shape, values } of wanted) {
      if (values?.length === elementCount(shape)) continue;
      throw new HearthError(
        "invalid_request",
        `the saved state has ${values?.length ?? "no"} values for ${part}; this program needs ${elementCount(shape)}`,
      );
    }
    for (const { part, shape, values } of wanted)
      await this.#state.put(part, shape, new Float32Array(values ?? []));
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#sessions[Symbol.asyncDispose]();
    await this.#steps[Symbol.asyncDispose]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

/** Index of the largest value, the first of equals. */
function largest(values: Float32Array): number {
  let best = 0;
  for (let index = 1; index < values.length; index++) {
    if ((values[index] ?? -Infinity) > (values[best] ?? -Infinity)) best = index;
  }
  return best;
}
