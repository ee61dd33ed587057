/**
 * One area of life that notes, messages and conversations are written about.
 *
 * Verb phrases are in the past tense and fit "I", "he" and "she"; `{my}` and `{me}` follow the
 * speaker. Everything is written in patterns (see phrase.ts).
 */
export interface Area {
  readonly name: string;
  /** One word for the area, when texts are to be sorted into groups. */
  readonly group: string;
  /** What a text of this area is about, in free words. */
  readonly about: readonly string[];
  /** What happened to somebody, and in one sentence what that person wants or means (after "The writer"). */
  readonly events: readonly { readonly gist: string; readonly past: readonly string[] }[];
  /** What somebody else then did, whole sentences. */
  readonly replies: readonly string[];
  /** General sentences of the area, true at any time. */
  readonly general: readonly string[];
  /** Terms and what they mean: "A refund is <meaning>." */
  readonly terms: readonly (readonly [term: string, meaning: string])[];
}
