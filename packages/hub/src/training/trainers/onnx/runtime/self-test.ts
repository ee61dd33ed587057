import type { TrainingKind } from "../program.ts";
import { openProgram } from "./onnx-program.ts";
import type { Provider } from "./session.ts";
import { tinyBatch, tinySpec } from "./tiny-model.ts";

/** Result of comparing a provider with the CPU. */
export interface SelfTest {
  readonly ok: boolean;
  /** What went wrong or differed. */
  readonly reason?: string;
}

const rate = 1e-2;
/** Greatest relative difference of a loss or norm. */
const numberTolerance = 1e-3;
/** Greatest difference of a parameter, in learning rates: one step moves it by about one. */
const parameterTolerance = 0.05;

const kinds: readonly TrainingKind[] = [
  { kind: "full" },
  { kind: "lora", rank: 4, alpha: 8, targets: ["attn_q", "attn_v", "ffn_down"], seed: 1 },
];

/**
 * Trains a tiny model for a few steps on a provider and on the CPU and compares losses, gradient
 * norms and parameters. A provider that cannot run the whole step, or gives other numbers, is not
 * to be used.
 */
export async function providerSelfTest(provider: Provider): Promise<SelfTest> {
  try {
    for (const train of kinds) {
      const difference = compare(await trainTiny("cpu", train), await trainTiny(provider, train));
      if (difference !== undefined) {
        return {
          ok: false,
          reason: `${provider} differs from the CPU in ${train.kind} training: ${difference}`,
        };
      }
    }
    return { ok: true };
  } catch (error) {
    return { ok: false, reason: error instanceof Error ? error.message : String(error) };
  }
}

interface Outcome {
  readonly numbers: ReadonlyMap<string, number>;
  readonly parameters: ReadonlyMap<string, Float32Array>;
}

async function trainTiny(provider: Provider, train: TrainingKind): Promise<Outcome> {
  await using program = await openProgram(tinySpec({ provider, train }));
  const numbers = new Map<string, number>();
  for (let step = 1; step <= 3; step++) {
    const { loss, gradientNorm } = await program.step([tinyBatch(step)], { learningRate: rate, step });
    numbers.set(`loss ${step}`, loss).set(`gradient norm ${step}`, gradientNorm);
  }
  const parameters = new Map<string, Float32Array>();
  for (const { name } of program.trainable) parameters.set(name, await program.read(name));
  return { numbers, parameters };
}

/** The first difference beyond tolerance; a NaN is one. */
function compare(expected: Outcome, found: Outcome): string | undefined {
  for (const [name, number] of expected.numbers) {
    const other = found.numbers.get(name) ?? NaN;
    if (!(Math.abs(other - number) <= numberTolerance * Math.abs(number)))
      return `${name} is ${other} instead of ${number}`;
  }
  for (const [name, values] of expected.parameters) {
    const others = found.parameters.get(name);
    const index = values.findIndex(
      (value, i) => !(Math.abs(value - (others?.[i] ?? NaN)) <= parameterTolerance * rate),
    );
    if (index >= 0) return `${name}[${index}] is ${others?.[index]} instead of ${values[index]}`;
  }
  return undefined;
}
