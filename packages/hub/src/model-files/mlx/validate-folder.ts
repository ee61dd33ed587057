import { readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { z } from "zod";
import { ModelFileInvalid, quoted } from "../invalid.ts";
import { readSafetensorsHeader, type SafetensorsTensor } from "../safetensors.ts";
import { parseObject, readMlxConfig, type MlxConfig } from "./config.ts";
import { isWeights, modelFolderFiles, type FolderFile } from "./folder-files.ts";

/** What a person or a page wants to know of a model in MLX's format; sizes that it does not tell are missing. */
export interface MlxSummary extends Omit<MlxConfig, "bits" | "groupSize"> {
  format: "mlx";
  name: string;
  /** Numbers in all tensors. */
  parameters: number;
  quantisation: string;
  chatTemplate: boolean;
  /** Bytes of all files. */
  fileSize: number;
}

export interface MlxFolder {
  files: FolderFile[];
  summary: MlxSummary;
}

const index = z.object({ weight_map: z.record(z.string(), z.string()) });
const mostConfigBytes = 4 * 2 ** 20;

/**
 * Checks a folder with a model in MLX's format: that it is complete, that every weights file is what it claims,
 * and that nothing of it would have to be run.
 *
 * Errors: {@link ModelFileInvalid} naming the file and what was found.
 */
export async function validateMlxFolder(folder: string): Promise<MlxFolder> {
  const files = await modelFolderFiles(folder);
  const settings = new Map<string, Record<string, unknown>>();
  for (const { name, size } of files) {
    if (!name.endsWith("config.json")) continue;
    if (size > mostConfigBytes)
      throw new ModelFileInvalid(`${name} has ${size} bytes; at most ${mostConfigBytes} are settings.`);
    settings.set(name, parseObject(name, await readFile(join(folder, name), "utf8")));
  }
  const config = readMlxConfig(JSON.stringify(settings.get("config.json") ?? {}));
  const tensors = await readTensors(folder, files);
  await checkIndex(folder, files, tensors);
  const { bits, groupSize, ...sizes } = config;
  const hasTemplate =
    settings.get("tokenizer_config.json")?.["chat_template"] !== undefined ||
    files.some(({ name }) => /^chat_template\.(jinja|json)$/.test(name));
  return {
    files,
    summary: {
      format: "mlx",
      name: basename(folder),
      ...sizes,
      parameters: parametersOf([...tensors.values()], bits),
      quantisation:
        bits === null ? commonType([...tensors.values()]) : `${bits} bits in groups of ${groupSize ?? 64}`,
      chatTemplate: hasTemplate,
      fileSize: files.reduce((sum, { size }) => sum + size, 0),
    },
  };
}

async function readTensors(
  folder: string,
  files: readonly FolderFile[],
): Promise<Map<string, SafetensorsTensor & { file: string }>> {
  const tensors = new Map<string, SafetensorsTensor & { file: string }>();
  for (const { name } of files) {
    if (!isWeights(name)) continue;
    const header = await readSafetensorsHeader(join(folder, name)).catch((error: unknown) => {
      if (!(error instanceof ModelFileInvalid)) throw error;
      throw new ModelFileInvalid(`${name}: ${error.message}`, { cause: error, details: { file: name } });
    });
    for (const [key, tensor] of header.tensors) {
      const before = tensors.get(key);
      if (before !== undefined)
        throw new ModelFileInvalid(`The tensor ${quoted(key)} is in ${before.file} and in ${name}.`);
      tensors.set(key, { ...tensor, file: name });
    }
  }
  if (tensors.size === 0) throw new ModelFileInvalid("The weights have no tensor.");
  return tensors;
}

/** A download that was interrupted lacks shards that the index names. */
async function checkIndex(
  folder: string,
  files: readonly FolderFile[],
  tensors: ReadonlyMap<string, { file: string }>,
): Promise<void> {
  const name = "model.safetensors.index.json";
  if (!files.some((file) => file.name === name)) return;
  const parsed = index.safeParse(parseObject(name, await readFile(join(folder, name), "utf8")));
  if (!parsed.success) throw new ModelFileInvalid(`${name} has no "weight_map" of tensors and files.`);
  for (const [tensor, file] of Object.entries(parsed.data.weight_map)) {
    if (!files.some((each) => each.name === file))
      throw new ModelFileInvalid(`The file ${quoted(file)} is missing, which ${name} names; fetch it again.`);
    if (tensors.get(tensor)?.file !== file)
      throw new ModelFileInvalid(
        `${quoted(file)} lacks the tensor ${quoted(tensor)}, which ${name} promises.`,
      );
  }
}

/** Quantised weights are packed into 32-bit words, with a scale and a bias for each group. */
function parametersOf(
  tensors: readonly (SafetensorsTensor & { file: string })[],
  bits: number | null,
): number {
  return tensors.reduce((sum, { name, shape, type }) => {
    const elements = shape.reduce((product, each) => product * each, 1);
    if (bits === null) return sum + elements;
    if (/\.(scales|biases)$/.test(name)) return sum;
    return sum + (type === "U32" ? (elements * 32) / bits : elements);
  }, 0);
}

/** The type of most numbers. */
function commonType(tensors: readonly SafetensorsTensor[]): string {
  const bytes = new Map<string, number>();
  for (const { type, byteLength } of tensors) bytes.set(type, (bytes.get(type) ?? 0) + byteLength);
  return [...bytes].toSorted((a, b) => b[1] - a[1])[0]?.[0] ?? "unknown";
}
