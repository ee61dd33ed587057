import { superviseChild } from "../supervisor.ts";

/** Stands for a hub: owns a child that itself has a child, tells their pids and waits to be killed. */
const [folder = ""] = process.argv.slice(2);
superviseChild({
  name: "parent",
  module: new URL("child.ts", import.meta.url),
  args: ["parent"],
  logFile: `${folder}/parent.log`,
  recordsFolder: `${folder}/run`,
  readyTimeoutMs: 20_000,
  onMessage: (message) => process.send?.(message),
});
process.on("message", () => undefined);
