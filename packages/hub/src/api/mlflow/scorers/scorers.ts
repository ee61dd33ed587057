import type { ScorerVersion } from "../../../evaluation/scorers.ts";
import { HearthError } from "../../../errors.ts";
import type { Services } from "../../services.ts";
import { int32, list, text } from "../fields.ts";
import { mlflowOperation } from "../operation.ts";

const versions = ["3.0"] as const;
const named = { experiment_id: text().required(), name: text().required() };

export const registerScorer = mlflowOperation({
  method: "POST",
  path: "/mlflow/scorers/register",
  versions,
  name: "mlflowRegisterScorer",
  summary: "The next version of a scorer; the hub keeps it and never runs it",
  request: { ...named, serialized_scorer: text().required() },
  handle: async ({ services, input }) => {
    try {
      JSON.parse(input.serialized_scorer);
    } catch (error) {
      throw new HearthError("invalid_request", "serialized_scorer must be valid JSON", {
        cause: error,
        details: { field: "serialized_scorer" },
      });
    }
    await requireActive(services, input.experiment_id);
    const scorer = await services.scorers.register(input.experiment_id, input.name, input.serialized_scorer);
    return {
      version: scorer.version,
      scorer_id: scorer.scorerId,
      experiment_id: scorer.experimentId,
      name: scorer.name,
      serialized_scorer: scorer.serialized,
      creation_time: scorer.createdAt,
    };
  },
});

export const listScorers = mlflowOperation({
  method: "GET",
  path: "/mlflow/scorers/list",
  versions,
  name: "mlflowListScorers",
  summary: "The latest version of each scorer",
  request: { experiment_id: text(), experiment_ids: list(text().required()) },
  handle: async ({ services, input }) => {
    const { experiment_id: one = "", experiment_ids: several } = input;
    if (one !== "" && several.length > 0) {
      throw new HearthError(
        "invalid_request",
        "Cannot specify both 'experiment_id' and 'experiment_ids'; give one of them.",
        { details: { field: "experiment_ids" } },
      );
    }
    if (one !== "") await requireActive(services, one);
    const ids = one === "" ? (several.length === 0 ? null : [...new Set(several)]) : [one];
    return present(await services.scorers.list(ids));
  },
});

export const listScorerVersions = mlflowOperation({
  method: "GET",
  path: "/mlflow/scorers/versions",
  versions,
  name: "mlflowListScorerVersions",
  summary: "Every version of a scorer",
  request: named,
  handle: async ({ services, input }) => {
    await requireActive(services, input.experiment_id);
    return present(await services.scorers.versions(input.experiment_id, input.name));
  },
});

export const getScorer = mlflowOperation({
  method: "GET",
  path: "/mlflow/scorers/get",
  versions,
  name: "mlflowGetScorer",
  summary: "A version of a scorer, the latest unless one is named",
  request: { ...named, version: int32() },
  handle: async ({ services, input }) => {
    await requireActive(services, input.experiment_id);
    const scorer = await services.scorers.get(input.experiment_id, input.name, input.version);
    return { scorer: presentScorer(scorer) };
  },
});

export const deleteScorer = mlflowOperation({
  method: "DELETE",
  path: "/mlflow/scorers/delete",
  versions,
  name: "mlflowDeleteScorer",
  summary: "Removes a version of a scorer, or all of them",
  request: { ...named, version: int32() },
  handle: async ({ services, input }) => {
    await requireActive(services, input.experiment_id);
    await services.scorers.remove(input.experiment_id, input.name, input.version);
    return undefined;
  },
});

function present(scorers: readonly ScorerVersion[]): object {
  return scorers.length === 0 ? {} : { scorers: scorers.map(presentScorer) };
}

/** MLflow's field for the experiment is a number here; ids of the hub's first release are none. */
function presentScorer(scorer: ScorerVersion): object {
  const id = Number(scorer.experimentId);
  return {
    ...(Number.isSafeInteger(id) ? { experiment_id: id } : {}),
    scorer_name: scorer.name,
    scorer_version: scorer.version,
    serialized_scorer: scorer.serialized,
    creation_time: scorer.createdAt,
    scorer_id: scorer.scorerId,
  };
}

async function requireActive(services: Services, experimentId: string): Promise<void> {
  const { lifecycleStage } = await services.experiments.get(experimentId);
  if (lifecycleStage === "active") return;
  throw new HearthError(
    "invalid_request",
    `The experiment ${experimentId} must be in the 'active' state. Current state is deleted.`,
    { details: { experiment_id: experimentId } },
  );
}
