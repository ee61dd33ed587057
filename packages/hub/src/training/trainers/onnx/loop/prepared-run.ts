import type { TrainingResult } from "../../trainer.ts";
import type { SamplePrompt } from "../data/sample-prompts.ts";
import type { SequenceSource } from "../data/sources.ts";
import type { StoredBase } from "../model/memory.ts";
import type { ProgramSpec, TrainingProgram, Weights } from "../program.ts";
import type { LoopSettings } from "./settings.ts";

/** The files that a run leaves, relative to the attempt's folder; the engine loads `engineFile`. */
export type Exported = Pick<TrainingResult, "engineFile" | "files" | "kind">;

/** What distinguishes the recipes, ready for the loop. */
export interface PreparedRun {
  settings: LoopSettings;
  weights: Weights;
  /** How the base is stored; absent where all weights are trained. */
  stored?: StoredBase;
  train: ProgramSpec["train"];
  /** Sequences of a batch, where it is not the number of rows that the job names. */
  sequencesPerBatch?: number;
  source: SequenceSource;
  validation: SequenceSource | null;
  /** Beginnings that the exported model is asked to continue. */
  probePrompts: readonly number[][];
  /** What the model is asked while it learns. */
  samplePrompts: readonly SamplePrompt[];
  /** Tokens as text, without control tokens. */
  decode: (tokens: readonly number[]) => string;
  /** Control tokens; a probe, or a sampled answer, ends before the first. */
  controlTokens: ReadonlySet<number>;
  /** Logits closer than this may change places in the engine. */
  probeMargin: number;
  /**
   * Writes the trained weights into the folder, and gives the program the values that were written
   * where they were rounded.
   */
  exportModel(program: TrainingProgram, folder: string): Promise<Exported>;
}
