/**
 * Parts of node-llama-cpp that it keeps to itself. Its version is pinned; what is used of it is
 * checked here, so that another version says at once what is missing.
 */
import type {
  LlamaContext,
  LlamaContextOptions,
  LlamaContextSequence,
  LlamaModel,
  Token,
} from "node-llama-cpp";
import { z } from "zod";

/** Samples from the logits that a context holds after a decode call. */
export interface NativeSampler {
  applyConfig(config: Readonly<Record<string, number>>): void;
  dispose(): void;
}

/** Which logits to give back with a sampled token. */
export type LogitsWanted = [
  tokens: readonly number[],
  includeMax: boolean,
  includeMin: boolean,
  includeSelected: boolean,
  includeTop: number,
];

/** Pairs of a token's id and its logit, one after the other. */
type Pairs = readonly number[];

interface NativeContext {
  getEmbedding(inputTokens: number): Float64Array;
  sampleToken(
    batchIndex: number,
    sampler: NativeSampler,
    probabilities: false,
    confidence: false,
    logits: LogitsWanted,
    totalLogitWeight: boolean,
  ): Promise<
    [token: number, unknown, unknown, logits: Pairs | undefined, totalLogitWeight: number | undefined]
  >;
}

/** Tokens of one sequence on their way into a decode call. */
export interface DecodeCall {
  sequenceId: number;
  /** Place in the sequence of the first of them. */
  firstTokenSequenceIndex: number;
  tokens: readonly Token[];
  /** True for those whose logits are wanted. */
  logits: (true | undefined)[];
}

/** Called for each token whose logits are wanted, while they are there. */
export type LogitsMapper = (batchIndex: number, tokenIndex: number) => unknown;

export interface ContextInternals {
  _ctx: NativeContext;
  _decodeTokens(call: DecodeCall, mapper: LogitsMapper): Promise<unknown>;
}

function withMethods<T>(...names: string[]) {
  return z.custom<T>(
    (value) =>
      typeof value === "object" &&
      value !== null &&
      names.every((name) => typeof Reflect.get(value, name) === "function"),
    `node-llama-cpp has no ${names.join(", ")} any more`,
  );
}

const contextInternals = withMethods<ContextInternals>("_decodeTokens").refine(
  ({ _ctx }) => withMethods("sampleToken", "getEmbedding").safeParse(_ctx).success,
);

const modelInternals = z.object({
  _model: z.custom<object>((value) => typeof value === "object" && value !== null),
  _llama: z.object({
    _bindings: z.object({
      AddonSampler: z.custom<new (model: object) => NativeSampler>((value) => typeof value === "function"),
    }),
  }),
});

export function contextInternalsOf(context: LlamaContext): ContextInternals {
  return contextInternals.parse(context);
}

/** A sampler with that configuration; it must be disposed of. */
export function createSampler(model: LlamaModel, config: Readonly<Record<string, number>>): NativeSampler {
  const { _model, _llama } = modelInternals.parse(model);
  const sampler = new _llama._bindings.AddonSampler(_model);
  sampler.applyConfig(config);
  return sampler;
}

/** A context that gives vectors and no tokens. The library's own kind of it takes no adapters. */
export async function createEmbeddingContext(
  model: LlamaModel,
  options: LlamaContextOptions,
): Promise<LlamaContext> {
  const withEmbeddings = { ...options, _embeddings: true };
  return await model.createContext(withEmbeddings);
}

/**
 * The vector of these tokens, pooled as the model says; of the last token where it says nothing.
 * The sequence must be empty and the only one of its context, which takes all tokens in one call.
 */
export async function embeddingOf(
  context: LlamaContext,
  sequence: LlamaContextSequence,
  tokens: Token[],
): Promise<Float32Array> {
  const withoutSampling = { temperature: 0, _noSampling: true };
  for await (const _token of sequence.evaluate(tokens, withoutSampling)) break;
  return Float32Array.from(contextInternalsOf(context)._ctx.getEmbedding(tokens.length));
}

interface SequenceInternals {
  _copyStateFromOtherSequence(other: LlamaContextSequence, length: number): Promise<boolean>;
}

const sequenceInternals = withMethods<SequenceInternals>("_copyStateFromOtherSequence");

/**
 * Makes a sequence hold the first `length` tokens of another one of its context, with their state;
 * a recurrent state only as a whole. False: the sequence holds something else now.
 */
export async function copyPrefix(
  sequence: LlamaContextSequence,
  source: LlamaContextSequence,
  length: number,
): Promise<boolean> {
  return await sequenceInternals.parse(sequence)._copyStateFromOtherSequence(source, length);
}
