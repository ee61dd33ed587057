import { health } from "@hearth/wire/hub/health";
import { hubStatus, shutdownResponse } from "@hearth/wire/hub/status";
import { dataset, datasetPage, verifyDatasetResponse } from "@hearth/wire/hub/datasets";
import {
  evaluation,
  evaluationEvent,
  type evaluationRequest,
  type Evaluation,
} from "@hearth/wire/hub/evaluation";
import {
  inferenceResponse,
  inferenceErrorEvent,
  inferenceTokenEvent,
  type inferenceRequest,
  type InferenceResponse,
} from "@hearth/wire/hub/inference";
import {
  gateResult,
  model,
  modelEventPage,
  modelPage,
  modelVersion,
  modelVersionPage,
  type createModelRequest,
  type promoteRequest,
} from "@hearth/wire/hub/models";
import {
  jobEvent,
  trainingJob,
  trainingJobPage,
  type createJobRequest,
  type JobEvent,
} from "@hearth/wire/hub/training";
import type { z } from "zod";
import { streamChat, type ChatAnswer, type ChatOptions } from "./chat.ts";
import { HearthApiError } from "./errors.ts";
import { call, send, type Call, type Connection } from "./http.ts";
import { readEvents } from "./sse.ts";

export interface ClientOptions {
  /** Origin of the hub; default `http://127.0.0.1:4747`. */
  url?: string;
  apiKey?: string;
}

/** Fields of a request body that have defaults may be left out. */
type Input<T extends z.ZodType> = z.input<T>;

interface PageOptions {
  page?: number;
  pageSize?: number;
  signal?: AbortSignal;
}

interface CallOptions {
  signal?: AbortSignal;
}

export const DEFAULT_URL = "http://127.0.0.1:4747";

/** A file to upload: its name inside the dataset (`train.jsonl`) and its bytes. */
export interface UploadedFile {
  name: string;
  content: Blob;
}

/**
 * Client of one hub, for Node and browsers. Every method throws `HearthApiError` with the
 * hub's own code and message, `HubUnreachable` when nothing answers, and `AbortError`
 * when its signal is aborted.
 */
export class HearthClient {
  readonly connection: Connection;

  constructor(options: ClientOptions = {}) {
    this.connection = { url: (options.url ?? DEFAULT_URL).replace(/\/+$/, ""), apiKey: options.apiKey };
  }

  get url(): string {
    return this.connection.url;
  }

  health(options: CallOptions = {}) {
    return this.#call("/api/health", health, options);
  }

  /** What the hub is doing right now. */
  status(options: CallOptions = {}) {
    return this.#call("/api/status", hubStatus, options);
  }

  /** Prometheus text. */
  async metrics(options: CallOptions = {}): Promise<string> {
    const response = await send(this.connection, "/metrics", {
      accept: "text/plain",
      signal: options.signal,
    });
    return response.text();
  }

  /** Asks the hub to drain and stop; works on the hub's own machine only. */
  shutdown(options: CallOptions = {}) {
    return this.#call("/api/shutdown", shutdownResponse, { ...options, method: "POST" });
  }

  readonly models = {
    list: (options: PageOptions = {}) => this.#call("/api/models", modelPage, paged(options)),
    create: (body: CreateModelInput, options: CallOptions = {}) =>
      this.#call("/api/models", model, { ...options, method: "POST", body }),
    get: (idOrName: string, options: CallOptions = {}) =>
      this.#call(`/api/models/${segment(idOrName)}`, model, options),
    remove: async (idOrName: string, options: CallOptions = {}): Promise<void> => {
      await this.#send(`/api/models/${segment(idOrName)}`, { ...options, method: "DELETE" });
    },
    history: (idOrName: string, options: PageOptions = {}) =>
      this.#call(`/api/models/${segment(idOrName)}/history`, modelEventPage, paged(options)),
    versions: (idOrName: string, options: PageOptions = {}) =>
      this.#call(`/api/models/${segment(idOrName)}/versions`, modelVersionPage, paged(options)),
    /** `reference`: `name`, `name:3`, `name@alias`. */
    resolve: (reference: string, options: CallOptions = {}) =>
      this.#call("/api/versions/resolve", modelVersion, { ...options, query: { reference } }),
    /** Imports a GGUF file on the hub's machine as the next version. */
    addVersion: (idOrName: string, path: string, options: CallOptions = {}) =>
      this.#call(`/api/models/${segment(idOrName)}/versions`, modelVersion, {
        ...options,
        method: "POST",
        body: { path },
      }),
    promote: (idOrName: string, body: PromoteInput, options: CallOptions = {}) =>
      this.#call(`/api/models/${segment(idOrName)}/promote`, gateResult, {
        ...options,
        method: "POST",
        body,
      }),
    reproduce: (idOrName: string, version: number, options: CallOptions = {}) =>
      this.#call(`/api/models/${segment(idOrName)}/versions/${version}/reproduce`, trainingJob, {
        ...options,
        method: "POST",
      }),
  };

  readonly datasets = {
    list: (options: PageOptions = {}) => this.#call("/api/datasets", datasetPage, paged(options)),
    /** Registers a file or folder on the hub's machine. */
    create: (body: { name: string; path: string }, options: CallOptions = {}) =>
      this.#call("/api/datasets", dataset, { ...options, method: "POST", body }),
    upload: (name: string, files: readonly UploadedFile[], options: CallOptions = {}) => {
      const form = new FormData();
      form.set("name", name);
      for (const file of files) form.append("files", file.content, file.name);
      return this.#call("/api/datasets", dataset, { ...options, method: "POST", form });
    },
    get: (idOrName: string, options: CallOptions = {}) =>
      this.#call(`/api/datasets/${segment(idOrName)}`, dataset, options),
    remove: async (idOrName: string, options: CallOptions = {}): Promise<void> => {
      await this.#send(`/api/datasets/${segment(idOrName)}`, { ...options, method: "DELETE" });
    },
    verify: (idOrName: string, options: CallOptions = {}) =>
      this.#call(`/api/datasets/${segment(idOrName)}/verify`, verifyDatasetResponse, {
        ...options,
        method: "POST",
      }),
  };

  readonly jobs = {
    list: (options: PageOptions = {}) => this.#call("/api/training/jobs", trainingJobPage, paged(options)),
    create: (body: CreateJobInput, options: CallOptions = {}) =>
      this.#call("/api/training/jobs", trainingJob, { ...options, method: "POST", body }),
    get: (id: string, options: CallOptions = {}) =>
      this.#call(`/api/training/jobs/${segment(id)}`, trainingJob, options),
    cancel: (id: string, options: CallOptions = {}) =>
      this.#call(`/api/training/jobs/${segment(id)}/cancel`, trainingJob, { ...options, method: "POST" }),
    /** Starts with the job's present state and ends after its last. */
    events: (id: string, options: CallOptions = {}): AsyncGenerator<JobEvent> =>
      this.#events(`/api/training/jobs/${segment(id)}/events`, options, (event) =>
        jobEvent.parse(JSON.parse(event.data)),
      ),
  };

  readonly evaluations = {
    /** Runs an evaluation; `onProgress` gets rows done and rows in all. Aborting cancels it. */
    run: async (
      body: EvaluationInput,
      options: CallOptions & { onProgress?: (done: number, total: number) => void } = {},
    ): Promise<Evaluation> => {
      const response = await send(this.connection, "/api/evaluations", {
        method: "POST",
        body,
        accept: "text/event-stream",
        signal: options.signal,
      });
      for await (const raw of readEvents(bodyOf(response))) {
        const event = evaluationEvent.parse(JSON.parse(raw.data));
        if (event.type === "progress") options.onProgress?.(event.done, event.total);
        else if (event.type === "result") return event.evaluation;
        else
          throw new HearthApiError(
            response.status,
            event.error.code,
            event.error.message,
            event.error.details,
          );
      }
      throw new HearthApiError(
        response.status,
        "unavailable",
        "the hub ended the evaluation without a result: was it stopped?",
      );
    },
    get: (id: string, options: CallOptions = {}) =>
      this.#call(`/api/evaluations/${segment(id)}`, evaluation, options),
  };

  inference(body: InferenceInput, options: CallOptions = {}): Promise<InferenceResponse> {
    return this.#call("/api/inference", inferenceResponse, { ...options, method: "POST", body });
  }

  /** Yields text as it is generated; returns the whole answer with its figures. */
  async *inferenceStream(
    body: InferenceInput,
    options: CallOptions = {},
  ): AsyncGenerator<string, InferenceResponse> {
    const response = await send(this.connection, "/api/inference/stream", {
      method: "POST",
      body,
      accept: "text/event-stream",
      signal: options.signal,
    });
    for await (const { event, data } of readEvents(bodyOf(response))) {
      const value: unknown = JSON.parse(data);
      if (event === "token") yield inferenceTokenEvent.parse(value).text;
      else if (event === "done") return inferenceResponse.parse(value);
      else {
        const error = inferenceErrorEvent.parse(value);
        throw new HearthApiError(response.status, error.code, error.message);
      }
    }
    throw new HearthApiError(response.status, "generation_failed", "the answer ended before it was complete");
  }

  /** Yields text as it is generated; returns the whole answer with its figures. */
  chat(options: ChatOptions): AsyncGenerator<string, ChatAnswer> {
    return streamChat(this.connection, options);
  }

  async *#events<T>(
    path: string,
    options: CallOptions,
    parse: (event: { data: string }) => T,
  ): AsyncGenerator<T> {
    const response = await send(this.connection, path, {
      accept: "text/event-stream",
      signal: options.signal,
    });
    for await (const event of readEvents(bodyOf(response))) yield parse(event);
  }

  #call<T extends z.ZodType>(path: string, schema: T, options: Call) {
    return call(this.connection, path, schema, options);
  }

  #send(path: string, options: Call) {
    return send(this.connection, path, options);
  }
}

export type CreateModelInput = Input<typeof createModelRequest>;
export type PromoteInput = Input<typeof promoteRequest>;
export type CreateJobInput = Input<typeof createJobRequest>;
export type EvaluationInput = Input<typeof evaluationRequest>;
export type InferenceInput = Input<typeof inferenceRequest>;

function segment(value: string): string {
  return encodeURIComponent(value);
}

function paged(options: PageOptions): Call {
  return { query: { page: options.page, page_size: options.pageSize }, signal: options.signal };
}

function bodyOf(response: Response): ReadableStream<Uint8Array> {
  if (!response.body)
    throw new HearthApiError(response.status, "unexpected_answer", "the hub answered without a body");
  return response.body;
}
