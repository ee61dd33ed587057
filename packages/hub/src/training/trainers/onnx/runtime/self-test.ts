import type { ProgramSpec, Weights } from "../program.ts";
import { openProgram } from "./onnx-program.ts";
import type { Provider } from "./session.ts";

/** Result of comparing a provider with the CPU. */
export interface SelfTest {
  readonly ok: boolean;
  /** What went wrong or differed. */
  readonly reason?: string;
}

/** Greatest difference of a parameter after the test's steps, relative to the rate. */
const tolerance = 0.05;

/**
 * Runs a few steps of a tiny model on a provider and on the CPU and compares losses, gradient
 * norms and parameters. A provider that cannot run the whole step, or gives other numbers, is not
 * to be used.
 */
export async function providerSelfTest(provider: Provider): Promise<SelfTest> {
  const rate = 1e-2;
  try {
    for (const kind of ["full", "lora"] as const) {
      const expected = await trainTiny("cpu", kind, rate);
      const found = await trainTiny(provider, kind, rate);
      for (const [index, numbers] of expected.numbers.entries()) {
        const other = found.numbers[index] ?? NaN;
        if (!(Math.abs(other - numbers) <= 1e-3 * Math.abs(numbers))) {
          return {
            ok: false,
            reason: `${provider} gives ${other} where the CPU gives ${numbers} (${kind} training, value ${index})`,
          };
        }
      }
      for (const [name, values] of expected.parameters) {
        const others = found.parameters.get(name);
        const worst = values.reduce(
          (most, value, i) => Math.max(most, Math.abs(value - (others?.[i] ?? NaN))),
          0,
        );
        if (!(worst <= tolerance * rate)) {
          return {
            ok: false,
            reason: `${provider} differs from the CPU by ${worst} in ${name} (${kind} training)`,
          };
        }
      }
    }
    return { ok: true };
  } catch (error) {
    return { ok: false, reason: error instanceof Error ? error.message : String(error) };
  }
}

const shape = {
  vocabulary: 48,
  dim: 32,
  layers: 2,
  heads: 4,
  kvHeads: 2,
  headDim: 8,
  ffn: 64,
  normEps: 1e-5,
  ropeTheta: 10000,
  context: 16,
  tied: true,
};

async function trainTiny(provider: Provider, kind: "full" | "lora", learningRate: number) {
  const spec: ProgramSpec = {
    weights: tinyWeights(),
    batchSize: 2,
    sequenceLength: 16,
    train:
      kind === "full"
        ? { kind }
        : { kind, rank: 4, alpha: 8, targets: ["attn_q", "attn_v", "ffn_down"], seed: 1 },
    optimizer: { beta1: 0.9, beta2: 0.99, epsilon: 1e-6, weightDecay: 0.1, clipNorm: 1 },
    accumulate: 1,
    provider,
    threads: 1,
  };
  await using program = await openProgram(spec);
  const tokens = Int32Array.from({ length: 32 }, (_, i) => (i * 7 + 3) % shape.vocabulary);
  const targets = tokens.map((token, i) => (i % 5 === 0 ? -1 : (token * 5 + 1) % shape.vocabulary));
  const numbers: number[] = [];
  for (let step = 1; step <= 3; step++) {
    const { loss, gradientNorm } = await program.step([{ tokens, targets }], { learningRate, step });
    numbers.push(loss, gradientNorm);
  }
  const parameters = new Map<string, Float32Array>();
  for (const { name } of program.trainable) parameters.set(name, await program.read(name));
  return { numbers, parameters };
}

/** Deterministic weights without a random stream: sines of incommensurable frequencies. */
function tinyWeights(): Weights {
  return {
    shape,
    read: async (name) => {
      const count = name.includes("norm") ? shape.dim : tinyCount(name);
      const phase = name.length + (name.charCodeAt(4) % 7);
      return Float32Array.from({ length: count }, (_, i) =>
        name.includes("norm") ? 1 + 0.1 * Math.sin(i + phase) : 0.2 * Math.sin(i * 1.618 + phase * 0.7),
      );
    },
  };
}

function tinyCount(name: string): number {
  const { vocabulary, dim, kvHeads, headDim, ffn } = shape;
  if (name.startsWith("token_embd")) return vocabulary * dim;
  if (name.includes("ffn")) return ffn * dim;
  return name.includes("attn_k") || name.includes("attn_v") ? kvHeads * headDim * dim : dim * dim;
}
