import { HearthError } from "../errors.ts";
import type { LoggedSources } from "../registry/sources.ts";
import type { LoggedModels } from "../tracking/logged-models/logged-models.ts";
import type { Runs } from "../tracking/runs.ts";

/** The tag of a logged model that lists the versions made from it: `[{"name","version"}]` */
const versionsTag = "mlflow.modelVersions";

/** What the registry has to know of runs and logged models, to make versions of them. */
export function createLoggedSources(
  runs: Pick<Runs, "readRun">,
  loggedModels: Pick<LoggedModels, "get" | "setTags">,
): LoggedSources {
  return {
    run: async (id) => await orNull(runs.readRun(id)),
    loggedModel: async (id) => {
      const model = await orNull(loggedModels.get(id));
      return model === null ? null : { artifactUri: model.artifactUri, runId: model.sourceRunId };
    },
    registered: async (id, name, version) => {
      const { tags } = await loggedModels.get(id);
      const before = readList(tags.find(({ key }) => key === versionsTag)?.value);
      const value = JSON.stringify([...before, { name, version }]);
      await loggedModels.setTags(id, [{ key: versionsTag, value }]);
    },
  };
}

async function orNull<T>(found: Promise<T>): Promise<T | null> {
  try {
    return await found;
  } catch (error) {
    if (error instanceof HearthError && error.code === "not_found") return null;
    throw error;
  }
}

/** Anybody may set the tag to anything; what is no list counts as none. */
function readList(text: string | undefined): unknown[] {
  if (text === undefined) return [];
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value : [];
  } catch {
    return [];
  }
}
