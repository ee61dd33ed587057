import { recordArguments, recordOutcome, type RecordOptions, type Yields } from "./call-record.ts";
import type { TrackingClient } from "./client.ts";
import { defaultClient } from "./default-client.ts";
import { trackIterator } from "./track-iterator.ts";

export interface TrackOptions extends RecordOptions {
  /** Name of the runs; default the function's. */
  name?: string;
  /** Default the experiment of the run around the call, else the client's. */
  experiment?: string;
  tags?: Readonly<Record<string, string>>;
  /** Records git, machine and packages; default true for calls that no run surrounds. */
  environment?: boolean;
  /** Default the client of `configureTracking`. */
  client?: TrackingClient;
}

type Call = (this: never, ...args: never[]) => unknown;
/**
 * Makes a function that does the same and records each call as a run: arguments, result, duration,
 * exception, code state, machine and packages. Functions, async functions, generators and async
 * generators; a tracked call inside another is its child run. Recording never delays, fails or
 * changes a call. `track(fn)`, `track(fn, options)`, and as a decorator of methods, static methods
 * and fields that hold functions: `@track`, `@track({ … })`.
 */
export function track<F extends Call>(fn: F, options?: TrackOptions): F;
export function track<F extends Call>(method: F, context: ClassMethodDecoratorContext): F;
export function track(field: undefined, context: ClassFieldDecoratorContext): <F>(initial: F) => F;
export function track(options: TrackOptions): {
  <F extends Call>(method: F, context: ClassMethodDecoratorContext): F;
  (field: undefined, context: ClassFieldDecoratorContext): <F>(initial: F) => F;
};
export function track(first: unknown, second?: unknown): unknown {
  if (isDecoratorContext(second)) return decorate(first, second, {});
  if (typeof first === "function") return wrap(first as Call, second ?? {});
  if (typeof first === "object" && first !== null) {
    return (value: unknown, context: DecoratorContext) => decorate(value, context, first);
  }
  throw new TypeError("track takes a function, or options for a decorator.");
}

function decorate(value: unknown, context: DecoratorContext, options: TrackOptions): unknown {
  const named = { name: String(context.name ?? "anonymous"), ...options };
  if (context.kind === "method" && typeof value === "function") return wrap(value as Call, named);
  if (context.kind === "field") {
    return (initial: unknown) => (typeof initial === "function" ? wrap(initial as Call, named) : initial);
  }
  throw new TypeError(`@track goes on methods and on fields that hold functions, not on a ${context.kind}.`);
}

function isDecoratorContext(value: unknown): value is DecoratorContext {
  return typeof value === "object" && value !== null && "kind" in value && "addInitializer" in value;
}

function wrap(fn: Call, options: TrackOptions): Call {
  const name = options.name ?? (fn.name === "" ? "anonymous" : fn.name);
  const tracked = function (this: unknown, ...args: unknown[]): unknown {
    return callTracked(fn, this, args, name, options);
  };
  Object.defineProperty(tracked, "name", { value: fn.name, configurable: true });
  Object.defineProperty(tracked, "length", { value: fn.length, configurable: true });
  return tracked;
}

function callTracked(fn: Call, self: unknown, args: unknown[], name: string, options: TrackOptions): unknown {
  const client = options.client ?? defaultClient();
  const run = client.beginRun({
    name,
    ...(options.experiment === undefined ? {} : { experiment: options.experiment }),
    tags: { "call.function": name, ...options.tags },
    ...(options.environment === undefined ? {} : { environment: options.environment }),
  });
  const startedAt = performance.now();
  try {
    recordArguments(run, fn, args, options);
  } catch (error) {
    // A hostile argument must not keep the call from being made.
    run.outbox.addTag(
      "call.arguments",
      `[unreadable: ${error instanceof Error ? error.message : typeof error}]`,
    );
  }
  const ended = (outcome: { result: unknown } | { error: unknown }, yields: Yields | null = null) => {
    recordOutcome(run, startedAt, outcome, yields, options);
  };
  let result: unknown;
  try {
    result = run.scope(() => Reflect.apply(fn, self, args) as unknown);
  } catch (error) {
    ended({ error });
    throw error;
  }
  if (isGenerator(result)) return trackIterator(result, run, options, ended);
  if (result instanceof Promise && Object.getPrototypeOf(result) === Promise.prototype) {
    return result.then(
      (value: unknown) => {
        ended({ result: value });
        return value;
      },
      (error: unknown) => {
        ended({ error });
        throw error;
      },
    );
  }
  if (isThenable(result)) {
    // A promise of another make has methods that a new one would lack: it is watched, not replaced.
    result.then(
      (value: unknown) => ended({ result: value }),
      (error: unknown) => ended({ error }),
    );
    return result;
  }
  ended({ result });
  return result;
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}

function isGenerator(value: unknown): value is Generator | AsyncGenerator {
  const kind = Object.prototype.toString.call(value);
  return kind === "[object Generator]" || kind === "[object AsyncGenerator]";
}
