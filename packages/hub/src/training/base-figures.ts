import { isBlockType } from "../model-files/gguf/blocks.ts";
import { ggmlTypes } from "../model-files/gguf/format.ts";
import type { GgmlTypeName } from "../model-files/gguf/format.ts";
import type { DecoderShape } from "../model-files/gguf/decoder-shape.ts";
import type { StoredBase } from "./trainers/onnx/model/memory.ts";

/** What is known of a base without opening its file. */
export interface BaseFigures {
  readonly shape: DecoderShape;
  readonly stored: StoredBase;
}

type Summary = Record<string, string | number | boolean>;

/** Whether a name is that of a tensor type. */
function isType(name: string): name is GgmlTypeName {
  return Object.hasOwn(ggmlTypes, name);
}

/**
 * A base's sizes and types by what its file said when it was registered. Of versions from before
 * these were asked for, what is missing is taken from Llama's usual proportions and from the name of
 * the quantisation. Null when not even width and layers are known.
 */
export function figuresOfSummary(summary: Summary): BaseFigures | null {
  const figure = (name: string): number | null => (typeof summary[name] === "number" ? summary[name] : null);
  const [parameters, dim, layers] = [figure("parameters"), figure("embedding"), figure("layers")];
  if (parameters === null || dim === null || layers === null) return null;
  const heads = figure("heads") ?? Math.max(1, Math.round(dim / 64));
  const headDim = figure("headDim") ?? dim / heads;
  const cache = figure("cacheElementsPerToken");
  const kvHeads =
    figure("kvHeads") ?? (cache === null ? heads : Math.max(1, Math.round(cache / (2 * layers * headDim))));
  const usual = typesOf(summary["weightTypes"]);
  const stored =
    usual.size > 0 ? usual : new Map([[likelyType(summary["quantisation"]), parameters] as const]);
  const headType = summary["headType"];
  const [likely = "F32"] = stored.keys();
  return {
    shape: {
      vocabulary: figure("vocabulary") ?? 32_000,
      dim,
      layers,
      heads,
      kvHeads,
      headDim,
      ffn: figure("ffn") ?? 3 * dim,
      context: figure("context") ?? 2 ** 31,
      tied: summary["tied"] !== false,
      // Neither changes the memory.
      normEps: 1e-5,
      ropeTheta: 10_000,
    },
    stored: { weights: stored, head: typeof headType === "string" && isType(headType) ? headType : likely },
  };
}

/** `Q4_K 1200, F32 64` by type; what is no type is left out. */
export function typesOf(text: unknown): Map<GgmlTypeName, number> {
  const types = new Map<GgmlTypeName, number>();
  if (typeof text !== "string") return types;
  for (const part of text.split(", ")) {
    const [name = "", count = ""] = part.split(" ");
    if (isType(name)) types.set(name, Number(count));
  }
  return types;
}

/** The type of most weights of a file by the name of its quantisation (`Q4_K_M`). */
function likelyType(quantisation: unknown): GgmlTypeName {
  const name = String(quantisation).replace(/_[SML]$/, "");
  return isType(name) && (isBlockType(name) || name === "F16") ? name : "F32";
}
