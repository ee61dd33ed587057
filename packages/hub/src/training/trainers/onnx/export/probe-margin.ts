/** Types against which the engine rounds activations to 16-bit floats. */
const floats: ReadonlySet<string> = new Set(["F32", "F16", "BF16"]);

/**
 * Smallest distance of the two best logits at which the engine has to choose as the trainer does.
 *
 * The engine rounds activations before each product: to 16-bit floats against F32 and F16 weights
 * (its cache is F16 too), to 8 bits in blocks of 32 or 256 against quantised ones.
 */
export function probeMargin(matrixTypes: readonly string[]): number {
  return matrixTypes.every((type) => floats.has(type)) ? 0.05 : 0.2;
}
