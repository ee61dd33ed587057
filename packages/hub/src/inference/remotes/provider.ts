import type { Servers } from "../engines/openai/engine.ts";
import { blameOf } from "../engines/openai/failures.ts";
import type { Extension, ServerAddress } from "../engines/openai/server.ts";
import { GenerationFailed, RequestCancelled } from "../errors.ts";
import { HearthError } from "../../errors.ts";
import { Dispatcher } from "./dispatcher.ts";
import { HealthChecks } from "./health-checks.ts";
import { RemoteServer } from "./remote-server.ts";

/** One provider of the settings: servers that are the same for whoever asks. */
export interface ProviderOptions {
  name: string;
  urls: readonly string[];
  apiKey: string | null;
  apiKeyVariable: string | null;
  /** Requests that one server gets at a time. */
  concurrency: number;
  timeoutMs: number;
  /** The models that can be asked; null: those that the servers list. */
  models: readonly string[] | null;
  extensions: readonly Extension[];
  /** Requests that may wait for a server; default 64. */
  maxWaiting?: number;
  now?: () => number;
}

export interface ProviderStatus {
  name: string;
  waiting: number;
  models: readonly string[];
  servers: readonly RemoteServer[];
  /** Requests that went on to another server, since the start. */
  failovers: number;
}

const defaultMaxWaiting = 64;
const defaultRestSeconds = 1;

/** Asks the servers of one provider: the least busy, the next one when one fails before its first token. */
export class Provider implements Servers, Disposable {
  readonly name: string;
  readonly settings: Servers["settings"];
  readonly #options: ProviderOptions;
  readonly #servers: readonly RemoteServer[];
  readonly #dispatcher: Dispatcher;
  readonly #health: HealthChecks;
  readonly #closed = new AbortController();
  readonly #now: () => number;
  #failovers = 0;

  constructor(options: ProviderOptions) {
    const { name, urls, apiKey, apiKeyVariable, extensions, timeoutMs, concurrency } = options;
    this.name = name;
    this.#options = options;
    this.settings = { provider: name, url: urls[0] ?? "", extensions };
    const now = (this.#now = options.now ?? (() => performance.now()));
    this.#servers = urls.map(
      (url) =>
        new RemoteServer(
          { provider: name, url, apiKey, apiKeyVariable, extensions, timeoutMs },
          concurrency,
          now,
        ),
    );
    this.#dispatcher = new Dispatcher({
      provider: name,
      servers: this.#servers,
      maxWaiting: options.maxWaiting ?? defaultMaxWaiting,
      now,
    });
    this.#health = new HealthChecks({
      servers: this.#servers,
      now,
      signal: this.#closed.signal,
      onChange: () => this.#dispatcher.wake(),
    });
  }

  status(): ProviderStatus {
    return {
      name: this.name,
      waiting: this.#dispatcher.waiting,
      models: this.#known(),
      servers: this.#servers,
      failovers: this.#failovers,
    };
  }

  /** May this model be asked? Only the settings can say no: servers answer by models that they do not list. */
  has(model: string): boolean {
    return this.#options.models?.includes(model) ?? true;
  }

  /** The names of its models. A server that is slow or gone makes nobody wait: what is known stays. */
  async models(): Promise<readonly string[]> {
    if (this.#options.models === null) await this.#health.refresh();
    return this.#known();
  }

  /** Errors: why the first server cannot be asked, when none can. */
  async reach(signal: AbortSignal): Promise<readonly string[]> {
    const listed = await Promise.all(this.#servers.map((server) => this.#health.check(server, signal)));
    if (listed.every((failure) => failure !== null)) throw listed[0] ?? this.#dispatcher.unavailable();
    return this.#known();
  }

  async *stream<T>(
    attempt: (server: ServerAddress, signal: AbortSignal) => AsyncIterable<T>,
    signal: AbortSignal,
    client = "",
  ): AsyncGenerator<T, void, void> {
    const either = AbortSignal.any([signal, this.#closed.signal]);
    const tried = new Set<RemoteServer>();
    for (;;) {
      const server = await this.#dispatcher.acquire(client, tried, either);
      const since = this.#now();
      let begun = false;
      let ended = false;
      try {
        for await (const item of attempt(server.address, either)) {
          if (!begun) this.#answered(server);
          begun = true;
          yield item;
        }
        ended = true;
        server.counts.ok += 1;
        return;
      } catch (error) {
        ended = true;
        this.#failed(server, error);
        tried.add(server);
        if (begun || !this.#canGoOn(error, tried)) throw error;
        this.#failovers += 1;
      } finally {
        if (!ended) {
          // The reader left.
          server.counts.cancelled += 1;
          server.breaker.undecided();
        }
        this.#dispatcher.release(server, this.#now() - since);
      }
    }
  }

  [Symbol.dispose](): void {
    this.#closed.abort(new GenerationFailed("The hub is stopping."));
  }

  #known(): readonly string[] {
    if (this.#options.models !== null) return this.#options.models;
    return [...new Set(this.#servers.flatMap(({ models }) => models ?? []))].toSorted();
  }

  #answered(server: RemoteServer): void {
    server.breaker.succeeded();
    server.error = null;
    server.lastAnswer = this.#now();
  }

  #failed(server: RemoteServer, error: unknown): void {
    if (error instanceof RequestCancelled || this.#closed.signal.aborted) {
      server.counts.cancelled += 1;
      server.breaker.undecided();
      return;
    }
    const blame = blameOf(error);
    if (blame === "sick") {
      server.counts.failed += 1;
      server.breaker.failed();
      server.error = error instanceof Error ? error.message : String(error);
      if (server.breaker.state === "open") this.#health.watch(server);
      return;
    }
    // It answered, so it works.
    server.breaker.succeeded();
    if (blame === "busy") {
      server.counts.busy += 1;
      server.restingUntil = this.#now() + restSeconds(error) * 1000;
      server.error = error instanceof Error ? error.message : null;
    } else {
      server.counts.refused += 1;
    }
  }

  #canGoOn(error: unknown, tried: ReadonlySet<RemoteServer>): boolean {
    if (blameOf(error) === "request") return false;
    const now = this.#now();
    return this.#servers.some((server) => !tried.has(server) && server.usable(now));
  }
}

function restSeconds(error: unknown): number {
  const seconds = error instanceof HearthError ? error.details["retry_after_seconds"] : undefined;
  return typeof seconds === "number" ? seconds : defaultRestSeconds;
}
