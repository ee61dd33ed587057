import { causeKind } from "@hearth/wire/hub/reproduction";
import type {
  ChangedFact,
  ComparedFile,
  ComparedMetric,
  FileDifference,
  Likelihood,
  ReproductionCause,
} from "@hearth/wire/hub/reproduction";

type Kind = ReproductionCause["kind"];

/** What was found, as far as it tells where a difference comes from. */
export interface Findings {
  files: readonly ComparedFile[];
  /** Of the version's files: name → sha256 as it was registered. */
  registered: Readonly<Record<string, string>>;
  difference: FileDifference;
  metrics: readonly ComparedMetric[];
  changed: readonly ChangedFact[];
  /** Results of earlier repetitions of the same version. */
  earlier: { same: number; others: number };
}

/** The likeliest first. */
const order: readonly Kind[] = causeKind.options;

const likelihoods: Readonly<Record<Kind, Likelihood>> = {
  kept_file: "certain",
  specification: "certain",
  inputs: "certain",
  provider: "likely",
  library: "likely",
  code: "likely",
  hardware: "likely",
  lock: "possible",
  runtime: "possible",
  system: "unlikely",
  threads: "unlikely",
  unknown: "possible",
};

/** Facts that a machine has and no number depends on. */
const harmless = new Set(["hardware.memory", "hardware.cores"]);

/** Names of the environment that are no library of the trainer. */
const kindsByName: Readonly<Record<string, Kind>> = {
  provider: "provider",
  "hardware.gpus": "hardware",
  node: "runtime",
  v8: "runtime",
  python: "runtime",
  platform: "system",
  release: "system",
  arch: "system",
  threads: "threads",
  hearth: "code",
};

/**
 * What the difference may come from, the likeliest first. Where both runs measured the same at every
 * step the numbers were the same: then it lies in what was made of them, not in what computed them.
 */
export function likelyCauses(findings: Findings): ReproductionCause[] {
  const trainedAlike = findings.metrics.length > 0 && findings.metrics.every(({ first }) => first === null);
  const causes = [...keptFiles(findings), ...findings.changed.flatMap((fact) => causeOf(fact))];
  const weighed = causes.map((cause) => {
    const computes = cause.kind === "provider" || cause.kind === "hardware" || cause.kind === "threads";
    const elsewhere = trainedAlike && computes && findings.difference.kind !== "tensor";
    return elsewhere ? { ...cause, likelihood: "unlikely" as const } : cause;
  });
  return weighed.length === 0 ? [unknownCause(findings)] : weighed.toSorted(byOrder);
}

function byOrder(one: ReproductionCause, other: ReproductionCause): number {
  const rank: readonly Likelihood[] = ["certain", "likely", "possible", "unlikely"];
  return (
    rank.indexOf(one.likelihood) - rank.indexOf(other.likelihood) ||
    order.indexOf(one.kind) - order.indexOf(other.kind)
  );
}

/** Files of the version that are not what was registered. */
function keptFiles({ files, registered }: Findings): ReproductionCause[] {
  return files.flatMap(({ file, expected_sha256: found, actual_sha256: made }) => {
    const wanted = registered[file];
    if (wanted === undefined || found === wanted) return [];
    const again = made === wanted ? "; the repetition gave the bytes that were registered" : "";
    const what =
      found === null
        ? `the version's ${file} is missing${again}`
        : `the version's ${file} was changed after it was made: its sha256 is ${found}, registered was ${wanted}${again}`;
    return [{ kind: "kept_file", likelihood: "certain", what }];
  });
}

function causeOf(fact: ChangedFact): ReproductionCause[] {
  const { name } = fact;
  if (harmless.has(name)) return [];
  const kind = kindOf(name);
  return [{ kind, likelihood: likelihoods[kind], what: sentence(kind, fact) }];
}

function kindOf(name: string): Kind {
  if (name.startsWith("recipe.")) return "specification";
  if (name.startsWith("data.") || name === "base") return "inputs";
  if (name.startsWith("code.")) return "code";
  if (name.startsWith("hardware.")) return "hardware";
  if (name.endsWith("lock_sha256")) return "lock";
  return kindsByName[name] ?? "library";
}

function sentence(kind: Kind, { name, expected, actual }: ChangedFact): string {
  const change = `${expected ?? "nothing"} → ${actual ?? "nothing"}`;
  switch (kind) {
    case "specification":
      return `the stored specification is not the recipe that the version's lineage names: ${name.slice("recipe.".length)} ${change}`;
    case "inputs":
      return `the stored specification names other inputs than the version's lineage: ${name} ${change}`;
    case "code":
      if (name === "code.changes") return `the code has other changes beside its commit: ${change}`;
      return name === "hearth" ? `another Hearth: ${change}` : `another commit of the code: ${change}`;
    case "lock":
      return `other locked packages: ${name} ${change}`;
    case "threads":
      return `another number of threads: ${change}; equal bytes were measured on any number, see decision 012`;
    case "hardware":
      return `another machine: ${name.slice("hardware.".length)} ${change}`;
    case "provider":
      return `computed on another provider: ${change}`;
    case "library":
      return name === "numeric" ? `the trainer computes otherwise: ${change}` : `another ${name}: ${change}`;
    case "runtime":
    case "system":
    case "kept_file":
    case "unknown":
      return `another ${name}: ${change}`;
  }
}

function unknownCause({ earlier }: Findings): ReproductionCause {
  const again =
    earlier.same > 0
      ? `${earlier.same === 1 ? "an earlier repetition" : `${earlier.same} earlier repetitions`} gave these same bytes, so something that is not recorded has changed since the version was made`
      : earlier.others > 0
        ? "an earlier repetition gave other bytes again, so this training does not give the same bytes twice on this machine"
        : "reproduce it once more: if the same bytes come again, something that is not recorded has changed; if others, this training is not deterministic here";
  const what = `nothing that the version's lineage records is otherwise now; ${again}`;
  return { kind: "unknown", likelihood: likelihoods.unknown, what };
}
