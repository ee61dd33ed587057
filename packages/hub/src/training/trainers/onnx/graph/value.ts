/** Element types of the training graph. */
export type ElementType = "f32" | "f16" | "i32" | "i64" | "i8" | "u8" | "bool";

/** Static shape, outermost dimension first; `[]` is a scalar. */
export type Shape = readonly number[];

/** Contents of a constant, of the element type of its value. */
export type ConstantContents = Float32Array | Int32Array | BigInt64Array | Int8Array | Uint8Array;

/** One tensor of the graph: what an operation, an input or a constant gives. */
export interface Value {
  readonly id: number;
  readonly type: ElementType;
  readonly shape: Shape;
}

/** Number of elements of a shape. */
export function elementCount(shape: Shape): number {
  let count = 1;
  for (const extent of shape) count *= extent;
  return count;
}

/** Whether two shapes are the same. */
export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((extent, axis) => extent === b[axis]);
}

/** Shape of an elementwise result by the broadcasting rule (axes aligned from the right). */
export function broadcastShape(a: Shape, b: Shape): number[] {
  const rank = Math.max(a.length, b.length);
  const shape: number[] = [];
  for (let axis = 0; axis < rank; axis++) {
    const x = a[axis - rank + a.length] ?? 1;
    const y = b[axis - rank + b.length] ?? 1;
    if (x !== y && x !== 1 && y !== 1) {
      throw new RangeError(`shapes [${a.join(", ")}] and [${b.join(", ")}] do not broadcast`);
    }
    shape.push(x === 1 ? y : x);
  }
  return shape;
}

/** Extent of one axis; a negative axis counts from the end. */
export function extentOf(value: Value, axis: number): number {
  const extent = value.shape.at(axis);
  if (extent === undefined) {
    throw new RangeError(`a value of shape [${value.shape.join(", ")}] has no axis ${axis}`);
  }
  return extent;
}
