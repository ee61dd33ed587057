import type { ModelVersion } from "@hearth/wire/hub/models";
import { formatBytes } from "../../components/format.ts";

/** The data, seeds, code and machine of a version by names, as far as they are known; programs are told elsewhere. */
export function madeWith({ lineage }: ModelVersion): Record<string, string> {
  const { dataset, base, seeds, code, hardware } = lineage;
  const facts: Record<string, string> = {};
  if (dataset !== null) facts["dataset"] = `${dataset.name} ${dataset.sha256}`;
  for (const [split, { rows, sha256 }] of Object.entries(dataset?.splits ?? {}))
    facts[`dataset, ${split}`] = `${rows} rows, ${sha256}`;
  if (base !== null) facts["base"] = `${base.reference} ${base.sha256}`;
  for (const [what, seed] of Object.entries(seeds))
    facts[`seed of ${what.replaceAll("_", " ")}`] = String(seed);
  if (code.commit !== null) facts["commit"] = code.commit;
  if (code.dirty !== null) facts["changes beside it"] = code.dirty ? (code.diff_sha256 ?? "yes") : "none";
  if (hardware !== null) {
    facts["processor"] = `${hardware.cpu}, ${hardware.cores} cores`;
    if (hardware.features !== null) facts["instruction sets"] = hardware.features.join(" ");
    facts["memory"] = formatBytes(hardware.memory_bytes);
    facts["graphics"] = hardware.gpus.length === 0 ? "none" : hardware.gpus.join(", ");
  }
  return facts;
}
