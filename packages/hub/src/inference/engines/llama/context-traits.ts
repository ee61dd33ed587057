/** What the numbers that a context computes depend on. */
export interface ContextTraits {
  /**
   * llama.cpp multiplies a float matrix (F32, F16, BF16; an adapter's always) with one column by
   * other code than with several, with other last digits. So that an answer does not depend on
   * what else is decoded, a lone sequence is decoded with a companion, and what was generated is
   * not used again as part of a prompt. Quantised matrices gave the same digits in any company.
   */
  exactInPairs: boolean;
  /**
   * Flash attention on the CPU gives other last digits for other cuts of a prompt. So that an answer
   * does not depend on what was kept, only whole pieces are used again, and nothing that was generated.
   */
  exactInPieces: boolean;
  /** A column more costs next to nothing (a GPU), so that one pass is better than two whatever the gap. */
  wideIsCheap: boolean;
}
