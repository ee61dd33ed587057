import type { RelatedRun, RunLineage, RunVersion } from "@hearth/wire/hub/run-details";
import { sql } from "kysely";
import type { Queries } from "../storage/database.ts";
import { toIso } from "../storage/instant.ts";
import { lineageOf } from "./job-lineage.ts";
import type { RunRecord } from "./run-record.ts";
import { runDatasets } from "./run-datasets.ts";

const parentTag = "mlflow.parentRunId";
/** More than a person reads; the newest are told. */
const most = 100;

/** Of what a client has named. */
const mostNamed = 1_000;

/** What a run was made from, what came of it, and the runs around it. */
export async function runLineage(db: Queries, run: RunRecord): Promise<RunLineage> {
  const made = await versionsOf(db)
    .where("model_versions.source_run_id", "=", run.id)
    .orderBy("model_versions.created_at", "desc")
    .limit(most)
    .execute();
  const evaluated = await versionsOf(db)
    .innerJoin("evaluations", "evaluations.version_id", "model_versions.id")
    .where("evaluations.run_id", "=", run.id)
    .executeTakeFirst();
  const job = await db
    .selectFrom("jobs")
    .select(["id", "kind", "status", "pause_requested", "version_id", "dataset_id"])
    .where("run_id", "=", run.id)
    .executeTakeFirst();
  const told = await lineageOf(db, job?.version_id);
  return {
    datasets: await runDatasets(db, run.datasetInputs.slice(0, mostNamed), job?.dataset_id),
    models: await runModels(db, run),
    versions: made,
    evaluated: evaluated ?? null,
    job:
      job === undefined
        ? null
        : {
            id: job.id,
            kind: job.kind,
            status: job.status === "queued" && job.pause_requested === 1 ? "paused" : job.status,
          },
    // A job that runs another's specification again has a code and programs of its own, which nobody noted.
    code: job?.kind === "train" ? told.code : null,
    environment: job?.kind === "train" ? told.environment : {},
    parent: await parentOf(db, run),
    ...(await childrenOf(db, run.id)),
  };
}

function versionsOf(db: Queries) {
  return db
    .selectFrom("model_versions")
    .innerJoin("models", "models.id", "model_versions.model_id")
    .select(["models.name as model", "model_versions.version", "model_versions.status"])
    .$castTo<RunVersion>();
}

async function runModels(db: Queries, run: RunRecord): Promise<RunLineage["models"]> {
  const named = [
    ...run.modelOutputs.map(({ modelId, step }) => ({ id: modelId, direction: "output" as const, step })),
    ...run.modelInputs.map((id) => ({ id, direction: "input" as const, step: null })),
  ].slice(0, mostNamed);
  if (named.length === 0) return [];
  const rows = await db
    .selectFrom("logged_models")
    .select(["id", "name", "model_type", "status"])
    .where(
      "id",
      "in",
      named.map(({ id }) => id),
    )
    .where("lifecycle_stage", "=", "active")
    .execute();
  const known = new Map(rows.map((row) => [row.id, row]));
  return named.map((model) => {
    const { name = null, model_type = null, status = null } = known.get(model.id) ?? {};
    return { ...model, name, model_type, status };
  });
}

async function parentOf(db: Queries, run: RunRecord): Promise<RelatedRun | null> {
  const id = run.tags.find(({ key }) => key === parentTag)?.value;
  if (id === undefined) return null;
  const row = await related(db).where("runs.id", "=", id).executeTakeFirst();
  return row === undefined ? null : relatedRun(row);
}

async function childrenOf(db: Queries, id: string): Promise<Pick<RunLineage, "children" | "total_children">> {
  const children = related(db)
    .innerJoin("run_tags", "run_tags.run_id", "runs.id")
    // As the index has it: the key as a literal, and no more of the value than an id has.
    .where("run_tags.key", "=", sql.lit(parentTag))
    .where(sql<boolean>`substr(run_tags.value, 1, 64) = ${id}`)
    .where("runs.lifecycle_stage", "=", "active");
  const { total } = await children
    .clearSelect()
    .select((row) => row.fn.countAll<number>().as("total"))
    .executeTakeFirstOrThrow();
  const rows = await children.orderBy("runs.started_at", "desc").orderBy("runs.id").limit(most).execute();
  return { children: rows.map(relatedRun), total_children: total };
}

function related(db: Queries) {
  return db
    .selectFrom("runs")
    .select(["runs.id", "runs.experiment_id", "runs.name", "runs.status", "runs.started_at"]);
}

function relatedRun({
  started_at,
  ...run
}: Omit<RelatedRun, "started_at"> & { started_at: number }): RelatedRun {
  return { ...run, started_at: toIso(started_at) };
}
