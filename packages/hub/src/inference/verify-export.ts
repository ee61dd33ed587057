import type { AdapterFile, Engine, ModelFiles, Sampling } from "./engine.ts";
import type { Serving } from "./serving.ts";

/** A version's files as an engine takes them. */
export interface ServedModel {
  base: ModelFiles;
  adapter: AdapterFile | null;
  /** What is set for the model that the weights belong to; default: nothing. */
  serving?: Serving;
}

/** A prompt and the tokens that must follow when the likeliest one is always taken. */
export interface ExportProbe {
  promptTokens: readonly number[];
  expectedTokens: readonly number[];
}

export interface ExportVerification {
  identical: boolean;
  /** Tokens compared. */
  tokens: number;
  /** The first difference. `found` is null when the engine ended its answer there. */
  mismatch: { probe: number; position: number; expected: number; found: number | null } | null;
}

/** Takes the likeliest token, nothing added or cut. */
export const greedy: Sampling = {
  temperature: 0,
  topP: 1,
  topK: 0,
  minP: 0,
  seed: 0,
  frequencyPenalty: 0,
  presencePenalty: 0,
  repetitionPenalty: 1,
  logitBias: new Map(),
};

/** Asks a loaded engine for the first token after every probe; in how many it is the expected one. */
export async function compareFirstTokens(
  engine: Engine,
  adapter: AdapterFile | null,
  probes: readonly ExportProbe[],
  signal: AbortSignal,
): Promise<{ agreed: number; asked: number }> {
  let [agreed, asked] = [0, 0];
  for (const { promptTokens, expectedTokens } of probes) {
    const probe = { promptTokens, expectedTokens: expectedTokens.slice(0, 1) };
    if (probe.expectedTokens.length === 0) continue;
    asked += 1;
    if ((await compareProbes(engine, adapter, [probe], signal)).identical) agreed += 1;
  }
  return { agreed, asked };
}

/** Asks a loaded engine every probe and compares token by token. */
export async function compareProbes(
  engine: Engine,
  adapter: AdapterFile | null,
  probes: readonly ExportProbe[],
  signal: AbortSignal,
): Promise<ExportVerification> {
  let tokens = 0;
  for (const [probe, { promptTokens, expectedTokens }] of probes.entries()) {
    if (expectedTokens.length === 0) continue;
    const found: number[] = [];
    const request = {
      id: `probe-${probe}`,
      prompt: { kind: "tokens" as const, tokens: [...promptTokens] },
      adapter,
      maxTokens: expectedTokens.length,
      stop: [],
      sampling: greedy,
    };
    for await (const event of engine.generate(request, signal)) {
      if (event.type === "tokens") found.push(...event.ids);
    }
    const position = expectedTokens.findIndex((token, index) => token !== found[index]);
    if (position >= 0) {
      const expected = expectedTokens[position] ?? Number.NaN;
      return {
        identical: false,
        tokens: tokens + position,
        mismatch: { probe, position, expected, found: found[position] ?? null },
      };
    }
    tokens += expectedTokens.length;
  }
  return { identical: true, tokens, mismatch: null };
}
