import { ModelFileInvalid, quoted } from "../invalid.ts";
import type { RopeScaling, YarnRamp } from "./decoder-shape.ts";
import { ropeFactorsName } from "./decoder-shape.ts";
import type { DecoderFamily } from "./families/family.ts";
import type { GgufHeader } from "./format.ts";
import { readTensor } from "./read.ts";

/** Turns between which YaRN's ramp lies where nothing is stated (Peng et al., 2023, section 3.2). */
const usualRamp = { betaFast: 32, betaSlow: 1 };

/** Keys that only YaRN reads; which of them count depends on the family. */
const tuning = [
  "yarn_ext_factor",
  "yarn_attn_factor",
  "yarn_beta_fast",
  "yarn_beta_slow",
  "yarn_log_multiplier",
];
const tunable: ReadonlySet<string> = new Set(["yarn_beta_fast", "yarn_beta_slow", "yarn_log_multiplier"]);

/**
 * How a model stretches its positions; null when it does not.
 *
 * @param sizes the head's width, and the context that counts as the original one where none is stated
 * Errors: {@link ModelFileInvalid} for kinds and settings that the family does not have.
 */
export async function readRopeScaling(
  header: GgufHeader,
  architecture: string,
  family: DecoderFamily,
  sizes: { headDim: number; context: number },
): Promise<RopeScaling | null> {
  const { metadata } = header;
  const key = (name: string) => `${architecture}.rope.scaling.${name}`;
  const kind = metadata.optionalString(key("type"));
  const factor =
    metadata.optionalNumber(key("factor")) ??
    metadata.optionalNumber(`${architecture}.rope.scale_linear`) ??
    1;
  if (!(factor > 0 && Number.isFinite(factor))) {
    throw new ModelFileInvalid(`${key("factor")} must be above 0; found ${factor}.`);
  }
  const isYarn = kind === "yarn";
  const known = kind === undefined || kind === "linear" || (kind === "none" && factor === 1);
  if (!known && !(isYarn && family.yarn !== "no")) {
    throw new ModelFileInvalid(
      `This model stretches its positions in a way that training does not know for ${architecture} (RoPE scaling ${quoted(kind ?? "none")}, factor ${factor}).`,
      { details: { scaling: kind, factor } },
    );
  }
  const factors = await readFactors(header, family, sizes.headDim);
  const attention = positive(header, key("attn_factor")) ?? 1;
  const yarn = isYarn ? readYarn(header, key, family, sizes.context) : null;
  if (factor === 1 && factors === null && attention === 1 && yarn === null) return null;
  return {
    positionScale: 1 / factor,
    factors,
    magnitude: attention * (yarn === null ? 1 : yarnMagnitude(factor, yarn)),
    yarn,
  };
}

/** The engine's factor on values that YaRN rotates, by which attention keeps its temperature. */
export function yarnMagnitude(factor: number, { logMultiplier }: YarnRamp): number {
  const grown = (multiplier: number) => (factor <= 1 ? 1 : 0.1 * multiplier * Math.log(factor) + 1);
  return grown(1) / (logMultiplier === null ? 1 : grown(logMultiplier));
}

function readYarn(
  header: GgufHeader,
  key: (name: string) => string,
  family: DecoderFamily,
  context: number,
): YarnRamp {
  for (const name of tuning) {
    if (!header.metadata.has(key(name)) || (family.yarn === "tunable" && tunable.has(name))) continue;
    throw new ModelFileInvalid(
      `Training does not know the setting ${key(name)} of this model's RoPE scaling.`,
      {
        details: { key: key(name) },
      },
    );
  }
  // The engine takes a stated 0 as not stated.
  const logMultiplier = header.metadata.optionalNumber(key("yarn_log_multiplier")) ?? 0;
  if (!Number.isFinite(logMultiplier) || logMultiplier < 0) {
    throw new ModelFileInvalid(`${key("yarn_log_multiplier")} must not be negative; found ${logMultiplier}.`);
  }
  return {
    originalContext: positive(header, key("original_context_length")) ?? context,
    betaFast: positive(header, key("yarn_beta_fast")) ?? usualRamp.betaFast,
    betaSlow: positive(header, key("yarn_beta_slow")) ?? usualRamp.betaSlow,
    logMultiplier: logMultiplier === 0 ? null : logMultiplier,
  };
}

function positive({ metadata }: GgufHeader, key: string): number | undefined {
  const value = metadata.optionalNumber(key);
  if (value !== undefined && !(value > 0 && Number.isFinite(value))) {
    throw new ModelFileInvalid(`${key} must be above 0; found ${value}.`, { details: { key, value } });
  }
  return value;
}

async function readFactors(
  header: GgufHeader,
  { ropeFactors }: DecoderFamily,
  headDim: number,
): Promise<number[] | null> {
  const tensor = header.tensors.get(ropeFactorsName);
  if (!ropeFactors || tensor === undefined) return null;
  if (tensor.shape.join() !== String(headDim / 2)) {
    throw new ModelFileInvalid(
      `The tensor ${ropeFactorsName} must have the shape [${headDim / 2}]; found [${tensor.shape.join(", ")}].`,
    );
  }
  const factors = Array.from(await readTensor(header, ropeFactorsName));
  const wrong = factors.find((factor) => !(factor > 0 && Number.isFinite(factor)));
  if (wrong !== undefined) {
    throw new ModelFileInvalid(`The tensor ${ropeFactorsName} must hold numbers above 0; found ${wrong}.`);
  }
  return factors;
}
