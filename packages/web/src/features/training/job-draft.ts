import { trainerName } from "@hearth/wire/hub/training";
import { z } from "zod";
import type { JobFormValues } from "./job-form-values.ts";

const key = "hearth-training-draft";

const draft = z.object({
  /** The address that the form was opened at: what another one fills in is not overwritten. */
  address: z.string(),
  values: z.object({
    model: z.string(),
    dataset: z.string().nullable(),
    base: z.string().nullable(),
    recipe: z.enum(["lora", "full", "pretrain"]),
    targets: z.array(z.string()),
    provider: z.enum(["auto", "cpu", "webgpu"]),
    trainer: z.enum(["auto", ...trainerName.options]),
    packing: z.boolean().default(false),
    recompute: z.enum(["none", "layers"]).nullable().default(null),
    priority: z.int().default(0),
    numbers: z.record(z.string(), z.union([z.number(), z.string()])),
    prompts: z.string(),
  }),
});

/** What was typed into the form at this address and not started, also before the page was loaded anew. */
export function readDraft(address: string): JobFormValues | null {
  const kept = sessionStorage.getItem(key);
  if (kept === null) return null;
  try {
    const read = draft.safeParse(JSON.parse(kept));
    return read.success && read.data.address === address ? read.data.values : null;
  } catch {
    // Not ours, or of another version: as good as none.
    return null;
  }
}

/** Keeps what stands in the form until the tab is closed. */
export function keepDraft(address: string, values: JobFormValues): void {
  try {
    sessionStorage.setItem(key, JSON.stringify({ address, values }));
  } catch {
    // The browser keeps nothing: what is typed stays on the screen.
  }
}

/** The job was started, or the form is begun anew. */
export function dropDraft(): void {
  sessionStorage.removeItem(key);
}
