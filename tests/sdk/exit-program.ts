/** A program that records a run and ends in the way it is told: `exit-program.ts <url> <way> [<flushTimeoutMs> [<exitTimeoutMs>]]`. */
import { configureTracking, startRun, track } from "@hearth/sdk/tracking";

const [, , url = "", way = "", flushTimeoutMs = "30000", exitTimeoutMs = "30000"] = process.argv;
// Points wait longer than the program lives: what arrives was sent at its end.
configureTracking({
  url,
  experiment: "exits",
  flushIntervalMs: 600_000,
  flushTimeoutMs: Number(flushTimeoutMs),
  exitTimeoutMs: Number(exitTimeoutMs),
});
const run = await startRun({ name: way });
const child = track(function child(a: number) {
  return a + 1;
});
for (let step = 0; step < 900; step++) run.logMetric("loss", step, { step });
run.setTag("last", "yes");
run.logParam("way", way);
run.scope(() => child(1));
switch (way) {
  case "process.exit":
    process.exit(3);
    break;
  case "exception":
    throw new Error("nobody caught this");
  case "rejection":
    void Promise.reject(new Error("nobody caught this"));
    break;
  case "SIGTERM":
  case "SIGINT":
    setInterval(() => undefined, 1000);
    process.kill(process.pid, way);
    break;
  case "own handler":
    process.on("SIGTERM", () => {
      run.setTag("handled", "yes");
      process.exit(0);
    });
    setInterval(() => undefined, 1000);
    process.kill(process.pid, "SIGTERM");
    break;
  case "the end":
    break;
  default:
    throw new Error(`no way "${way}"`);
}
