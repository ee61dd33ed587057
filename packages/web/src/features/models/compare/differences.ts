import type { Evaluation } from "@hearth/wire/hub/evaluation";
import type { ModelVersion, VersionFiles } from "@hearth/wire/hub/models";
import { formatBytes, formatCount, formatMetric } from "../../../components/format.ts";
import { madeWith } from "../made-with.ts";

/** A version with what is known of it elsewhere. */
export interface ComparedVersion {
  version: ModelVersion;
  /** Newest first. */
  evaluations: readonly Evaluation[];
  files: VersionFiles["items"];
}

type Value = string | number | undefined;

/** One line of a comparison; values are in the order of the versions, undefined where one has none. */
export interface ComparedFact {
  name: string;
  values: Value[];
  differs: boolean;
  /** What is to be said of a value. */
  shown: (value: string | number) => string;
}

export interface ComparedPart {
  title: string;
  facts: ComparedFact[];
}

/** What versions say of themselves, by parts; in each part what differs comes first. Parts without facts are left out. */
export function comparedParts(
  compared: readonly ComparedVersion[],
  datasetName: (id: string) => string,
): ComparedPart[] {
  const each = (read: (one: ComparedVersion) => Record<string, unknown>, shown = plainly) =>
    factsOf(compared.map(read), shown);
  const parts: ComparedPart[] = [
    {
      title: "Evaluations",
      facts: each(({ evaluations }) => measured(evaluations, datasetName)),
    },
    { title: "Figures of the version", facts: each(({ version }) => version.metrics) },
    {
      title: "Training",
      facts: each(({ version: { lineage } }) => ({ ...lineage.recipe, seed: lineage.seed ?? undefined })),
    },
    {
      title: "Made from",
      facts: each(({ version }) => ({
        kind: version.kind,
        ...madeWith(version),
        run: version.lineage.run_id ?? undefined,
      })),
    },
    { title: "What the file says", facts: each(({ version }) => version.summary ?? {}, counted) },
    {
      title: "Sizes",
      facts: each(
        ({ files }) => Object.fromEntries(files.map(({ file, bytes }) => [file, bytes ?? undefined])),
        (value) => (typeof value === "number" ? formatBytes(value) : value),
      ),
    },
    { title: "Checksums (sha256)", facts: each(({ version }) => version.checksums) },
    { title: "Environment", facts: each(({ version }) => version.lineage.environment) },
  ];
  return parts.filter(({ facts }) => facts.length > 0);
}

/** The newest figures of each dataset's split. */
function measured(evaluations: readonly Evaluation[], datasetName: (id: string) => string) {
  const figures = new Map<string, number>();
  for (const { dataset_id, split, metrics, rows } of evaluations) {
    const place = `${datasetName(dataset_id)}, ${split}`;
    if (figures.has(`${place}: rows`)) continue;
    figures.set(`${place}: rows`, rows);
    for (const [name, value] of Object.entries(metrics)) figures.set(`${place}: ${name}`, value);
  }
  return Object.fromEntries(figures);
}

function factsOf(all: readonly Record<string, unknown>[], shown: ComparedFact["shown"]): ComparedFact[] {
  const names = [...new Set(all.flatMap((values) => Object.keys(values)))];
  const facts = names.map((name) => {
    const values = all.map((one) => (Object.hasOwn(one, name) ? asValue(one[name]) : undefined));
    return { name, values, differs: values.some((value) => value !== values[0]), shown };
  });
  const told = facts.filter(({ values }) => values.some((value) => value !== undefined));
  return [...told.filter(({ differs }) => differs), ...told.filter(({ differs }) => !differs)];
}

function asValue(value: unknown): Value {
  if (value === undefined || value === null) return undefined;
  return typeof value === "string" || typeof value === "number" ? value : JSON.stringify(value);
}

/** Sizes of a model are read to their last digit. */
function counted(value: string | number): string {
  return typeof value === "number" && Number.isInteger(value) ? formatCount(value) : plainly(value);
}

function plainly(value: string | number): string {
  return typeof value === "number" ? formatMetric(value) : value;
}

/** Second minus first, as of a metric, where there are two numbers; null elsewhere. */
export function difference({ values }: ComparedFact): number | null {
  const [first, second] = values;
  if (values.length !== 2 || typeof first !== "number" || typeof second !== "number") return null;
  return second === first ? null : second - first;
}
