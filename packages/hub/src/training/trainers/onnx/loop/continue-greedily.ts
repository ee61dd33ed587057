import type { TrainingProgram } from "../program.ts";

export interface Continuation {
  tokens: number[];
  /** It came to an end by itself: at a control token. */
  complete: boolean;
}

export interface ContinuationOptions {
  prompt: readonly number[];
  /** What it may well say, the likeliest first; they decide how quick it is, never what comes out. */
  drafts: readonly (readonly number[])[];
  /** Most tokens of the answer. */
  limit: number;
  /** Positions of the graph that is used. */
  length: number;
  /** Tokens that end an answer, which does not include them. */
  stops: ReadonlySet<number>;
}

/**
 * What the model says greedily. There is no cache of keys and values here, so a forward pass costs
 * what it costs for the whole sequence; each one therefore checks a guess of all that may follow
 * (Santilli et al., "Accelerating Transformer Inference for Translation via Parallel Decoding", 2023):
 * what agrees with the model's own choice is taken at once, what the model said after a wrong guess
 * is the next guess. An answer that was learned takes one pass.
 *
 * @param goOn asked before each pass; false ends the answer where it is
 */
export async function continueGreedily(
  program: Pick<TrainingProgram, "predict" | "longestPrediction">,
  { prompt, drafts, limit, length, stops }: ContinuationOptions,
  goOn: () => Promise<boolean>,
): Promise<Continuation> {
  const tokens: number[] = [];
  const most = Math.min(limit, length - prompt.length);
  let said: number[] = [];
  while (tokens.length < most) {
    if (!(await goOn())) break;
    const draft = drafts.find(
      (one) => one.length > tokens.length && tokens.every((token, i) => one[i] === token),
    );
    const room = Math.min(most - tokens.length, program.longestPrediction) - 1;
    const guess = (draft?.slice(tokens.length) ?? said).slice(0, room);
    const next = await program.predict(Int32Array.from([...prompt, ...tokens, ...guess]), {
      from: prompt.length + tokens.length - 1,
      length,
    });
    let agreed = 0;
    while (agreed < guess.length && guess[agreed] === next[agreed]) agreed++;
    for (const token of next.subarray(0, agreed + 1)) {
      if (stops.has(token)) return { tokens, complete: true };
      tokens.push(token);
    }
    said = [...next.subarray(agreed + 1)];
  }
  return { tokens, complete: false };
}
