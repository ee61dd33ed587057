import type { GgufValue, GgufValueType } from "../gguf/format.ts";
import { readGgufHeader, readTensor } from "../gguf/read.ts";
import { writeGguf } from "../gguf/write.ts";
import type { GgufEntry, GgufTensorToWrite } from "../gguf/write.ts";

export interface Alteration {
  /** New or changed metadata; null removes the key. */
  metadata?: Record<string, [type: GgufValueType, value: GgufValue["value"]] | null>;
  /** Names of tensors to leave out. */
  without?: readonly string[];
  /** Tensors to add, or to put in the place of one of the same name. */
  tensors?: readonly GgufTensorToWrite[];
}

/** Copies a model as F32 with some of its metadata and tensors changed, for tests of what is refused. */
export async function alterModel(source: string, target: string, change: Alteration): Promise<void> {
  const header = await readGgufHeader(source);
  const metadata = new Map<string, [GgufValueType, GgufValue["value"]]>();
  for (const [key, { type, value }] of header.metadata) metadata.set(key, [type, value]);
  for (const [key, entry] of Object.entries(change.metadata ?? {})) {
    if (entry === null) metadata.delete(key);
    else metadata.set(key, entry);
  }
  const tensors = new Map<string, GgufTensorToWrite>();
  for (const [name, { shape }] of header.tensors) {
    if (change.without?.includes(name) === true) continue;
    tensors.set(name, { name, shape, type: "F32", data: await readTensor(header, name) });
  }
  for (const tensor of change.tensors ?? []) tensors.set(tensor.name, tensor);
  const entries = [...metadata].map(([key, [type, value]]): GgufEntry => [key, type, value]);
  await writeGguf(target, { metadata: entries, tensors: [...tensors.values()] });
}
