import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { clientEnvironment } from "./python-checks.ts";

/** Webhooks to this machine, which Hearth allows as it is. */
const localWebhooks = {
  MLFLOW_WEBHOOK_ALLOWED_SCHEMES: "http,https",
  MLFLOW_WEBHOOK_ALLOW_PRIVATE_IPS: "true",
};

/** MLflow's own tracking server with one worker, SQLite and a folder of its own. */
export class MlflowServer implements AsyncDisposable {
  readonly url: string;
  private readonly child: ChildProcess;
  private readonly folder: string;

  private constructor(url: string, child: ChildProcess, folder: string) {
    this.url = url;
    this.child = child;
    this.folder = folder;
  }

  /** Starts it and waits until it answers; throws with its log if it ends before. */
  static async start(python: string): Promise<MlflowServer> {
    const folder = await mkdtemp(join(tmpdir(), "hearth-mlflow-server-"));
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const child = spawn(
      python,
      [
        "-m",
        "mlflow",
        "server",
        "--host=127.0.0.1",
        `--port=${port}`,
        "--workers=1",
        `--backend-store-uri=sqlite:///${join(folder, "mlflow.db")}`,
        `--artifacts-destination=${join(folder, "artifacts")}`,
      ],
      {
        cwd: folder,
        env: { ...clientEnvironment(url, folder), ...localWebhooks },
        stdio: ["ignore", "pipe", "pipe"],
      },
    );
    const server = new MlflowServer(url, child, folder);
    try {
      await started(child);
    } catch (error) {
      await server[Symbol.asyncDispose]();
      throw error;
    }
    return server;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) {
      const exited = once(this.child, "exit");
      this.child.kill("SIGTERM");
      await exited;
    }
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** Waits for the line that uvicorn logs once it listens. */
async function started(child: ChildProcess): Promise<void> {
  let log = "";
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const read = (text: string): void => {
    log += text;
    if (log.includes("Uvicorn running on") && log.includes("Application startup complete")) resolve();
  };
  child.stdout?.setEncoding("utf8").on("data", read);
  child.stderr?.setEncoding("utf8").on("data", read);
  child.once("exit", (code) => {
    reject(new Error(`mlflow server ended with ${String(code)} before it answered:\n${log}`));
  });
  await promise;
}

/** A port that was free a moment ago: MLflow's server cannot be asked to choose one. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("the free port has no number");
  return address.port;
}
