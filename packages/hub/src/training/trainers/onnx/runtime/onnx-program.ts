import ort from "onnxruntime-node";
import { HearthError } from "../../../../errors.ts";
import { Graph } from "../graph/graph.ts";
import { identity } from "../graph/ops/shape.ts";
import { elementCount } from "../graph/value.ts";
import { nextName, stateNames, stepScalarValues } from "../model/adamw.ts";
import type { BatchShape, ModelPlan, Parameter } from "../model/graphs.ts";
import {
  evaluationGraph,
  gradientGraph,
  gradientName,
  headName,
  logitsGraph,
  stepGraph,
  updateGraph,
} from "../model/graphs.ts";
import type { KeptMatrix, KeptType } from "../model/kept-weight.ts";
import { keptContents, keptName, keptParts } from "../model/kept-weight.ts";
import type { WeightShape } from "../model/parameters.ts";
import { loraStart } from "../model/lora-start.ts";
import { largestDecodedHead, planModel } from "../model/plan.ts";
import type { Batch, ProgramSpec, StepResult, TrainingProgram } from "../program.ts";
import { checkBatch, checkTokens } from "./batch.ts";
import { openSession } from "./session.ts";
import type { State, Tensors } from "./state.ts";
import { DeviceState, HostState } from "./state.ts";

/** For finding out where the time goes. */
export interface Diagnostics {
  /** Start of the name of a file that gets the time of every operator when a session closes. */
  readonly profilePrefix?: string;
}

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
  const state: State =
    spec.provider === "webgpu"
      ? new DeviceState((shape, toDevice) => openCopy(spec, shape, toDevice))
      : new HostState();
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
  for (const parameter of plan.parameters) {
    const { name, shape } = parameter;
    const [, first, second] = stateNames(name);
    if (spec.train.kind === "lora") await state.put(name, shape, adapterStart(parameter, spec.train.seed));
    await state.put(first, shape, new Float32Array(elementCount(shape)));
    await state.put(second, shape, new Float32Array(elementCount(shape)));
    if (spec.accumulate > 1) {
      await state.put(gradientName(name), shape, new Float32Array(elementCount(shape)));
    }
  }
  return new OnnxProgram(spec, plan, state, diagnostics);
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

/** Random matrices A and zero matrices B, in the order in which they are kept. */
function adapterStart(parameter: Parameter, seed: number): Float32Array {
  const start = new Float32Array(elementCount(parameter.shape));
  let at = 0;
  for (const { name, shape } of parameter.parts ?? [parameter]) {
    if (name.endsWith(".lora_a")) start.set(loraStart(name, shape, seed), at);
    at += elementCount(shape);
  }
  return start;
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

type SessionKind = "step" | "gradient" | "update" | "evaluation" | "logits" | "prediction";

/** Positions that are predicted together, where the chunks of the loss are not smaller: no more memory than those. */
const predictedPositions = 64;

class OnnxProgram implements TrainingProgram {
  readonly trainable: ModelPlan["trainable"];
  readonly #spec: ProgramSpec;
  readonly #plan: ModelPlan;
  readonly #state: State;
  readonly #diagnostics: Diagnostics;
  readonly #sessions = new Map<string, Promise<ort.InferenceSession>>();
  #closed = false;

  constructor(spec: ProgramSpec, plan: ModelPlan, state: State, diagnostics: Diagnostics) {
    this.#diagnostics = diagnostics;
    this.#spec = spec;
    this.#plan = plan;
    this.#state = state;
    this.trainable = plan.trainable;
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
    const scalars = this.#scalars(learningRate, step);
    const accept = ({ gradientNorm }: Record<string, number>) => Number.isFinite(gradientNorm);

    if (this.#spec.accumulate === 1) {
      const [only] = checked;
      if (only === undefined) throw new Error("no batch");
      const session = await this.#session("step", only.shape);
      const feeds = { ...this.#known(session), ...only.feeds(1 / lossTokens), ...scalars };
      const { loss = NaN, gradientNorm = NaN } = await this.#state.update(
        session,
        feeds,
        this.#updatedNames(),
        ["loss", "gradientNorm"],
        accept,
      );
      return { loss, gradientNorm, lossTokens };
    }

    const sums = this.#plan.parameters.map(({ name }) => gradientName(name));
    for (const { name, shape } of this.#plan.parameters) {
      await this.#state.put(gradientName(name), shape, new Float32Array(elementCount(shape)));
    }
    let total = 0;
    for (const batch of checked) {
      const backward = await this.#session("gradient", batch.shape);
      const feeds = { ...this.#known(backward), ...batch.feeds(1 / lossTokens) };
      const { loss = NaN } = await this.#state.update(backward, feeds, sums, ["loss"], () => true);
      total += loss;
    }
    const update = await this.#session("update");
    const feeds = { ...this.#known(update), ...scalars };
    const { gradientNorm = NaN } = await this.#state.update(
      update,
      feeds,
      this.#updatedNames(),
      ["gradientNorm"],
      accept,
    );
    return { loss: total, gradientNorm, lossTokens };
  }

  async evaluate(batch: Batch): Promise<{ lossSum: number; lossTokens: number }> {
    const checked = checkBatch(batch, this.#spec, this.#plan.shape);
    if (checked.scored === 0) return { lossSum: 0, lossTokens: 0 };
    const session = await this.#session("evaluation", checked.shape);
    const results = await session.run({ ...this.#known(session), ...checked.feeds(1) }, ["loss"]);
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
    const session = await this.#session("logits");
    const { logits } = await session.run({
      ...this.#known(session),
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
    const session = await this.#session("prediction", { batchSize: 1, sequenceLength: length, scored });
    const { logits } = await session.run({
      ...this.#known(session),
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
    for (const { name: whole, parts } of this.#plan.parameters) {
      if (parts === undefined) continue;
      const found = sliceOf(parts, name);
      if (found !== undefined) return (await this.#state.read(whole)).slice(...found);
    }
    return this.#state.read(name);
  }

  async saveState(): Promise<Map<string, Float32Array>> {
    const saved = new Map<string, Float32Array>();
    for (const { name, parts = [{ name }] } of this.#plan.parameters) {
      for (const part of stateNames(name)) {
        const values = await this.#state.read(part);
        const prefix = part.slice(0, part.length - name.length);
        for (const { name: own } of parts) {
          const range = sliceOf(this.#partsOf(name), own);
          saved.set(prefix + own, range === undefined ? values : values.slice(...range));
        }
      }
    }
    return saved;
  }

  async loadState(saved: ReadonlyMap<string, Float32Array>): Promise<void> {
    for (const { name, shape } of this.#plan.trainable) {
      for (const part of stateNames(name)) {
        const found = saved.get(part)?.length;
        if (found !== elementCount(shape)) {
          throw new HearthError(
            "invalid_request",
            `the saved state has ${found ?? "no"} values for ${part}; this program needs ${elementCount(shape)}`,
          );
        }
      }
    }
    for (const { name, shape, parts = [{ name, shape }] } of this.#plan.parameters) {
      for (const part of stateNames(name)) {
        const prefix = part.slice(0, part.length - name.length);
        const whole = new Float32Array(elementCount(shape));
        let at = 0;
        for (const { name: own, shape: extents } of parts) {
          whole.set(saved.get(prefix + own) ?? [], at);
          at += elementCount(extents);
        }
        await this.#state.put(part, shape, whole);
      }
    }
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    for (const pending of this.#sessions.values()) {
      const session = await pending;
      if (this.#diagnostics.profilePrefix !== undefined) session.endProfiling();
      await session.release();
    }
    await this.#state[Symbol.asyncDispose]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #partsOf(name: string): readonly WeightShape[] {
    return this.#plan.parameters.find((parameter) => parameter.name === name)?.parts ?? [];
  }

  #updatedNames(): string[] {
    return this.#plan.parameters.flatMap(({ name }) => stateNames(name));
  }

  #scalars(learningRate: number, step: number): Tensors {
    const values = stepScalarValues(this.#spec.optimizer, learningRate, step);
    return Object.fromEntries(
      Object.entries(values).map(([name, value]) => [
        name,
        new ort.Tensor("float32", Float32Array.of(value), []),
      ]),
    );
  }

  /** Feeds for every input of a session that the state holds. */
  #known(session: ort.InferenceSession): Tensors {
    return this.#state.feeds(session.inputNames.filter((name) => this.#state.has(name)));
  }

  #session(kind: SessionKind, shape: BatchShape = this.#longest): Promise<ort.InferenceSession> {
    if (this.#closed) throw new Error("the program is closed");
    const key = `${kind} ${shape.sequenceLength} ${shape.packed === true}`;
    let session = this.#sessions.get(key);
    if (session === undefined) {
      const graph = this.#graph(kind, shape);
      const deviceOutputs = [...graph.outputs.keys()].filter((name) => name.startsWith(nextName("")));
      session = openSession(graph, {
        provider: this.#spec.provider,
        threads: this.#spec.threads,
        deviceOutputs,
        ...this.#diagnostics,
      });
      this.#sessions.set(key, session);
    }
    return session;
  }

  get #longest(): BatchShape {
    const { batchSize, sequenceLength } = this.#spec;
    return { batchSize, sequenceLength, scored: batchSize * sequenceLength };
  }

  #graph(kind: SessionKind, shape: BatchShape): Graph {
    switch (kind) {
      case "step":
        return stepGraph(this.#plan, shape, this.#spec.optimizer);
      case "gradient":
        return gradientGraph(this.#plan, shape);
      case "update":
        return updateGraph(this.#plan, this.#spec.optimizer);
      case "evaluation":
        return evaluationGraph(this.#plan, shape);
      case "logits":
        return logitsGraph(this.#plan, this.#spec.sequenceLength);
      case "prediction":
        return logitsGraph(this.#plan, shape.sequenceLength, shape.scored);
    }
  }
}

/** Where a part lies in the vector that holds all of them. */
function sliceOf(parts: readonly WeightShape[], name: string): [number, number] | undefined {
  let at = 0;
  for (const part of parts) {
    const end = at + elementCount(part.shape);
    if (part.name === name) return [at, end];
    at = end;
  }
  return undefined;
}

/** Index of the largest value, the first of equals. */
function largest(values: Float32Array): number {
  let best = 0;
  for (let index = 1; index < values.length; index++) {
    if ((values[index] ?? -Infinity) > (values[best] ?? -Infinity)) best = index;
  }
  return best;
}
