import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";

/** What a script of `python/` prints last. */
const outcome = z.object({
  passed: z.array(z.string()),
  failed: z.record(z.string(), z.string()),
});

export type Outcome = z.infer<typeof outcome>;

/** The environment of an unmodified MLflow client that talks to the server at `url` and nobody else. */
export function clientEnvironment(url: string, folder: string): Record<string, string> {
  return {
    PATH: process.env["PATH"] ?? "",
    HOME: folder,
    TMPDIR: folder,
    MLFLOW_TRACKING_URI: url,
    // A retry would hide an answer that no client should get.
    MLFLOW_HTTP_REQUEST_MAX_RETRIES: "1",
    MLFLOW_HTTP_REQUEST_TIMEOUT: "60",
    MLFLOW_DISABLE_TELEMETRY: "true",
    DO_NOT_TRACK: "true",
    MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR: "false",
    PYTHONDONTWRITEBYTECODE: "1",
    GIT_PYTHON_REFRESH: "quiet",
    OMP_NUM_THREADS: "1",
    OPENAI_API_KEY: "unused",
  };
}

/**
 * Runs `python/<script>.py` against the server at `url` and says which of its checks held.
 * Throws with what the script printed on stderr when it ended without an outcome.
 */
export async function runChecks(
  python: string,
  script: string,
  url: string,
  environment: Record<string, string> = {},
): Promise<Outcome> {
  const folder = await mkdtemp(join(tmpdir(), "hearth-mlflow-"));
  try {
    const child = spawn(python, [join(import.meta.dirname, "python", `${script}.py`)], {
      cwd: folder,
      env: { ...clientEnvironment(url, folder), ...environment },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
    await once(child, "close");
    const last = stdout.trimEnd().split("\n").at(-1) ?? "";
    if (!last.startsWith("{")) throw new Error(`${script}.py ended without an outcome:\n${stderr}`);
    return outcome.parse(JSON.parse(last));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
