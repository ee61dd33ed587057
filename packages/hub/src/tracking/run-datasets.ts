import type { RunDataset } from "@hearth/wire/hub/run-details";
import type { Queries } from "../storage/database.ts";
import type { DatasetInput } from "./run-record.ts";

const contextTag = "mlflow.data.context";
/** Fewer digits of a checksum may be those of another dataset by chance. */
const leastDigits = 8;

interface Registered {
  id: string;
  name: string;
  checksum: string;
}

/** Data that a run has read; what its job was given comes first. */
export async function runDatasets(
  db: Queries,
  inputs: readonly DatasetInput[],
  jobDatasetId: string | undefined,
): Promise<RunDataset[]> {
  const registered = await registeredOf(db, inputs, jobDatasetId);
  const given = registered.find(({ id }) => id === jobDatasetId);
  return [
    ...(given === undefined ? [] : [ofJob(given)]),
    ...inputs.map((input) => ofClient(input, registered)),
  ];
}

async function registeredOf(
  db: Queries,
  inputs: readonly DatasetInput[],
  jobDatasetId: string | undefined,
): Promise<Registered[]> {
  const names = inputs.map(({ name }) => name);
  if (names.length === 0 && jobDatasetId === undefined) return [];
  return await db
    .selectFrom("datasets")
    .select(["id", "name", "checksum"])
    .where((row) =>
      row.or([
        ...(names.length === 0 ? [] : [row("name", "in", names)]),
        ...(jobDatasetId === undefined ? [] : [row("id", "=", jobDatasetId)]),
      ]),
    )
    .execute();
}

function ofJob({ id, name, checksum }: Registered): RunDataset {
  const told = { source_type: null, source: null, schema: null, profile: null };
  return { name, digest: checksum, context: "training", ...told, dataset_id: id };
}

function ofClient(input: DatasetInput, registered: readonly Registered[]): RunDataset {
  const { name, digest, sourceType, source, schema, profile, tags } = input;
  const same = registered.find(
    (one) => one.name === name && digest.length >= leastDigits && one.checksum.startsWith(digest),
  );
  return {
    name,
    digest,
    context: tags.find(({ key }) => key === contextTag)?.value ?? null,
    source_type: sourceType,
    source,
    schema,
    profile,
    dataset_id: same?.id ?? null,
  };
}
