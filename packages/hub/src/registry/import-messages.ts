import { z } from "zod";

/** What a model is called in the folder of its version: one GGUF file, or a folder with what MLX reads. */
export const modelFileName = "model.gguf";
export const modelFolderName = "model";

/** What a model file says of itself, as it is kept with a version. */
export const importedSummary = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]));

/** From the hub to the import child. */
export const importCommand = z.discriminatedUnion("type", [
  /** Read `source`, a file or a folder, and leave a checked copy in the folder `into`. */
  z.strictObject({ type: z.literal("import"), source: z.string(), into: z.string() }),
  /** Only say what `source` is. */
  z.strictObject({ type: z.literal("describe"), source: z.string() }),
]);
export type ImportCommand = z.infer<typeof importCommand>;

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

/** What the import child answers of a model that it copied. */
export const importedModel = z.object({
  /** Of what the engine loads. */
  fileName: z.enum([modelFileName, modelFolderName]),
  /** Of the file; of a folder, of the list of its files and their checksums. */
  sha256,
  /** File name relative to the folder of the copy → sha256. */
  checksums: z.record(z.string(), sha256),
  summary: importedSummary,
});
export type ImportedModel = z.infer<typeof importedModel>;
