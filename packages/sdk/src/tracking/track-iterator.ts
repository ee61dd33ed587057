import { Yields, type RecordOptions } from "./call-record.ts";
import type { Run } from "./run.ts";

type Outcome = { result: unknown } | { error: unknown };
type Step = IteratorResult<unknown> | Promise<IteratorResult<unknown>>;

/**
 * A generator that does the same, with each step inside the run's scope; the run ends with the
 * generator. One that is left without `return` (which loops call) stays open until the process ends.
 */
export function trackIterator(
  generator: Generator | AsyncGenerator,
  run: Run,
  options: RecordOptions,
  ended: (outcome: Outcome, yields: Yields) => void,
): Generator | AsyncGenerator {
  const yields = new Yields();
  let open = true;
  const end = (outcome: Outcome) => {
    if (open) ended(outcome, yields);
    open = false;
  };
  const seen = (step: IteratorResult<unknown>) => {
    if (step.done === true) end({ result: step.value });
    else if (open) yields.add(step.value, options);
    return step;
  };
  const failed = (error: unknown): never => {
    end({ error });
    throw error;
  };
  const step = (take: () => Step): Step => {
    let result: Step;
    try {
      result = run.scope(take);
    } catch (error) {
      return failed(error);
    }
    return result instanceof Promise ? result.then(seen, failed) : seen(result);
  };
  // Its prototype keeps iterator methods, disposal and instanceof as they were.
  return Object.create(Object.getPrototypeOf(generator) as object, {
    next: { value: (...value: [] | [unknown]) => step(() => generator.next(...(value as [unknown]))) },
    return: { value: (value: unknown) => step(() => generator.return(value)) },
    throw: { value: (error: unknown) => step(() => generator.throw(error)) },
  }) as Generator | AsyncGenerator;
}
