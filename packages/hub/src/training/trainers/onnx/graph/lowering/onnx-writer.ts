import onnxProto from "onnx-proto";
import type { Graph } from "../graph.ts";
import type { ConstantContents, ElementType, Shape, Value } from "../value.ts";

const { onnx } = onnxProto;

/** Codes of TensorProto.DataType. */
const typeCodes: Record<ElementType, number> = { f32: 1, i8: 3, i32: 6, i64: 7, bool: 9 };

/** Codes of AttributeProto.AttributeType. */
const attributeTypes = { float: 1, int: 2, ints: 7, string: 3 } as const;

/** Attributes of one ONNX node: `{ float }` marks numbers that are not integers. */
export type NodeAttributes = Record<string, number | { float: number } | readonly number[] | string>;

/** Where a node's operator is defined, and its attributes. */
export interface NodeOptions {
  attributes?: NodeAttributes;
  /** Empty for the standard's own operators. */
  domain?: "" | "com.microsoft";
}

/** Writes nodes, constants, inputs and outputs of a graph as an ONNX model. */
export class OnnxWriter {
  readonly #nodes: InstanceType<typeof onnx.NodeProto>[] = [];
  readonly #initializers: InstanceType<typeof onnx.TensorProto>[] = [];
  readonly #names = new Map<Value, string>();
  readonly #inline = new Map<string, string>();
  readonly #graph: Graph;
  readonly #used: ReadonlySet<Value>;
  #temporaries = 0;

  /** @param used values that something reads; the others need not be computed */
  constructor(graph: Graph, used: ReadonlySet<Value>) {
    this.#graph = graph;
    this.#used = used;
    for (const [name, value] of graph.inputs) this.#names.set(value, name);
    for (const [name, value] of graph.outputs) {
      if (!this.#names.has(value) && !graph.constants.has(value)) this.#names.set(value, name);
    }
  }

  /** ONNX name of a value; a constant is written at its first use. */
  name(value: Value): string {
    let name = this.#names.get(value);
    if (name === undefined) {
      name = `v${value.id}`;
      this.#names.set(value, name);
      const contents = this.#graph.constants.get(value);
      if (contents !== undefined) this.#initializer(name, value.shape, value.type, contents);
    }
    return name;
  }

  /** Names of outputs; empty for one that nothing reads, which a kernel then leaves out. */
  optionalNames(values: readonly Value[]): string[] {
    return values.map((value) => (this.#used.has(value) ? this.name(value) : ""));
  }

  /** A fresh name for a result that only the lowering knows. */
  temporary(): string {
    return `t${this.#temporaries++}`;
  }

  /** Adds a node; empty input names are absent optional inputs. */
  node(
    operator: string,
    inputs: readonly string[],
    outputs: readonly string[],
    options: NodeOptions = {},
  ): void {
    const attribute = Object.entries(options.attributes ?? {}).map(([name, given]) =>
      encodeAttribute(name, given),
    );
    this.#nodes.push(
      onnx.NodeProto.create({
        opType: operator,
        domain: options.domain ?? "",
        name: `${operator}_${this.#nodes.length}`,
        input: [...inputs],
        output: [...outputs],
        attribute,
      }),
    );
  }

  /** A list of int64 (shapes, axes), written once per content. */
  integers(list: readonly number[]): string {
    return this.#once(`i_${list.join("_")}`, [list.length], "i64", () => BigInt64Array.from(list, BigInt));
  }

  /** A float scalar, written once per number. */
  scalar(number: number): string {
    return this.#once(`f_${number}`, [], "f32", () => Float32Array.of(number));
  }

  /**
   * Additive mask `[positions, positions]` that hides what follows, and with a window what lies so
   * many positions or more before.
   */
  causalMask(positions: number, window: number | null): string {
    const contents = () =>
      Float32Array.from({ length: positions ** 2 }, (_, i) => {
        const before = Math.floor(i / positions) - (i % positions);
        return before < 0 || before >= (window ?? positions) ? -1e9 : 0;
      });
    return this.#once(`mask_${positions}_${window ?? "all"}`, [positions, positions], "f32", contents);
  }

  /** A list of int32, written once per content. */
  shortIntegers(shape: Shape, list: readonly number[]): string {
    return this.#once(`s_${shape.join("_")}_${list.join("_")}`, shape, "i32", () => Int32Array.from(list));
  }

  /** 0, 1, … count − 1 as an int32 row `[1, count]`. */
  range(count: number): string {
    return this.#once(`range_${count}`, [1, count], "i32", () =>
      Int32Array.from({ length: count }, (_, i) => i),
    );
  }

  /** The finished model as protobuf bytes. */
  finish(opset: number): Uint8Array {
    for (const [name, value] of this.#graph.outputs) {
      if (this.#names.get(value) !== name) this.node("Identity", [this.name(value)], [name]);
    }
    const describe = (name: string, value: Value) => ({
      name,
      type: {
        tensorType: {
          elemType: typeCodes[value.type],
          shape: { dim: value.shape.map((extent) => ({ dimValue: extent })) },
        },
      },
    });
    const model = onnx.ModelProto.create({
      irVersion: 10,
      opsetImport: [
        { domain: "", version: opset },
        { domain: "com.microsoft", version: 1 },
      ],
      graph: {
        name: "training",
        node: this.#nodes,
        initializer: this.#initializers,
        input: [...this.#graph.inputs].map(([name, value]) => describe(name, value)),
        output: [...this.#graph.outputs].map(([name, value]) => describe(name, value)),
      },
    });
    return onnx.ModelProto.encode(model).finish();
  }

  #once(name: string, shape: Shape, type: ElementType, contents: () => ConstantContents): string {
    if (!this.#inline.has(name)) {
      this.#inline.set(name, name);
      this.#initializer(name, shape, type, contents());
    }
    return name;
  }

  #initializer(name: string, shape: Shape, type: ElementType, contents: ConstantContents): void {
    this.#initializers.push(
      onnx.TensorProto.create({
        name,
        dataType: typeCodes[type],
        dims: [...shape],
        rawData: new Uint8Array(contents.buffer, contents.byteOffset, contents.byteLength),
      }),
    );
  }
}

function encodeAttribute(
  name: string,
  given: NodeAttributes[string],
): InstanceType<typeof onnx.AttributeProto> {
  if (typeof given === "string") {
    return onnx.AttributeProto.create({
      name,
      type: attributeTypes.string,
      s: new TextEncoder().encode(given),
    });
  }
  if (typeof given === "number")
    return onnx.AttributeProto.create({ name, type: attributeTypes.int, i: given });
  if ("float" in given)
    return onnx.AttributeProto.create({ name, type: attributeTypes.float, f: given.float });
  return onnx.AttributeProto.create({ name, type: attributeTypes.ints, ints: [...given] });
}
