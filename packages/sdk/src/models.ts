import type { Page } from "@hearth/wire/hub/common";
import {
  gateResult,
  model,
  modelEventPage,
  modelPage,
  modelVersion,
  modelVersionPage,
  rollbackResult,
  verifyVersionResponse,
  versionFiles,
  type createModelRequest,
  type GateResult,
  type Model,
  type ModelEvent,
  type ModelVersion,
  type promoteRequest,
  type RollbackResult,
  type updateModelRequest,
  type VersionFiles,
  type VersionVerification,
} from "@hearth/wire/hub/models";
import {
  memoryPlan,
  servedModel,
  type loadRequest,
  type MemoryPlan,
  type ServedModelState,
  type unloadRequest,
} from "@hearth/wire/hub/serving";
import { versionDiff, type VersionDiff, type VersionDiffRequest } from "@hearth/wire/hub/version-diff";
import { trainingJob, type TrainingJob } from "@hearth/wire/hub/training";
import { openaiModelList } from "@hearth/wire/openai/models";
import type { z } from "zod";
import { pageQueryOf, segment, type CallOptions, type ListOptions, type Transport } from "./transport.ts";

export interface ListModelsOptions extends ListOptions {
  /** Part of the name, of the description or of what it is trained on, in any case. */
  search?: string | undefined;
}

/** Models, their versions and aliases. A model is named by id or name. */
export class ModelsClient {
  private readonly transport: Transport;

  constructor(transport: Transport) {
    this.transport = transport;
  }

  list(options: ListModelsOptions = {}): Promise<Page<Model>> {
    const { search, ...page } = options;
    const query = { ...pageQueryOf(page), search };
    return this.transport.json(modelPage, "GET", "/models", { ...page, query });
  }

  /** Every name that can be asked: versions and aliases, too, and `provider/model` of other servers. */
  async names(options: CallOptions = {}): Promise<string[]> {
    const { data } = await this.transport.json(openaiModelList, "GET", "/v1/models", options);
    return data.map(({ id }) => id);
  }

  create(request: z.input<typeof createModelRequest>, options: CallOptions = {}): Promise<Model> {
    return this.transport.json(model, "POST", "/models", { ...options, body: request });
  }

  get(idOrName: string, options: CallOptions = {}): Promise<Model> {
    return this.transport.json(model, "GET", `/models/${segment(idOrName)}`, options);
  }

  update(
    idOrName: string,
    change: z.input<typeof updateModelRequest>,
    options: CallOptions = {},
  ): Promise<Model> {
    return this.transport.json(model, "PATCH", `/models/${segment(idOrName)}`, { ...options, body: change });
  }

  remove(idOrName: string, options: CallOptions = {}): Promise<void> {
    return this.transport.none("DELETE", `/models/${segment(idOrName)}`, options);
  }

  history(idOrName: string, options: ListOptions = {}): Promise<Page<ModelEvent>> {
    return this.transport.json(modelEventPage, "GET", `/models/${segment(idOrName)}/history`, {
      ...options,
      query: pageQueryOf(options),
    });
  }

  versions(idOrName: string, options: ListOptions = {}): Promise<Page<ModelVersion>> {
    return this.transport.json(modelVersionPage, "GET", `/models/${segment(idOrName)}/versions`, {
      ...options,
      query: pageQueryOf(options),
    });
  }

  version(idOrName: string, version: number, options: CallOptions = {}): Promise<ModelVersion> {
    return this.transport.json(
      modelVersion,
      "GET",
      `/models/${segment(idOrName)}/versions/${version}`,
      options,
    );
  }

  /** The files of a version with their sizes and checksums. */
  files(idOrName: string, version: number, options: CallOptions = {}): Promise<VersionFiles> {
    return this.transport.json(
      versionFiles,
      "GET",
      `/models/${segment(idOrName)}/versions/${version}/files`,
      options,
    );
  }

  /** Lets the hub hash the files of a version again. */
  verify(idOrName: string, version: number, options: CallOptions = {}): Promise<VersionVerification> {
    return this.transport.json(
      verifyVersionResponse,
      "POST",
      `/models/${segment(idOrName)}/versions/${version}/verify`,
      options,
    );
  }

  /** What loading a version would take, and what would be unloaded for it; loads nothing. */
  memory(idOrName: string, version: number, options: CallOptions = {}): Promise<MemoryPlan> {
    return this.transport.json(
      memoryPlan,
      "GET",
      `/models/${segment(idOrName)}/versions/${version}/memory`,
      options,
    );
  }

  /** Adds a version from a GGUF file on the hub's machine. */
  importVersion(idOrName: string, path: string, options: CallOptions = {}): Promise<ModelVersion> {
    return this.transport.json(modelVersion, "POST", `/models/${segment(idOrName)}/versions`, {
      ...options,
      body: { path },
    });
  }

  /** `name`, `name:3`, `name@alias` or an id → the version that would answer. */
  resolve(reference: string, options: CallOptions = {}): Promise<ModelVersion> {
    return this.transport.json(modelVersion, "GET", `/versions/${segment(reference)}`, options);
  }

  /** Moves an alias when every gate holds; `promoted` in the answer tells. */
  promote(
    idOrName: string,
    request: z.input<typeof promoteRequest>,
    options: CallOptions = {},
  ): Promise<GateResult> {
    return this.transport.json(gateResult, "POST", `/models/${segment(idOrName)}/promote`, {
      ...options,
      body: request,
    });
  }

  /** Gives an alias back to the version that held it before. */
  rollback(idOrName: string, alias = "champion", options: CallOptions = {}): Promise<RollbackResult> {
    return this.transport.json(rollbackResult, "POST", `/models/${segment(idOrName)}/rollback`, {
      ...options,
      body: { alias },
    });
  }

  /** Queues the version's training again; the job's `identical` is the outcome. */
  reproduce(idOrName: string, version: number, options: CallOptions = {}): Promise<TrainingJob> {
    return this.transport.json(
      trainingJob,
      "POST",
      `/models/${segment(idOrName)}/versions/${version}/reproduce`,
      options,
    );
  }

  /** What changed from one version to another; with `ask`, both answer so many rows now. */
  diff(from: string, request: VersionDiffRequest, options: CallOptions = {}): Promise<VersionDiff> {
    return this.transport.json(versionDiff, "POST", `/versions/${segment(from)}/diff`, {
      ...options,
      body: request,
    });
  }

  /** Gives an adapter of a base in MLX's format a version on the same base in GGUF, once that answers alike. */
  ggufTwin(
    idOrName: string,
    version: number,
    base: string,
    options: CallOptions = {},
  ): Promise<ModelVersion> {
    return this.transport.json(
      modelVersion,
      "POST",
      `/models/${segment(idOrName)}/versions/${version}/gguf-twin`,
      { ...options, body: { base } },
    );
  }

  /** Loads a model (`name`, `name:3`, `name@alias`) before anybody asks it something. */
  load(
    reference: string,
    request: z.input<typeof loadRequest> = {},
    options: CallOptions = {},
  ): Promise<ServedModelState> {
    return this.transport.json(servedModel, "POST", `/models/${segment(reference)}/load`, {
      ...options,
      body: request,
    });
  }

  /** Gives a model's memory back; a busy one only with `force`, which fails its requests. */
  unload(
    reference: string,
    request: z.input<typeof unloadRequest> = {},
    options: CallOptions = {},
  ): Promise<ServedModelState> {
    return this.transport.json(servedModel, "POST", `/models/${segment(reference)}/unload`, {
      ...options,
      body: request,
    });
  }

  /** Loads a model's weights and keeps them, whatever else needs the room. */
  pin(reference: string, options: CallOptions = {}): Promise<ServedModelState> {
    return this.transport.json(servedModel, "POST", `/models/${segment(reference)}/pin`, options);
  }

  unpin(reference: string, options: CallOptions = {}): Promise<ServedModelState> {
    return this.transport.json(servedModel, "POST", `/models/${segment(reference)}/unpin`, options);
  }

  setAlias(idOrName: string, alias: string, version: number, options: CallOptions = {}): Promise<Model> {
    return this.transport.json(model, "PUT", `/models/${segment(idOrName)}/aliases/${segment(alias)}`, {
      ...options,
      body: { version },
    });
  }

  removeAlias(idOrName: string, alias: string, options: CallOptions = {}): Promise<Model> {
    return this.transport.json(
      model,
      "DELETE",
      `/models/${segment(idOrName)}/aliases/${segment(alias)}`,
      options,
    );
  }
}
