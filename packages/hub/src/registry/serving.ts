import type { servingChange, ServingSettings } from "@hearth/wire/hub/serving";
import { serving as servingSchema } from "@hearth/wire/hub/serving";
import type { z } from "zod";
import { HearthError } from "../errors.ts";
import type { ModelTable } from "../storage/tables/registry.ts";

const nothingSet: ServingSettings = {
  slots: null,
  context: null,
  threads: null,
  kv_cache_type: null,
  keep_alive: null,
  pinned: false,
};
/** A row of a later Hearth may say more, one of an earlier less. */
const stored = servingSchema.partial();

/** What a person has set for a model. */
export function parseServing(text: string | null): ServingSettings {
  if (text === null) return nothingSet;
  const { slots, context, threads, kv_cache_type, keep_alive, pinned } = stored.parse(JSON.parse(text));
  return {
    slots: slots ?? null,
    context: context ?? null,
    threads: threads ?? null,
    kv_cache_type: kv_cache_type ?? null,
    keep_alive: keep_alive ?? null,
    pinned: pinned ?? false,
  };
}

/**
 * The settings as text after a change.
 *
 * @throws HearthError `invalid_request` for a model of adapters: its answers come from another model's weights.
 */
export function changeServing(
  model: Pick<ModelTable, "name" | "base_model"> & { serving: string | null },
  change: z.infer<typeof servingChange>,
): string {
  if (model.base_model !== null) {
    throw new HearthError(
      "invalid_request",
      `serving is set on the model whose weights are loaded: ${model.name} is made of adapters on ${model.base_model}, set it there.`,
      { details: { field: "serving", base_model: model.base_model } },
    );
  }
  const given = Object.entries(change).filter(([, value]) => value !== undefined);
  return JSON.stringify({ ...parseServing(model.serving), ...Object.fromEntries(given) });
}
