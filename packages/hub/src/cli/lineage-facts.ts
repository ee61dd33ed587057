import type { Lineage } from "@hearth/wire/hub/models";
import { formatBytes } from "./output.ts";
import { printable } from "./printable.ts";

/** Everything that is known of how a version was made, as names and values for people. */
export function lineageFacts(lineage: Lineage): [string, string][] {
  const { dataset, base, code, hardware, seeds, recipe, environment } = lineage;
  const facts: [string, string | null][] = [
    ["job", lineage.job_id],
    ["run", lineage.run_id],
    ["dataset", dataset === null ? null : named(dataset.name, dataset.version, dataset.sha256)],
    ...Object.entries(dataset?.splits ?? {}).map(([split, { rows, sha256 }]): [string, string] => [
      `dataset.${split}`,
      `${rows} rows ${sha256}`,
    ]),
    ["base", base === null ? null : `${base.reference} ${base.sha256}`],
    ...Object.entries(seeds).map(([name, seed]): [string, string] => [`seed.${name}`, String(seed)]),
    ...Object.entries(recipe ?? {}).map(([name, value]): [string, string] => [
      `recipe.${name}`,
      typeof value === "string" ? value : JSON.stringify(value),
    ]),
    ["code.commit", code.commit],
    ["code.changes", code.dirty === null ? null : code.dirty ? (code.diff_sha256 ?? "unknown") : "none"],
    ...Object.entries(environment),
  ];
  if (hardware !== null) {
    facts.push(
      ["hardware.cpu", `${hardware.cpu}, ${hardware.cores} cores`],
      ["hardware.features", hardware.features?.join(" ") ?? null],
      ["hardware.memory", formatBytes(hardware.memory_bytes)],
      ["hardware.gpus", hardware.gpus.length === 0 ? "none" : hardware.gpus.join(", ")],
    );
  }
  return facts.map(([name, value]) => [name, printable(value ?? "unknown")]);
}

function named(name: string, version: number | null, sha256: string): string {
  return `${name}${version === null ? "" : `:${version}`} ${sha256}`;
}
