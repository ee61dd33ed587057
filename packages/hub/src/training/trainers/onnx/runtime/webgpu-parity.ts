/**
 * Compares WebGPU with the CPU and prints one JSON line per check: `{ name, worst }`, the greatest
 * difference relative to the size of the values. A process of its own, because the Vulkan driver
 * is chosen by the environment and a lost device ends the process.
 */
import { gradientResults } from "../graph/case-runner.ts";
import { differentiableCases, forwardCases } from "../graph/operation-cases.ts";
import { caseInputs, forwardResults } from "../graph/case-runner.ts";
import { f16ToF32, f32ToF16 } from "../../../../model-files/gguf/quantise.ts";
import type { ProgramSpec, Weights } from "../program.ts";
import { openProgram } from "./onnx-program.ts";
import { providerSelfTest } from "./self-test.ts";
import { familyShapes, tinyBatch, tinyShape, tinySpec, tinyWeights } from "./tiny-model.ts";

function report(name: string, worst: number, reason?: string): void {
  // JSON has no NaN
  process.stdout.write(`${JSON.stringify({ name, worst: Number.isFinite(worst) ? worst : 1e9, reason })}\n`);
}

function difference(a: Float32Array, b: Float32Array): number {
  if (a.length !== b.length) return Infinity;
  const size = a.reduce((most, x) => Math.max(most, Math.abs(x)), 0.1);
  return a.reduce((worst, x, i) => Math.max(worst, Math.abs(x - (b[i] ?? NaN)) / size), 0);
}

for (const tested of differentiableCases) {
  if (tested.cpuOnly) continue;
  const cpu = await gradientResults(tested, "cpu");
  const gpu = await gradientResults(tested, "webgpu");
  const worst = cpu.gradients.map((gradient, i) =>
    difference(gradient, gpu.gradients[i] ?? new Float32Array()),
  );
  report(tested.name, Math.max(difference(cpu.result, gpu.result), ...worst));
}
for (const tested of forwardCases) {
  const inputs = [caseInputs(tested)];
  const [[cpu], [gpu]] = [
    await forwardResults(tested, "cpu", inputs),
    await forwardResults(tested, "webgpu", inputs),
  ];
  report(tested.name, difference(cpu ?? new Float32Array(), gpu ?? new Float32Array()));
}

const selfTest = await providerSelfTest("webgpu");
report("self-test", selfTest.ok ? 0 : Infinity, selfTest.reason);

async function outcome(spec: ProgramSpec): Promise<Float32Array> {
  await using program = await openProgram(spec);
  const numbers: number[] = [];
  for (let step = 1; step <= 2; step++) {
    const batches = Array.from({ length: spec.accumulate }, (_, i) => tinyBatch(step * spec.accumulate + i));
    const { loss, gradientNorm } = await program.step(batches, { learningRate: 1e-2, step });
    numbers.push(loss, gradientNorm);
  }
  const saved = await program.saveState();
  await program.step([tinyBatch(9)], { learningRate: 1e-2, step: 3 });
  await program.loadState(saved);
  const { lossSum } = await program.evaluate(tinyBatch(7));
  const logits = await program.logits(tinyBatch(3).tokens.slice(0, 5));
  return Float32Array.of(...numbers, lossSum, ...logits);
}

const untied = { ...tinyShape, tied: false };
const adapter = { kind: "lora", rank: 4, alpha: 8, targets: ["attn_q", "ffn_down"], seed: 1 } as const;
/** The CPU keeps these as they are and decodes them in the graph; WebGPU takes them decoded. */
const halfWeights: Weights = {
  shape: tinyShape,
  read: async (name) => f16ToF32(f32ToF16(await tinyWeights().read(name))),
  readKept: async (name) => new Uint16Array(f32ToF16(await tinyWeights().read(name)).buffer),
};
const specs: [string, Partial<ProgramSpec>][] = [
  ["accumulated, untied", { accumulate: 2, weights: tinyWeights(untied) }],
  ["chunked loss", { lossChunk: 10 }],
  ...familyShapes.map(([name, traits]): [string, Partial<ProgramSpec>] => [
    name,
    { weights: tinyWeights({ ...tinyShape, traits }) },
  ]),
  ["layers computed again", { recompute: true }],
  ["a base in 16-bit floats", { train: adapter, weights: halfWeights }],
];
for (const [name, changes] of specs) {
  const [cpu, gpu] = [
    await outcome(tinySpec(changes)),
    await outcome(tinySpec({ ...changes, provider: "webgpu" })),
  ];
  report(name, difference(cpu, gpu));
}

{
  await using program = await openProgram(tinySpec({ provider: "webgpu" }));
  const before = await program.saveState();
  before.get("output_norm.weight")?.fill(NaN);
  await program.loadState(before);
  const { gradientNorm } = await program.step([tinyBatch(1)], { learningRate: 1e-2, step: 1 });
  const after = await program.saveState();
  const kept = [...before].every(([name, values]) =>
    values.every((value, i) => Object.is(value, after.get(name)?.[i])),
  );
  report("a NaN leaves everything as it was", kept && !Number.isFinite(gradientNorm) ? 0 : Infinity);
}
