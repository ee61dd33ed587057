import type { Training } from "../../api/services.ts";
import type { ArtifactTree } from "../../artifacts/tree/tree.ts";
import type { Datasets } from "../../datasets/datasets.ts";
import type { EvaluationDatasets } from "../../evaluation/evaluation-datasets/evaluation-datasets.ts";
import type { Evaluations } from "../../evaluation/evaluations.ts";
import type { RegisteredModels } from "../../registry/registered-models.ts";
import type { Registry } from "../../registry/registry.ts";
import type { LoggedModels } from "../../tracking/logged-models/logged-models.ts";
import type { Runs } from "../../tracking/runs.ts";
import type { Traces } from "../../tracking/traces.ts";
import type { Tracing } from "../../tracking/tracing/tracing.ts";
import type { LiveFeed } from "./live-feed.ts";
import { telling } from "./telling.ts";

/** The hub's rooms as they are, telling the feed what they changed as soon as it is on disk. */
export function announcedRooms(feed: LiveFeed) {
  const about =
    (topic: Parameters<LiveFeed["announce"]>[0]) =>
    (id: string | null): void =>
      feed.announce(topic, id);
  /** Names and ids would be two notices of one thing: the topic alone is told. */
  const models = (): void => feed.announce("models");
  return {
    registry: (registry: Registry): Registry =>
      telling(
        registry,
        [
          "createModel",
          "updateModel",
          "deleteModel",
          "createVersion",
          "markReady",
          "markFailed",
          "archiveVersion",
          "deleteVersion",
          "recordMetrics",
          "importVersion",
          "setAlias",
          "removeAlias",
        ],
        models,
      ),
    registeredModels: (room: RegisteredModels): RegisteredModels => ({
      ...telling(
        room,
        ["create", "rename", "describe", "remove", "setTag", "deleteTag", "setAlias", "deleteAlias"],
        models,
      ),
      versions: telling(
        room.versions,
        ["create", "describe", "setTag", "deleteTag", "remove", "moveTo"],
        models,
      ),
    }),
    loggedModels: (room: LoggedModels): LoggedModels =>
      telling(room, ["create", "setStatus", "remove", "logParams", "setTags", "deleteTag"], models),
    datasets: (room: Datasets): Datasets =>
      telling(room, ["register", "upload", "remove"], () => feed.announce("datasets")),
    /** What happens to one job is told by the job's own events. */
    training: (room: Training): Training =>
      telling(room, ["pauseQueue", "resumeQueue"], () => feed.announce("jobs")),
    evaluations: (room: Evaluations): Evaluations =>
      telling(room, ["run", "promote", "rollback"], () => feed.announce("evaluations")),
    evaluationDatasets: (room: EvaluationDatasets): EvaluationDatasets =>
      telling(
        room,
        [
          "create",
          "remove",
          "setTags",
          "deleteTag",
          "addExperiments",
          "removeExperiments",
          "upsertRecords",
          "deleteRecords",
        ],
        about("evaluations"),
      ),
    runs: (room: Runs): Runs => ({
      ...telling(
        room,
        [
          "deleteExperiment",
          "createRun",
          "startRun",
          "changeRun",
          "deleteRun",
          "restoreRun",
          "setActive",
          "editRun",
          "logParams",
          "logMetric",
          "logMetrics",
          "logBatch",
          "setTags",
          "setTag",
          "deleteTag",
          "logInputs",
          "logOutputs",
          "recordModel",
          "finishRun",
          "resumeRun",
        ],
        about("runs"),
      ),
      experiments: telling(
        room.experiments,
        ["ensure", "create", "rename", "remove", "restore", "setTag", "deleteTag"],
        () => feed.announce("runs"),
      ),
    }),
    /** Its first argument is a path, not an id: the topic alone is told. */
    artifacts: (room: ArtifactTree): ArtifactTree =>
      telling(room, ["write", "remove"], () => feed.announce("artifacts")),
    traces: (room: Traces): Traces => ({
      ...room,
      record: (trace) => {
        const id = room.record(trace);
        feed.announce("traces", id);
        // An answer that ends gives its slot back.
        feed.announce("serving");
        return id;
      },
    }),
    tracing: (room: Tracing): Tracing =>
      telling(
        room,
        [
          "logSpans",
          "startTrace",
          "beginTrace",
          "endTrace",
          "deleteTraces",
          "setTag",
          "deleteTag",
          "linkToRun",
          "linkPrompts",
          "createAssessment",
          "updateAssessment",
          "deleteAssessment",
        ],
        () => feed.announce("traces"),
      ),
  };
}
