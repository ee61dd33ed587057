import ort from "onnxruntime-node";
import { nextName } from "../model/adamw.ts";
import type { ConstantContents, Shape } from "../graph/value.ts";
import type { TrainedTensor } from "../optimizer/trained-memory.ts";

/** Contents of a tensor; 16-bit words are the bits of 16-bit floats. */
export type TensorContents = ConstantContents | Uint16Array;

/** Tensors by name, as ONNX Runtime takes them. */
export type Tensors = Record<string, ort.Tensor>;

/**
 * Weights, parameters and moments between runs. Every session of a program reads them from here,
 * so that there is one copy whatever is run: a step, an evaluation or a probe.
 */
export interface State extends AsyncDisposable {
  /** Whether there is a tensor of this name. */
  has(name: string): boolean;
  /** Adds or replaces a tensor. The array becomes the state's own. */
  put(name: string, shape: Shape, contents: TensorContents): Promise<void>;
  /** The current values of a float tensor, a copy. */
  read(name: string): Promise<Float32Array>;
  /** Current tensors of the given names, to feed. */
  feeds(names: Iterable<string>): Tensors;
}

function tensorOf(shape: Shape, contents: TensorContents): ort.Tensor {
  if (contents instanceof Float32Array) return new ort.Tensor("float32", contents, shape);
  if (contents instanceof Uint16Array) return halves(shape, contents);
  if (contents instanceof Uint8Array) return new ort.Tensor("uint8", contents, shape);
  if (contents instanceof Int32Array) return new ort.Tensor("int32", contents, shape);
  if (contents instanceof Int8Array) return new ort.Tensor("int8", contents, shape);
  return new ort.Tensor("int64", contents, shape);
}

/** The class gives out 16-bit floats as a Float16Array, which the binding does not take; it takes their bits. */
function halves(shape: Shape, bits: Uint16Array): ort.Tensor {
  return Object.defineProperty(new ort.Tensor("float16", bits, shape), "data", { value: bits });
}

/** Gives the memory of an array back now, not at some later collection, where the array is all of it. */
function free({ buffer, byteLength }: Float32Array): void {
  if (buffer instanceof ArrayBuffer && buffer.byteLength === byteLength) buffer.transfer(0);
}

/** The one number of a scalar tensor on the host. */
function scalarOf(name: string, tensor: ort.Tensor | undefined): number {
  const number = tensor?.data[0];
  if (typeof number !== "number") throw new Error(`the run gave no number named ${name}`);
  return number;
}

/** Feeds for every input of a session that the state holds. */
export function knownFeeds(state: State, session: ort.InferenceSession): Tensors {
  return state.feeds(session.inputNames.filter((name) => state.has(name)));
}

/** State in host memory, updated in place: each new value is written over the old one in the same run. */
export class HostState implements State {
  readonly #tensors = new Map<string, ort.Tensor>();

  /** @param trained memory of trained tensors, which stays where it is */
  constructor(trained: readonly TrainedTensor[]) {
    for (const [name, shape, values] of trained) this.#tensors.set(name, tensorOf(shape, values));
  }

  has(name: string): boolean {
    return this.#tensors.has(name);
  }

  async put(name: string, shape: Shape, contents: TensorContents): Promise<void> {
    const current = this.#tensors.get(name);
    if (current !== undefined && contents instanceof Float32Array && current.data instanceof Float32Array) {
      current.data.set(contents);
      free(contents);
      return;
    }
    this.#tensors.set(name, tensorOf(shape, contents));
  }

  async read(name: string): Promise<Float32Array> {
    return floats(name, this.#tensor(name)).slice();
  }

  feeds(names: Iterable<string>): Tensors {
    return Object.fromEntries(Array.from(names, (name) => [name, this.#tensor(name)]));
  }

  /** Runs a session that gives `next:…` for every name in `updated`; gives its other output, a scalar. */
  async update(
    session: ort.InferenceSession,
    feeds: Tensors,
    updated: readonly string[],
    scalar: string,
  ): Promise<number> {
    const fetches: Tensors = {};
    for (const name of updated) fetches[nextName(name)] = this.#tensor(name);
    const copies = await session.run(feeds, { ...fetches, [scalar]: tensorOf([], new Float32Array(1)) });
    const result = scalarOf(scalar, copies[scalar]);
    // the binding copies every output once more
    for (const { data } of Object.values(copies)) if (data instanceof Float32Array) free(data);
    return result;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#tensors.clear();
  }

  #tensor(name: string): ort.Tensor {
    const tensor = this.#tensors.get(name);
    if (tensor === undefined) throw new Error(`there is no tensor named ${name}`);
    return tensor;
  }
}

/** A session that copies one tensor, for moving it to the device or back. */
export type OpenCopy = (shape: Shape, toDevice: boolean) => Promise<ort.InferenceSession>;

/**
 * State in device memory. A run gives new tensors, which replace the old ones only when the step
 * was sound. Reading goes through a copying session: the binding cannot download a tensor.
 */
export class DeviceState implements State {
  readonly #tensors = new Map<string, ort.Tensor>();
  readonly #copies = new Map<string, Promise<ort.InferenceSession>>();
  readonly #openCopy: OpenCopy;

  constructor(openCopy: OpenCopy) {
    this.#openCopy = openCopy;
  }

  has(name: string): boolean {
    return this.#tensors.has(name);
  }

  async put(name: string, shape: Shape, contents: TensorContents): Promise<void> {
    if (!(contents instanceof Float32Array)) {
      throw new TypeError(`only float tensors are kept on the device; ${name} is not one`);
    }
    const session = await this.#copy(shape, true);
    const result = await session.run({ x: tensorOf(shape, contents) });
    this.#replace(name, result["y"]);
  }

  async read(name: string): Promise<Float32Array> {
    const tensor = this.#tensor(name);
    const session = await this.#copy(tensor.dims, false);
    const { y } = await session.run({ x: tensor });
    if (y === undefined) throw new Error(`the copy of ${name} gave nothing`);
    return floats(name, y).slice();
  }

  feeds(names: Iterable<string>): Tensors {
    return Object.fromEntries(Array.from(names, (name) => [name, this.#tensor(name)]));
  }

  /**
   * Runs a session that gives `next:…` for every name in `updated`, and makes those the current values if
   * `accept` agrees with its other outputs, which are scalars.
   */
  async update(
    session: ort.InferenceSession,
    feeds: Tensors,
    updated: readonly string[],
    others: readonly string[],
    accept: (results: Record<string, number>) => boolean,
  ): Promise<Record<string, number>> {
    const results = await session.run(feeds, [...updated.map(nextName), ...others]);
    const numbers = Object.fromEntries(others.map((name) => [name, scalarOf(name, results[name])]));
    const sound = accept(numbers);
    for (const name of updated) {
      if (sound) this.#replace(name, results[nextName(name)]);
      else results[nextName(name)]?.dispose();
    }
    return numbers;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const tensor of this.#tensors.values()) tensor.dispose();
    this.#tensors.clear();
    for (const session of this.#copies.values()) await (await session).release();
    this.#copies.clear();
  }

  #replace(name: string, tensor: ort.Tensor | undefined): void {
    if (tensor === undefined) throw new Error(`the run gave no new value for ${name}`);
    this.#tensors.get(name)?.dispose();
    this.#tensors.set(name, tensor);
  }

  #tensor(name: string): ort.Tensor {
    const tensor = this.#tensors.get(name);
    if (tensor === undefined) throw new Error(`there is no tensor named ${name}`);
    return tensor;
  }

  async #copy(shape: Shape, toDevice: boolean): Promise<ort.InferenceSession> {
    const key = `${shape.join("x")} ${toDevice}`;
    const session = this.#copies.get(key) ?? this.#openCopy(shape, toDevice);
    this.#copies.set(key, session);
    return session;
  }
}

function floats(name: string, tensor: ort.Tensor): Float32Array {
  if (!(tensor.data instanceof Float32Array)) throw new TypeError(`${name} is not a float tensor`);
  return tensor.data;
}
