import { randomUUID } from "node:crypto";
import type { Addressed, AnsweredBy } from "../api/services.ts";
import type { Embedding, GenerateEvent, Prompt } from "../inference/engine.ts";
import { InvalidRequest } from "../inference/errors.ts";
import type { EmbedPoolRequest, Pool, PoolRequest } from "../inference/pool.ts";
import type { RemoteModel, Remotes } from "../inference/remotes/remotes.ts";
import type { Registry } from "../registry/registry.ts";
import { askedVersion } from "./asked-version.ts";
import { fittingPrompt } from "./fitting-prompt.ts";

/** What answers to a name. */
export interface AnswerSource {
  by: AnsweredBy;
  /** The model's name in metrics. */
  label: string;
  generate: (request: PoolRequest, signal: AbortSignal) => AsyncGenerator<GenerateEvent, void, void>;
  embed: (request: EmbedPoolRequest, signal: AbortSignal) => Promise<Embedding[]>;
  /** The prompt without its oldest part, where it is too long. */
  fit: (request: Pick<PoolRequest, "prompt" | "maxTokens">, signal: AbortSignal) => Promise<Prompt>;
}

export interface AnswerSourceDependencies {
  registry: Pick<Registry, "served" | "resolve" | "baseOf">;
  pool: Pick<Pool, "generate" | "embed" | "tokenize" | "load">;
  remotes: Pick<Remotes, "names" | "find">;
}

/** A name with a slash stands for a model of another server, every other one for a version of this hub. */
export function createAnswerSources({
  registry,
  pool,
  remotes,
}: AnswerSourceDependencies): (request: Addressed) => Promise<AnswerSource> {
  return async (request) => {
    if (remotes.names(request.model)) {
      if (request.adapter !== null && request.adapter !== undefined) throw notThere("adapter");
      return remoteSource(remotes.find(request.model));
    }
    const version = await askedVersion(registry, request);
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
      generate: (asked, signal) => pool.generate(version.id, asked, signal),
      embed: (asked, signal) => pool.embed(version.id, asked, signal),
      fit: (asked, signal) => fittingPrompt(pool, version.id, asked, signal),
    };
  };
}

function remoteSource({ reference, engine, listed }: RemoteModel): AnswerSource {
  return {
    by: { reference, model: reference, version: null, versionId: null, runId: null, sha256: null },
    // Anybody can make up names of models; only those that a server lists get a row of their own.
    label: listed ? reference : `${reference.slice(0, reference.indexOf("/"))}/(not listed)`,
    async *generate({ client, keepAliveMs, ...asked }, signal) {
      if (keepAliveMs !== undefined) throw notThere("keep_alive");
      yield* engine.generate({ ...asked, id: randomUUID(), adapter: null }, signal, client);
    },
    async embed({ inputs, client, keepAliveMs }, signal) {
      if (keepAliveMs !== undefined) throw notThere("keep_alive");
      return await engine.embed({ inputs, adapter: null }, signal, client);
    },
    fit: () => Promise.reject(notThere("truncate")),
  };
}

/** What only this hub does with its own models. */
function notThere(field: string): InvalidRequest {
  return new InvalidRequest(
    `${field} is not possible with a model of another server; leave it out, or ask a model of this hub.`,
    { field },
  );
}
