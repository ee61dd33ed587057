import { z } from "zod";

/** What a model file says of itself, as it is kept with a version. */
export const importedSummary = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]));

/** From the hub to the import child. */
export const importCommand = z.discriminatedUnion("type", [
  /** Read `source`, leave a checked copy at `copy`. */
  z.strictObject({ type: z.literal("import"), source: z.string(), copy: z.string() }),
  /** Only say what `source` is. */
  z.strictObject({ type: z.literal("describe"), source: z.string() }),
]);
export type ImportCommand = z.infer<typeof importCommand>;

/** From the import child to the hub. */
export const importEvent = z.discriminatedUnion("type", [
  z.object({ type: z.literal("ready") }),
  z.object({
    type: z.literal("imported"),
    sha256: z.string().regex(/^[0-9a-f]{64}$/),
    summary: importedSummary,
  }),
  z.object({ type: z.literal("described"), summary: importedSummary }),
  z.object({
    type: z.literal("refused"),
    error: z.object({ code: z.string(), message: z.string(), details: z.record(z.string(), z.unknown()) }),
  }),
]);
export type ImportEvent = z.infer<typeof importEvent>;
