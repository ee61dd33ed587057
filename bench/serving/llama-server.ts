import { execFile } from "node:child_process";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { freePort, healthy, startGroup, stopGroup } from "../tracking/child.ts";

const run = promisify(execFile);

/** The llama-server on the PATH; null when there is none. */
export async function findLlamaServer(): Promise<{ version: string } | null> {
  try {
    const { stdout, stderr } = await run("llama-server", ["--version"]);
    return { version: /version: (\S+)/.exec(stdout + stderr)?.[1] ?? "of unknown version" };
  } catch {
    return null;
  }
}

/** Starts it with a context of `contextSize` tokens over all slots. */
export async function startLlamaServer(
  model: string,
  threads: number,
  slots: number,
  contextSize: number,
): Promise<AsyncDisposable & { url: URL }> {
  const port = await freePort();
  const log = join(tmpdir(), `llama-server-${port}.log`);
  const child = startGroup({
    command: "llama-server",
    args: `-m ${model} --host 127.0.0.1 --port ${port} -t ${threads} -tb ${threads} -np ${slots}`
      .split(" ")
      .concat("-c", String(contextSize), "-fa", "off", "--no-webui"),
    cwd: tmpdir(),
    env: process.env,
    log,
  });
  await once(child, "spawn");
  const url = `http://127.0.0.1:${port}`;
  await healthy(child, url, "/health", log);
  return { url: new URL(url), [Symbol.asyncDispose]: () => stopGroup(child) };
}
