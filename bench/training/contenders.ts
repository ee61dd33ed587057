import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { z } from "zod";
import { decoderTensors } from "../../packages/hub/src/model-files/gguf/decoder-model.ts";
import { mlxPeerHome } from "../../packages/hub/src/inference/tests/mlx-peer.ts";
import { readEnvironment } from "../../packages/hub/src/inference/engines/mlx/environment/environment.ts";
import { inheritedEnvironment } from "../../packages/hub/src/process/environment.ts";
import { trainerEnvironment } from "../../packages/hub/src/training/trainers/onnx/process-environment.ts";
import { makeRandomModel } from "../models/random-model.ts";
import type { TrainingCase } from "./cases.ts";
import { shapes } from "./cases.ts";

const root = join(import.meta.dirname, "../..");
const python = join(root, ".venv/bin/python");
const compilers = ["g++", "clang++", "c++"];
export const ours = "Hearth";
export const eager = "PyTorch eager";

/** Who trains, and how that process is started. */
export interface Contender {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** Fields of its input beside those that all get. */
  readonly more: Readonly<Record<string, unknown>>;
  /** Why it cannot take part in a case; null when it can. */
  readonly absentFrom: (one: TrainingCase) => string | null;
}

const measured = z.object({
  version: z.string(),
  seconds: z.array(z.number()),
  losses: z.array(z.number()),
  peakBytes: z.number(),
  /** Resident before there is a model: the interpreter and its libraries. */
  startBytes: z.number(),
});
export type Measured = z.infer<typeof measured>;

const always = (): null => null;

const knownPeers: readonly string[] = ["eager", "compiled", "mlx"];

/**
 * Everybody who can be measured here, and notes on who cannot.
 *
 * @param peers only these beside Hearth: eager, compiled, mlx
 * Errors: Error for a name that is none of them.
 */
export function contenders(peers: readonly string[] = knownPeers): {
  contenders: Contender[];
  notes: string[];
} {
  const unknown = peers.find((peer) => !knownPeers.includes(peer));
  if (unknown !== undefined)
    throw new Error(`The bench training knows no peer ${unknown}; it knows ${knownPeers.join(", ")}.`);
  const found: Contender[] = [
    {
      name: ours,
      command: process.execPath,
      args: [join(import.meta.dirname, "hearth-run.ts")],
      more: {},
      absentFrom: always,
    },
  ];
  const notes: string[] = [];
  const torch = {
    command: python,
    args: [join(root, "tests/peers/torch_llama.py"), "bench"],
    absentFrom: always,
  };
  if (!existsSync(python)) notes.push("PyTorch is not compared: infra/peers/install.sh installs it");
  else {
    found.push({ ...torch, name: eager, more: { compile: false } });
    if (hasCompiler()) found.push({ ...torch, name: "PyTorch compiled", more: { compile: true } });
    else notes.push(`torch.compile is not compared: it needs one of ${compilers.join(", ")} on the path`);
  }
  const mlx = readEnvironment(mlxPeerHome);
  if (mlx === null) notes.push("mlx is not compared: infra/peers/install-mlx.sh installs it");
  else {
    found.push({
      name: `mlx (${mlx.device})`,
      command: mlx.interpreter,
      args: [join(root, "tests/peers/mlx_llama.py")],
      more: {},
      absentFrom: ({ shape }) =>
        mlx.device === "cpu" && (shape === "0.5B" || shape === "0.1B")
          ? "mlx on the CPU is not measured on 0.1B and 0.5B: there it is made to be right, not to be fast"
          : null,
    });
  }
  const wanted = [ours, ...peers];
  return { contenders: found.filter(({ name }) => wanted.some((word) => name.includes(word))), notes };
}

function hasCompiler(): boolean {
  const folders = (inheritedEnvironment()["PATH"] ?? "").split(":");
  return folders.some((folder) => compilers.some((name) => existsSync(join(folder, name))));
}

/** Writes the base that the embedded trainer reads; like those of the peers its logits are small. */
export async function writeBase(
  path: string,
  { shape, base }: Pick<TrainingCase, "shape" | "base">,
): Promise<void> {
  const preset = shapes[shape];
  await makeRandomModel(path, { preset, type: base, seed: 1, embeddingDeviation: preset.dim ** -0.5 });
}

/**
 * Trains one case in a fresh process.
 *
 * @returns undefined when it took longer than the case allows
 * Errors: Error when the process fails or trains to a loss that is not a number.
 */
export async function measure(
  { command, args, more, name }: Contender,
  one: TrainingCase,
  basePath: string,
  options: { seed: number; threads: number },
): Promise<Measured | undefined> {
  const shape = shapes[one.shape];
  const { rank, base, batchSize, sequenceLength, steps, minutes } = one;
  // as the hub starts its trainer; for all, so that none has the better allocator
  const env = { ...inheritedEnvironment(), ...trainerEnvironment };
  const child = spawn(command, [...args], { stdio: ["pipe", "pipe", "inherit"], env });
  const work = { batchSize, sequenceLength, steps, rank, base, basePath };
  child.stdin.end(
    JSON.stringify({ shape, tensors: [...decoderTensors(shape)], ...work, ...options, ...more }),
  );
  let late = false;
  const limit = setTimeout(() => {
    late = true;
    child.kill("SIGKILL");
  }, minutes * 60_000);
  const [output, code] = await Promise.all([
    text(child.stdout),
    new Promise<number | null>((resolve, reject) => child.once("error", reject).once("close", resolve)),
  ]).finally(() => clearTimeout(limit));
  if (late) return undefined;
  if (code !== 0) throw new Error(`${name} ended with ${code} in ${one.part}`);
  const result = measured.parse(JSON.parse(output.trim().split("\n").at(-1) ?? ""));
  if (!result.losses.every(Number.isFinite))
    throw new Error(`${name} trained to a loss that is not a number`);
  return result;
}
