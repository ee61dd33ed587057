import { randomUUID } from "node:crypto";
import type { AnsweredBy } from "../api/services.ts";
import type { GenerateEvent } from "../inference/engine.ts";
import type { Pool, PoolRequest } from "../inference/pool.ts";
import type { Remotes } from "../inference/remotes/remotes.ts";
import type { Registry } from "../registry/registry.ts";

/** What answers to a name. */
export interface AnswerSource {
  by: AnsweredBy;
  /** The model's name in metrics. */
  label: string;
  generate(request: PoolRequest, signal: AbortSignal): AsyncGenerator<GenerateEvent, void, void>;
}

/** A name with a slash stands for a model of another server, every other one for a version of this hub. */
export function createAnswerSources({
  registry,
  pool,
  remotes,
}: {
  registry: Pick<Registry, "served">;
  pool: Pick<Pool, "generate">;
  remotes: Pick<Remotes, "names" | "find">;
}): (model: string) => Promise<AnswerSource> {
  return async (model) => {
    if (remotes.names(model)) return remoteSource(remotes.find(model));
    const version = await registry.served(model);
    return {
      by: {
        reference: `${version.model}:${version.version}`,
        model: version.model,
        version: version.version,
        versionId: version.id,
        runId: version.run_id,
        sha256: version.sha256,
      },
      label: version.model,
      generate: (request, signal) => pool.generate(version.id, request, signal),
    };
  };
}

function remoteSource({ reference, engine, listed }: ReturnType<Remotes["find"]>): AnswerSource {
  return {
    by: { reference, model: reference, version: null, versionId: null, runId: null, sha256: null },
    // Anybody can make up names of models; only those that a server lists get a row of their own.
    label: listed ? reference : `${reference.slice(0, reference.indexOf("/"))}/(not listed)`,
    generate: (request, signal) => engine.generate({ ...request, id: randomUUID(), adapter: null }, signal),
  };
}
