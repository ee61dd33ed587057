import { describe, expect, test } from "vitest";
import type { Batch, ProgramSpec, TrainingProgram } from "./program.ts";
import { createProgram, estimateMemory, linearNames, providerSelfTest, totalMemory } from "./program.ts";
import { tinyBatch, tinyShape, tinySpec, tinyWeights } from "./runtime/tiny-model.ts";

const everyLinear = { kind: "lora", rank: 4, alpha: 8, targets: linearNames, seed: 7 } as const;

/** Trains and returns every loss and norm, then the state. */
async function train(spec: ProgramSpec, steps = 4, from = 1, saved?: Map<string, Float32Array>) {
  await using program = await createProgram(spec);
  if (saved !== undefined) await program.loadState(saved);
  const curve: number[] = [];
  for (let step = from; step < from + steps; step++) {
    const batches = Array.from({ length: spec.accumulate }, (_, i) => tinyBatch(step * spec.accumulate + i));
    const { loss, gradientNorm } = await program.step(batches, { learningRate: 1e-2, step });
    curve.push(loss, gradientNorm);
  }
  return { curve, state: await program.saveState() };
}

function expectSameBits(a: Map<string, Float32Array>, b: Map<string, Float32Array>): void {
  expect([...b.keys()]).toEqual([...a.keys()]);
  for (const [name, values] of a) {
    const other = b.get(name);
    expect(
      values.every((value, i) => Object.is(value, other?.[i])),
      name,
    ).toBe(true);
  }
}

function largestDifference(a: Float32Array | undefined, b: Float32Array | undefined): number {
  if (a === undefined || a.length !== b?.length) return Infinity;
  return a.reduce((worst, value, i) => Math.max(worst, Math.abs(value - (b[i] ?? NaN))), 0);
}

describe.each([
  ["full", tinySpec()],
  ["lora", tinySpec({ train: everyLinear })],
  ["accumulated", tinySpec({ accumulate: 2 })],
] as const)("%s training", (_, spec) => {
  test("lowers the loss", async () => {
    await using program = await createProgram(spec);
    const batches = [tinyBatch(1)];
    const first = await program.step(batches, { learningRate: 1e-2, step: 1 });
    let last = first;
    for (let step = 2; step <= 12; step++) last = await program.step(batches, { learningRate: 1e-2, step });
    expect(last.loss).toBeLessThan(first.loss * 0.9);
    expect(first.lossTokens).toBe(tinyBatch(1).targets.filter((target) => target >= 0).length);
  });

  test("gives the same bits again, on one thread and on two", async () => {
    const [once, again, wider] = [await train(spec), await train(spec), await train({ ...spec, threads: 2 })];
    expect(again.curve).toEqual(once.curve);
    expect(wider.curve).toEqual(once.curve);
    expectSameBits(once.state, again.state);
    expectSameBits(once.state, wider.state);
  });

  test("continues from a saved state bit for bit", async () => {
    const whole = await train(spec, 6);
    const half = await train(spec, 3);
    const rest = await train(spec, 3, 4, half.state);
    expect([...half.curve, ...rest.curve]).toEqual(whole.curve);
    expectSameBits(whole.state, rest.state);
  });

  test("changes nothing when the gradient is not finite, and says so", async () => {
    await using program = await createProgram(spec);
    await program.step([tinyBatch(1)], { learningRate: 1e-2, step: 1 });
    const broken = await program.saveState();
    const [name = ""] = program.trainable.map(({ name: trainable }) => trainable);
    broken.get(name)?.fill(NaN, 0, 1);
    await program.loadState(broken);
    const { gradientNorm } = await program.step([tinyBatch(2)], { learningRate: 1e-2, step: 2 });
    expect(gradientNorm).toBeNaN();
    expectSameBits(broken, await program.saveState());
  });
});

/** Bits on a model wide enough that the runtime really divides its products among threads. */
test("a wider model is bit-identical on one thread and on two", async () => {
  const shape = {
    ...tinyShape,
    dim: 128,
    heads: 4,
    kvHeads: 2,
    headDim: 32,
    ffn: 352,
    vocabulary: 300,
    context: 64,
  };
  const run = async (threads: number) => {
    const spec = tinySpec({ weights: tinyWeights(shape), batchSize: 4, sequenceLength: 64, threads });
    await using program = await createProgram(spec);
    const losses: number[] = [];
    for (let step = 1; step <= 3; step++) {
      const { loss } = await program.step([tinyBatch(step, 4, 64, 300)], { learningRate: 1e-3, step });
      losses.push(loss);
    }
    return { losses, state: await program.saveState() };
  };
  const [one, two] = [await run(1), await run(2)];
  expect(two.losses).toEqual(one.losses);
  expectSameBits(one.state, two.state);
});

test("accumulated micro-batches make the step of the large batch", async () => {
  const [first, second] = [tinyBatch(1), tinyBatch(2)];
  const joined = {
    tokens: Int32Array.of(...first.tokens, ...second.tokens),
    targets: Int32Array.of(...first.targets, ...second.targets),
  };
  // one micro-batch with far fewer scored tokens: the mean must be over tokens, not over batches
  second.targets.fill(-1, 4);
  joined.targets.fill(-1, first.targets.length + 4);
  const run = async (changes: Partial<ProgramSpec>, batches: Batch[]) => {
    await using program = await createProgram(tinySpec(changes));
    const result = await program.step(batches, { learningRate: 1e-2, step: 1 });
    return { result, state: await program.saveState() };
  };
  const large = await run({ batchSize: 4 }, [joined]);
  const parts = await run({ accumulate: 2 }, [first, second]);
  expect(parts.result.lossTokens).toBe(large.result.lossTokens);
  expect(parts.result.loss).toBeCloseTo(large.result.loss, 5);
  expect(parts.result.gradientNorm).toBeCloseTo(large.result.gradientNorm, 5);
  for (const [name, values] of large.state) {
    expect(largestDifference(values, parts.state.get(name)), name).toBeLessThan(1e-4);
  }
});

describe("adapters", () => {
  test("leave the logits as they were while B is zero", async () => {
    const tokens = tinyBatch(3).tokens.slice(0, 9);
    await using base = await createProgram(tinySpec());
    await using adapted = await createProgram(tinySpec({ train: everyLinear }));
    expect(await adapted.logits(tokens)).toEqual(await base.logits(tokens));
    expect(await adapted.evaluate(tinyBatch(1))).toEqual(await base.evaluate(tinyBatch(1)));
  });

  test("train only the named layers, from values that the seed decides", async () => {
    const targets = ["attn_v", "ffn_down"] as const;
    await using program = await createProgram(tinySpec({ train: { ...everyLinear, targets } }));
    await using wider = await createProgram(tinySpec({ train: everyLinear }));
    await using other = await createProgram(tinySpec({ train: { ...everyLinear, seed: 8 } }));
    const names = program.trainable.map(({ name }) => name);
    expect(names).toEqual(
      [0, 1].flatMap((layer) =>
        targets.flatMap((target) => ["a", "b"].map((side) => `blk.${layer}.${target}.weight.lora_${side}`)),
      ),
    );
    const [a = "", b = ""] = names;
    const start = await program.read(a);
    expect(await wider.read(a)).toEqual(start);
    expect(await other.read(a)).not.toEqual(start);
    expect(Math.max(...start.map(Math.abs))).toBeLessThanOrEqual(1 / Math.sqrt(tinyShape.dim));
    expect(Math.max(...start.map(Math.abs))).toBeGreaterThan(0.8 / Math.sqrt(tinyShape.dim));
    expect((await program.read(b)).every((value) => value === 0)).toBe(true);
    await program.step([tinyBatch(1)], { learningRate: 1e-2, step: 1 });
    expect((await program.read(b)).some((value) => value !== 0)).toBe(true);
  });
});

/** The same weights with every matrix rounded to blocks of 32 int8 and a scale. */
describe("the loss", () => {
  test("is the same in chunks, tied or not", async () => {
    for (const tied of [true, false]) {
      const weights = tinyWeights({ ...tinyShape, tied });
      const [whole, chunked] = [
        await train(tinySpec({ weights })),
        await train(tinySpec({ weights, lossChunk: 10 })),
      ];
      whole.curve.forEach((number, i) => expect(chunked.curve[i]).toBeCloseTo(number, 4));
    }
  });

  test.each([
    ["full", { kind: "full" }],
    ["lora", everyLinear],
  ] as const)("is the same where the head is computed for the scored positions only: %s", async (_, kind) => {
    const few = (index: number): Batch => {
      const { tokens, targets } = tinyBatch(index);
      return { tokens, targets: targets.map((target, i) => ((i + index) % 7 === 0 ? target : -1)) };
    };
    const results: { losses: number[]; state: Map<string, Float32Array> }[] = [];
    for (const changes of [{}, { scoredPositions: 8 }, { scoredPositions: 8, accumulate: 2 }]) {
      await using program = await createProgram(tinySpec({ train: kind, ...changes }));
      const losses: number[] = [];
      for (let step = 1; step <= 3; step++) {
        losses.push((await program.step([few(step)], { learningRate: 1e-2, step })).loss);
      }
      const { lossSum } = await program.evaluate(few(4));
      results.push({ losses: [...losses, lossSum], state: await program.saveState() });
    }
    const [every, ...scored] = results;
    for (const { losses, state } of scored) {
      every?.losses.forEach((loss, i) => expect(losses[i]).toBeCloseTo(loss, 4));
      for (const [name, values] of state) {
        expect(largestDifference(values, every?.state.get(name)), name).toBeLessThan(1e-4);
      }
    }
  });

  test("is the same for a batch that is shorter than the program's sequences", async () => {
    const short = tinyBatch(1, 2, 6);
    const padded: Batch = { tokens: new Int32Array(32), targets: new Int32Array(32).fill(-1) };
    for (const row of [0, 1]) {
      padded.tokens.set(short.tokens.subarray(row * 6, row * 6 + 6), row * 16);
      padded.targets.set(short.targets.subarray(row * 6, row * 6 + 6), row * 16);
    }
    const results: [number, Map<string, Float32Array>][] = [];
    for (const batch of [short, padded]) {
      await using program = await createProgram(tinySpec());
      const { loss } = await program.step([batch], { learningRate: 1e-2, step: 1 });
      results.push([loss, await program.saveState()]);
      // The other length goes on with the same parameters.
      await program.step([tinyBatch(2)], { learningRate: 1e-2, step: 2 });
    }
    const [one, other] = results;
    expect(one?.[0]).toBeCloseTo(other?.[0] ?? NaN, 5);
    for (const [name, values] of one?.[1] ?? []) {
      expect(largestDifference(values, other?.[1].get(name)), name).toBeLessThan(1e-4);
    }
  });

  test("does not depend on masked targets or on what follows", async () => {
    await using program = await createProgram(tinySpec());
    const batch = tinyBatch(1);
    const { lossSum, lossTokens } = await program.evaluate(batch);
    expect(lossSum / lossTokens).toBeGreaterThan(1);
    const changed = {
      tokens: batch.tokens.with(15, 1).with(31, 1),
      targets: batch.targets.with(15, -1).with(31, -1),
    };
    const original = { tokens: batch.tokens, targets: changed.targets };
    expect(await program.evaluate(changed)).toEqual(await program.evaluate(original));
  });

  test("equals that of the logits", async () => {
    await using program = await createProgram(tinySpec({ batchSize: 1 }));
    const { tokens, targets } = tinyBatch(1, 1);
    let sum = 0;
    for (let length = 1; length <= 16; length++) {
      const target = targets[length - 1] ?? -1;
      if (target < 0) continue;
      const logits = await program.logits(tokens.slice(0, length));
      const most = Math.max(...logits);
      sum +=
        Math.log(logits.reduce((total, logit) => total + Math.exp(logit - most), 0)) +
        most -
        (logits[target] ?? NaN);
    }
    const { lossSum } = await program.evaluate({ tokens, targets });
    expect(lossSum).toBeCloseTo(sum, 3);
  });

  test("of no scored token changes nothing", async () => {
    await using program = await createProgram(tinySpec());
    const before = await program.saveState();
    const batch = { tokens: tinyBatch(1).tokens, targets: tinyBatch(1).targets.fill(-1) };
    expect(await program.step([batch], { learningRate: 1, step: 1 })).toEqual({
      loss: 0,
      gradientNorm: 0,
      lossTokens: 0,
    });
    expect(await program.evaluate(batch)).toEqual({ lossSum: 0, lossTokens: 0 });
    expectSameBits(before, await program.saveState());
  });
});

describe("clipping and decay", () => {
  test("the update of a clipped gradient is that of the gradient divided by its norm", async () => {
    const optimizer = { beta1: 0, beta2: 0, epsilon: 1, weightDecay: 0, clipNorm: null };
    const run = async (clipNorm: number | null) => {
      await using program = await createProgram(tinySpec({ optimizer: { ...optimizer, clipNorm } }));
      const before = await program.read("output_norm.weight");
      const { gradientNorm } = await program.step([tinyBatch(1)], { learningRate: 1, step: 1 });
      const after = await program.read("output_norm.weight");
      // with both β at 0 and ε = 1 a change is g / (|g| + 1)
      const gradient = before
        .map((value, i) => value - (after[i] ?? NaN))
        .map((change) => change / (1 - Math.abs(change)));
      return { gradient, gradientNorm };
    };
    const [free, clipped] = [await run(null), await run(0.01)];
    expect(clipped.gradientNorm).toBeCloseTo(free.gradientNorm, 5);
    const expected = free.gradient.map((value) => (value * 0.01) / free.gradientNorm);
    expect(largestDifference(clipped.gradient, expected)).toBeLessThan(1e-5);
  });

  test("decay shrinks matrices and leaves vectors", async () => {
    const run = async (weightDecay: number) => {
      const { optimizer } = tinySpec();
      await using program = await createProgram(tinySpec({ optimizer: { ...optimizer, weightDecay } }));
      await program.step([tinyBatch(1)], { learningRate: 0.1, step: 1 });
      return await program.saveState();
    };
    const [without, decayed] = [await run(0), await run(0.5)];
    const start = await tinyWeights().read("blk.0.ffn_up.weight");
    const expected = without.get("blk.0.ffn_up.weight")?.map((value, i) => value - 0.05 * (start[i] ?? NaN));
    expect(largestDifference(decayed.get("blk.0.ffn_up.weight"), expected)).toBeLessThan(1e-6);
    expect(decayed.get("output_norm.weight")).toEqual(without.get("output_norm.weight"));
  });
});

describe("refuses", () => {
  const adapter = everyLinear;
  test.each<[string, Partial<ProgramSpec>, RegExp]>([
    ["a sequence beyond the context", { sequenceLength: 17 }, /sequenceLength is 17.*context is 16/u],
    ["no batch", { batchSize: 0 }, /batchSize is 0/u],
    ["half a micro-batch", { accumulate: 1.5 }, /accumulate is 1.5/u],
    ["an empty chunk", { lossChunk: 0 }, /lossChunk is 0/u],
    ["no scored position", { scoredPositions: 0 }, /scoredPositions is 0/u],
    ["rank 0", { train: { ...adapter, rank: 0 } }, /rank is 0/u],
    ["alpha 0", { train: { ...adapter, alpha: 0 } }, /alpha is 0/u],
    ["no targets", { train: { ...adapter, targets: [] } }, /no targets/u],
  ])("%s", async (_, changes, message) => {
    await expect(createProgram(tinySpec(changes))).rejects.toThrow(message);
  });

  test("a weight of the wrong size", async () => {
    const weights = { shape: tinyShape, read: async () => new Float32Array(3) };
    await expect(createProgram(tinySpec({ weights }))).rejects.toThrow(/token_embd.weight has 3 values/u);
  });

  const inputs: [string, (program: TrainingProgram) => Promise<unknown>, RegExp][] = [
    [
      "a token outside the vocabulary",
      (program) => {
        const { tokens, targets } = tinyBatch(1);
        return program.evaluate({ tokens: tokens.with(2, 48), targets });
      },
      /token 2 is 48/u,
    ],
    [
      "a target below −1",
      (program) => {
        const { tokens, targets } = tinyBatch(1);
        return program.step([{ tokens, targets: targets.with(0, -2) }], { learningRate: 1, step: 1 });
      },
      /target 0 is -2/u,
    ],
    [
      "a short batch",
      (program) => program.evaluate({ tokens: new Int32Array(3), targets: new Int32Array(3) }),
      /sequences of one length up to 16/u,
    ],
    [
      "a long batch",
      (program) => program.evaluate(tinyBatch(1, 2, 17)),
      /34 tokens and 34 targets; 2 sequences of one length up to 16/u,
    ],
    [
      "too many micro-batches",
      (program) => program.step([tinyBatch(1), tinyBatch(2)], { learningRate: 1, step: 1 }),
      /1 to 1/u,
    ],
    ["a prompt beyond its length", (program) => program.logits(new Int32Array(17)), /logits of 17 tokens/u],
    ["a prompt with a foreign token", (program) => program.logits(Int32Array.of(1, -5)), /token 1 is -5/u],
    [
      "a state of another program",
      (program) => program.loadState(new Map()),
      /no values for token_embd.weight/u,
    ],
  ];
  test.each(inputs)("%s", async (_, call, message) => {
    await using program = await createProgram(tinySpec());
    await expect(call(program)).rejects.toThrow(message);
  });

  test("any work after it is closed", async () => {
    const program = await createProgram(tinySpec());
    await program.close();
    await program.close();
    await expect(program.evaluate(tinyBatch(1))).rejects.toThrow(/closed/u);
  });
});

test("a provider that cannot run says why", async () => {
  expect(await providerSelfTest("cpu")).toEqual({ ok: true });
});

test("the memory estimate grows with what needs memory", () => {
  const spec = tinySpec();
  const bytes = totalMemory(estimateMemory(spec));
  expect(bytes).toBeGreaterThan(50e6);
  expect(totalMemory(estimateMemory({ ...spec, batchSize: 64 }))).toBeGreaterThan(bytes);
  expect(
    totalMemory(estimateMemory({ ...spec, weights: tinyWeights({ ...tinyShape, dim: 64, headDim: 16 }) })),
  ).toBeGreaterThan(bytes);
});
