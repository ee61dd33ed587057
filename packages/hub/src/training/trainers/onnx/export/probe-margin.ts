/**
 * Smallest distance of the two best logits at which the engine has to choose as the trainer does.
 *
 * The engine rounds activations before each product: to 16-bit floats against F32 and F16 weights
 * (its cache is F16 too), to 8 bits in blocks of 32 against Q8_0 weights.
 */
export function probeMargin(matrixTypes: readonly string[]): number {
  return matrixTypes.includes("Q8_0") ? 0.2 : 0.05;
}
