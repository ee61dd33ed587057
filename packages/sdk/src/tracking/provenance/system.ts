import type { Node } from "../platform/node.ts";

/** The machine and the program, as tags of a run. */
export function describeSystem(modules: Node): Record<string, string> {
  const { os, process, path } = modules;
  const processors = os.cpus();
  return {
    "mlflow.source.type": "LOCAL",
    "mlflow.source.name": process.argv[1] === undefined ? "node" : path.resolve(process.argv[1]),
    "mlflow.user": userName(modules),
    "system.os": `${os.type()} ${os.release()}`,
    "system.arch": process.arch,
    "system.cpu": processors[0]?.model.trim() ?? "unknown",
    "system.cpu_count": String(os.availableParallelism()),
    "system.memory_bytes": String(os.totalmem()),
    "system.runtime": runtime(process),
  };
}

function runtime(process: NodeJS.Process): string {
  const { bun, deno } = process.versions as Record<string, string | undefined>;
  if (bun !== undefined) return `Bun ${bun}`;
  if (deno !== undefined) return `Deno ${deno}`;
  return `Node ${process.versions.node}`;
}

/** A container may run under a number that has no name. */
function userName({ os }: Node): string {
  try {
    return os.userInfo().username;
  } catch {
    return "";
  }
}
