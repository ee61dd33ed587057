import { lstat, readdir } from "node:fs/promises";
import { join } from "node:path";
import { ModelFileInvalid, quoted } from "../invalid.ts";

/** A file of a model folder that belongs to the model. */
export interface FolderFile {
  name: string;
  /** Bytes. */
  size: number;
}

/** More is no model; a folder of many gigabytes in shards has some hundred. */
const mostEntries = 4096;
const mostFiles = 1024;
const mostTextBytes = 128 * 2 ** 20;

/** Weights by the names that mlx-lm looks for. */
const weights = /^model[\w.-]*\.safetensors$/;
/** Settings, vocabularies and templates. */
const texts = /^[\w.-]+\.(json|txt|model|jinja|tiktoken)$/;
/** What could be run, by Python, by a shell or by the system. */
const code = /\.(py|pyc|pyd|pyw|so|dylib|dll|exe|sh|bash|bat|cmd|ps1|js|mjs|jar)$/i;

/**
 * The files of a folder that make up a model as mlx-lm reads it, by name. Others, such as a README or weights in
 * other formats, are not part of it; folders are passed over.
 *
 * Errors: {@link ModelFileInvalid} for code and programs, symbolic links, devices, files that are too large, and
 * a folder without config.json, weights and a tokenizer.
 */
export async function modelFolderFiles(folder: string): Promise<FolderFile[]> {
  const names = await readdir(folder);
  if (names.length > mostEntries)
    throw new ModelFileInvalid(
      `A model's folder has at most ${mostEntries} entries; this one has ${names.length}.`,
    );
  const files: FolderFile[] = [];
  for (const name of names.toSorted()) {
    const file = await checkedEntry(folder, name);
    if (file !== null) files.push(file);
  }
  if (files.length > mostFiles)
    throw new ModelFileInvalid(`A model has at most ${mostFiles} files; this folder has ${files.length}.`);
  requireParts(files.map(({ name }) => name));
  return files;
}

export function isWeights(name: string): boolean {
  return weights.test(name);
}

/** Null when it does not belong to the model. */
async function checkedEntry(folder: string, name: string): Promise<FolderFile | null> {
  const stats = await lstat(join(folder, name));
  if (stats.isDirectory()) return null;
  if (stats.isSymbolicLink()) {
    throw new ModelFileInvalid(
      `${quoted(name)} is a symbolic link; a model's folder holds its files themselves. Copy it with \`cp -rL\` first.`,
      { details: { file: name } },
    );
  }
  if (!stats.isFile())
    throw new ModelFileInvalid(`${quoted(name)} is not a regular file.`, { details: { file: name } });
  // Windows has no such bits and reports them for every file that looks like a program.
  const runs = process.platform !== "win32" && (stats.mode & 0o111) !== 0;
  if (code.test(name) || runs) {
    throw new ModelFileInvalid(
      runs && !code.test(name)
        ? `${quoted(name)} may be run as a program; take that right away (chmod -x) if it is none.`
        : `${quoted(name)} is code, which a model must not bring along; remove it if the model works without. Models that need code of their own are not run.`,
      { details: { file: name } },
    );
  }
  if (isWeights(name)) return { name, size: stats.size };
  if (!texts.test(name)) return null;
  if (stats.size > mostTextBytes) {
    throw new ModelFileInvalid(
      `${quoted(name)} has ${stats.size} bytes; at most ${mostTextBytes} are allowed beside the weights.`,
      { details: { file: name } },
    );
  }
  return { name, size: stats.size };
}

function requireParts(names: readonly string[]): void {
  const lacks = (what: string): ModelFileInvalid =>
    new ModelFileInvalid(
      `The folder has no ${what}; a model for the MLX engine has config.json, model*.safetensors and a tokenizer. A GGUF model is given as its file.`,
      { details: { files: names.slice(0, 50) } },
    );
  if (!names.includes("config.json")) throw lacks("config.json");
  if (!names.some(isWeights)) throw lacks("model*.safetensors");
  const tokenizer = names.some((name) => /^tokenizer\.(json|model)$|\.tiktoken$/.test(name));
  if (!tokenizer) throw lacks("tokenizer.json or tokenizer.model");
}
