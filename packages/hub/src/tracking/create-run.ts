import { randomUUID } from "node:crypto";
import type { Run } from "@hearth/wire/hub/tracking";
import { HearthError } from "../errors.ts";
import type { Queries } from "../storage/database.ts";
import { RowInsert } from "../storage/insert-rows.ts";
import { anyOf, ListQuery } from "../storage/list-query.ts";
import { runArtifactUri } from "./artifact-uri.ts";
import { deletedExperiment, unknownExperiment } from "./errors.ts";
import { cutText, maxTagLength } from "./keys.ts";
import { checkedParams, insertParams, type Pair } from "./params.ts";
import { randomRunName } from "./run-names.ts";
import type { RunRecord } from "./run-record.ts";
import { checkedTags, insertTags, runNameTag } from "./tags.ts";

export interface NewRun {
  experimentId: string;
  kind: Run["kind"];
  /** Default: the tag `mlflow.runName`, or a name of chance. */
  name?: string | undefined;
  userId?: string | undefined;
  /** ms since the epoch */
  startedAt: number;
  params?: readonly Pair[];
  tags?: readonly Pair[];
}

const experimentOf = new ListQuery<{ lifecycle_stage: string; artifact_location: string | null }>(
  (dialect) => `select lifecycle_stage, artifact_location from experiments where id ${anyOf(dialect)}`,
);

const insert = new RowInsert(
  "runs",
  {
    id: "text",
    experiment_id: "text",
    name: "text",
    kind: "text",
    user_id: "text",
    status: "text",
    lifecycle_stage: "text",
    started_at: "bigint",
  },
  "",
);

/** For inside a transaction. Throws `not_found` of the experiment, `invalid_request`. */
export async function insertRun(db: Queries, request: NewRun): Promise<RunRecord> {
  const { experimentId, kind, startedAt, userId = "" } = request;
  const [experiment] = await experimentOf.run(db, [experimentId]);
  if (experiment === undefined) throw unknownExperiment(experimentId);
  if (experiment.lifecycle_stage === "deleted") throw deletedExperiment(experimentId);
  const id = randomUUID().replaceAll("-", "");
  const given = checkedTags(request.tags ?? []).filter(
    ({ key, value }) => key !== runNameTag || value !== "",
  );
  const name = nameOf(request.name, given);
  const tags = given.some(({ key }) => key === runNameTag)
    ? given
    : [...given, { key: runNameTag, value: name }];
  const params = checkedParams(request.params ?? []);
  await insert.run(db, [[id, experimentId, name, kind, userId, "RUNNING", "active", startedAt]]);
  await insertTags(db, id, tags);
  await insertParams(db, id, params);
  return {
    id,
    experimentId,
    name,
    kind,
    userId,
    status: "RUNNING",
    lifecycleStage: "active",
    startedAt,
    endedAt: null,
    artifactUri: runArtifactUri(experimentId, experiment.artifact_location, id),
    params,
    tags,
    metrics: [],
    datasetInputs: [],
    modelInputs: [],
    modelOutputs: [],
  };
}

function nameOf(asked: string | undefined, tags: readonly Pair[]): string {
  const tagged = tags.find(({ key }) => key === runNameTag)?.value;
  const named = asked === undefined ? "" : cutText(asked, maxTagLength);
  if (named !== "" && tagged !== undefined && tagged !== named) {
    throw new HearthError(
      "invalid_request",
      "Both 'run_name' argument and 'mlflow.runName' tag are specified, but with different values " +
        `(run_name='${named.slice(0, 300)}', mlflow.runName='${tagged.slice(0, 300)}').`,
      { details: { field: "run_name" } },
    );
  }
  return named !== "" ? named : (tagged ?? randomRunName());
}
