import { keyFrom } from "./batch.ts";
import { parameterNames } from "./parameter-names.ts";
import { recordException, type Run } from "./run.ts";
import { isSecret, redacted, serialise, type Json, type SerialiseOptions } from "./serialise.ts";

export interface RecordOptions extends SerialiseOptions {
  /** Default true. */
  arguments?: boolean;
  /** Default true. */
  result?: boolean;
}

/** A longer JSON is an artifact; a shorter one a tag, which searches and pages see. */
const longestTag = 4000;
const mostParams = 100;
/** Values of a generator that are kept; all are counted. */
const keptYields = 20;

/** Writes the arguments of a call: all of them as JSON, and those that are one value as params. */
export function recordArguments(
  run: Run,
  call: (...args: never[]) => unknown,
  args: readonly unknown[],
  options: RecordOptions,
): void {
  if (options.arguments === false || args.length === 0) return;
  const names = parameterNames(Function.prototype.toString.call(call));
  const named = args.map((value, index) => [names[index] ?? `arg${index}`, value] as const);
  const written = serialise(Object.fromEntries(named), options);
  recordJson(run, "arguments", written);
  const params = named.flatMap(([name, value]) => paramsOf(name, value, options)).slice(0, mostParams);
  const seen = new Set<string>();
  for (const [name, value] of params) {
    const key = keyFrom(name);
    if (seen.has(key)) continue;
    seen.add(key);
    run.outbox.addParam(key, value);
  }
}

/** Writes how a call ended, and ends its run. */
export function recordOutcome(
  run: Run,
  startedAt: number,
  outcome: { result: unknown } | { error: unknown },
  yields: Yields | null,
  options: RecordOptions,
): void {
  const timestamp = Date.now();
  const metric = (key: string, value: number) => run.outbox.addMetric({ key, value, timestamp, step: 0 });
  metric("duration_ms", performance.now() - startedAt);
  if (yields !== null) {
    metric("yielded", yields.count);
    if (options.result !== false) recordJson(run, "yielded", serialise(yields.kept, options));
  }
  if ("error" in outcome) recordException(run.outbox, outcome.error);
  else if (options.result !== false && outcome.result !== undefined) {
    recordJson(run, "result", serialise(outcome.result, options));
  }
  run.outbox.finish({ status: "error" in outcome ? "FAILED" : "FINISHED", endTime: timestamp });
}

/** What a generator gave so far. */
export class Yields {
  count = 0;
  readonly kept: unknown[] = [];

  add(value: unknown, options: RecordOptions): void {
    this.count++;
    // Written at once: the generator may change what it gave.
    if (options.result !== false && this.kept.length < keptYields) this.kept.push(serialise(value, options));
  }
}

function recordJson(run: Run, name: string, value: Json): void {
  const text = JSON.stringify(value);
  if (text.length <= longestTag) run.outbox.addTag(`call.${name}`, text);
  else run.outbox.addArtifact({ path: `call/${name}.json`, text });
}

/** `rate: 0.1` → rate; `options: { rate: 0.1 }` → options.rate. What has parts of its own is only in the JSON. */
function paramsOf(name: string, value: unknown, options: RecordOptions): (readonly [string, string])[] {
  const one = scalarText(name, value, options);
  if (one !== null) return [[name, one]];
  if (typeof value !== "object" || value === null || Array.isArray(value)) return [];
  return Object.keys(value)
    .slice(0, mostParams)
    .flatMap((field) => {
      // A getter is code, which recording does not run.
      const part: unknown = Object.getOwnPropertyDescriptor(value, field)?.value;
      const text = scalarText(field, part, options);
      return text === null ? [] : [[`${name}.${field}`, text] as const];
    });
}

function scalarText(name: string, value: unknown, options: RecordOptions): string | null {
  if (!["string", "number", "boolean", "bigint"].includes(typeof value)) return null;
  return isSecret(name, options.redact) ? redacted : String(value);
}
