import type { ModelVersion } from "@hearth/wire/hub/models";

/** Whether a training left the adapter for the same base in GGUF, and the prompts by which that base is known. */
export function canBecomeGguf({
  kind,
  status,
  checksums,
}: Pick<ModelVersion, "kind" | "status" | "checksums">): boolean {
  const kept = ["adapter.gguf", "probes.json"].every((file) => Object.hasOwn(checksums, file));
  return kind === "adapter" && status === "ready" && kept;
}
