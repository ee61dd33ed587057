import type { ScorerInput } from "./messages.ts";

/** What a scorer said of one answer: its values by the names of their metrics, or why there are none. */
export type ScorerOutcome = { values: Record<string, number> } | { failure: string };

/** A scorer of a person's own, in a process of its own. Dispose it to end that. */
export interface CustomScorer extends AsyncDisposable {
  /** Also the name of its metric. */
  readonly name: string;
  /** Where it was read. */
  readonly path: string;
  /** Of the source that runs. */
  readonly sha256: string;
  readonly source: string;
  /** One row after the other, each in its time. @throws the signal's reason */
  score(input: ScorerInput, signal: AbortSignal): Promise<ScorerOutcome>;
}
