import { spawn } from "node:child_process";

/** A child for the tests of the supervisor; what it does is named by its first argument. */
const behaviours: Record<string, () => void> = {
  ready() {
    process.send?.({ type: "ready" });
    process.on("message", (message) => process.send?.({ type: "echo", message }));
  },
  silent() {
    process.on("message", () => undefined);
  },
  speaks() {
    process.send?.({ type: "ready" });
    process.stdout.write("first line\n");
    process.stderr.write("native code says: tensor 'blk.0' is missing\n");
    process.stdout.write("ünfinished", () => process.abort());
  },
  fails() {
    process.exitCode = 3;
    process.disconnect();
  },
  stubborn() {
    process.on("SIGTERM", () => undefined);
    process.on("message", () => undefined);
    process.send?.({ type: "ready" });
  },
  polite() {
    process.on("message", () => {
      process.stdout.write("bye\n", () => process.disconnect());
    });
    process.send?.({ type: "ready" });
  },
  parent() {
    const grandchild = spawn("sleep", ["600"], { stdio: "ignore" });
    process.on("message", () => undefined);
    process.send?.({ type: "ready", grandchild: grandchild.pid });
  },
  chatty() {
    process.send?.({ type: "ready" });
    let line = 0;
    const write = (): void => {
      if (line === 2_000) process.disconnect();
      else process.stdout.write(`line ${line++} ${"x".repeat(90)}\n`, write);
    };
    write();
  },
  hungry() {
    const kept: Buffer[] = [];
    process.on("message", () => undefined);
    process.send?.({ type: "ready" });
    setInterval(() => kept.push(Buffer.alloc(20_000_000, kept.length)), 20);
  },
  environment() {
    // oxlint-disable-next-line node/no-process-env -- what came through is the test
    process.send?.({ type: "ready", environment: { ...process.env } });
    process.disconnect();
  },
};

behaviours[process.argv[2] ?? "ready"]?.();
