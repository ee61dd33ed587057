import type { CodeState, Hardware, Lineage } from "@hearth/wire/hub/models";
import type { ChangedFact } from "@hearth/wire/hub/reproduction";
import type { Provenance } from "../provenance.ts";

/** Names that tell of the attempt and not of what it ran with. */
const ofTheAttempt = new Set(["resumed_from"]);

/**
 * What the lineage of a version says and is otherwise now, by name: the recipe and the inputs of its
 * stored specification, code, programs, machine. What one of the two does not tell of is left out: a
 * parameter that a later Hearth added has its default there.
 */
export function changedFacts(
  lineage: Lineage,
  now: Provenance & { recipe: Record<string, unknown>; inputs: Record<string, string> },
): ChangedFact[] {
  return [
    ...differing(prefixed("recipe.", lineage.recipe ?? {}), prefixed("recipe.", now.recipe), "expected"),
    ...differing(inputsOf(lineage), now.inputs, "both"),
    ...differing(codeFacts(lineage.code), codeFacts(now.code), "both"),
    ...differing(lineage.environment, now.environment, "both"),
    ...differing(hardwareFacts(lineage.hardware), hardwareFacts(now.hardware), "both"),
  ];
}

/** The inputs of a version by the names that the report has for them. */
function inputsOf({ dataset, base }: Lineage): Record<string, string> {
  const splits = Object.entries(dataset?.splits ?? {}).map(([split, { sha256 }]) => [
    `data.${split}`,
    sha256,
  ]);
  return { ...Object.fromEntries(splits), ...(base === null ? {} : { base: base.sha256 }) };
}

/** The code's facts by name. */
export function codeFacts({ commit, dirty, diff_sha256 }: CodeState): Record<string, string> {
  if (commit === null) return {};
  // Clean code has a checksum, too: that of no change. Unknown is no fact.
  const changes = dirty === false ? "none" : diff_sha256;
  return { "code.commit": commit, ...(changes === null ? {} : { "code.changes": changes }) };
}

/** The machine's facts by name. */
export function hardwareFacts(hardware: Hardware | null): Record<string, string> {
  if (hardware === null) return {};
  const { cpu, cores, features, memory_bytes, gpus } = hardware;
  return {
    "hardware.cpu": cpu,
    "hardware.cores": String(cores),
    ...(features === null ? {} : { "hardware.features": features.join(" ") }),
    "hardware.memory": String(memory_bytes),
    "hardware.gpus": gpus.length === 0 ? "none" : gpus.join(", "),
  };
}

function prefixed(prefix: string, values: Record<string, unknown>): Record<string, string> {
  const told = Object.entries(values).filter(([, value]) => value !== undefined);
  return Object.fromEntries(told.map(([name, value]) => [prefix + name, JSON.stringify(value)]));
}

function differing(
  expected: Record<string, string>,
  actual: Record<string, string>,
  told: "both" | "expected",
): ChangedFact[] {
  return [...new Set([...Object.keys(expected), ...Object.keys(actual)])]
    .filter((name) => !ofTheAttempt.has(name) && expected[name] !== actual[name])
    .map((name) => ({ name, expected: expected[name] ?? null, actual: actual[name] ?? null }))
    .filter((fact) => fact.expected !== null && (told === "expected" || fact.actual !== null));
}
