import { datasetMapping, datasetOptions, splitName, type DatasetOptions } from "@hearth/wire/hub/datasets";
import { UsageError } from "./errors.ts";

/** As they are written: `prompt=question,completion=answer`, `train=0.8,validation=0.1,test=0.1`. */
export interface WrittenDatasetOptions {
  map?: string;
  split?: string;
  seed?: number;
}

/** Reads `--map`, `--split` and `--seed`. Throws UsageError that says what is wrong in them. */
export function datasetOptionsOf({ map, split, seed }: WrittenDatasetOptions): DatasetOptions {
  if (seed !== undefined && split === undefined)
    throw new UsageError("--seed is of a division: give --split too, such as train=0.9,validation=0.1");
  const fields = Object.keys(datasetMapping.shape);
  const given = {
    ...(map === undefined ? {} : { mapping: pairs("--map", map, fields) }),
    ...(split === undefined
      ? {}
      : { split: { ratios: ratios(split), ...(seed === undefined ? {} : { seed }) } }),
  };
  const parsed = datasetOptions.safeParse(given);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const option = issue?.path[0] === "split" ? "--split" : "--map";
  throw new UsageError(`${option} ${issue?.message ?? "is wrong"}`);
}

function ratios(text: string): Record<string, number> {
  const written = Object.entries(pairs("--split", text, splitName.options));
  return Object.fromEntries(
    written.map(([split, share]) => {
      const ratio = Number(share);
      if (!Number.isFinite(ratio)) throw new UsageError(`--split ${split}=${share}: ${share} is no number`);
      return [split, ratio];
    }),
  );
}

function pairs(option: string, text: string, keys: readonly string[]): Record<string, string> {
  const found = new Map<string, string>();
  for (const part of text.split(",")) {
    const at = part.indexOf("=");
    const key = part.slice(0, at).trim();
    if (at < 1 || !keys.includes(key) || found.has(key))
      throw new UsageError(
        `${option} is written as ${keys.join("=…,")}=…, each once at most; found ${JSON.stringify(part)}`,
      );
    found.set(key, part.slice(at + 1).trim());
  }
  return Object.fromEntries(found);
}
