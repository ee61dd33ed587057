import { node } from "./node.ts";

/** A value that a call sees while it runs, and everything it calls. */
export interface Context<T> {
  get(): T | undefined;
  run<R>(value: T, call: () => R): R;
}

/**
 * In Node the value follows the call through awaits and timers (AsyncLocalStorage). A browser has
 * nothing of the kind: there the value holds until the call returns or first awaits.
 */
export function createContext<T>(): Context<T> {
  const hooks = node()?.asyncHooks;
  if (hooks !== undefined) {
    const storage = new hooks.AsyncLocalStorage<T>();
    return { get: () => storage.getStore(), run: (value, call) => storage.run(value, call) };
  }
  let current: T | undefined;
  return {
    get: () => current,
    run(value, call) {
      const before = current;
      current = value;
      try {
        return call();
      } finally {
        current = before;
      }
    },
  };
}
