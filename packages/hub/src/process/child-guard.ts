import { signalGroup } from "./signals.ts";

/**
 * Loaded into every supervised child before its own module: when the channel to the hub
 * closes (the hub ended, however it ended) the child and what it started must not outlive
 * it. A child with a `disconnect` handler of its own has a moment to leave something behind.
 */
const handledMs = 5_000;
/** A child may also close the channel by itself and be about to end. */
const unhandledMs = 500;

process.once("disconnect", () => {
  const graceMs = process.listenerCount("disconnect") === 0 ? unhandledMs : handledMs;
  setTimeout(() => {
    signalGroup(process.pid, "SIGKILL");
    process.kill(process.pid, "SIGKILL");
  }, graceMs).unref();
});
