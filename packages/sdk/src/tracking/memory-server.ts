/** A tracking server in memory, for tests of the sending side: the wire of a few endpoints, and faults on demand. */

interface MemoryRun {
  id: string;
  name: string;
  status: string;
  endTime: number | null;
  metrics: { key: string; value: number | string; timestamp: number; step: number }[];
  params: Record<string, string>;
  tags: Record<string, string>;
}

interface Pair {
  key: string;
  value: string;
}

/** An answer instead of the server's own; `lost` does the work, then the connection breaks; `away` breaks it before. */
export type Fault = Response | "lost" | "away";

export class MemoryServer {
  readonly runs: MemoryRun[] = [];
  readonly files = new Map<string, string>();
  readonly requests: { method: string; path: string; body: unknown }[] = [];
  /** Taken in order by requests whose path contains the text. */
  readonly faults: { path: string; fault: Fault }[] = [];
  /** Keys of params that this server refuses. */
  readonly refusedParams = new Set<string>();

  readonly fetch: typeof globalThis.fetch = async (input, init) => {
    const { pathname, searchParams } = new URL(input instanceof Request ? input.url : input);
    const path = pathname.replace("/api/2.0/mlflow/", "");
    const text = init?.body instanceof Blob ? await init.body.text() : init?.body;
    const isJson = typeof text === "string" && text.startsWith("{") && !(init?.body instanceof Blob);
    const body = (isJson ? JSON.parse(text) : (text ?? {})) as Record<string, unknown>;
    this.requests.push({ method: init?.method ?? "GET", path, body });
    const at = this.faults.findIndex((fault) => path.includes(fault.path));
    const fault = at === -1 ? undefined : this.faults.splice(at, 1)[0]?.fault;
    if (fault instanceof Response) return fault;
    if (fault === "away") throw new TypeError("fetch failed");
    const answer = this.answer(path, body, searchParams, text);
    if (fault === "lost") throw new TypeError("fetch failed");
    return answer;
  };

  run(name: string): MemoryRun {
    const run = this.runs.find((candidate) => candidate.name === name);
    if (run === undefined)
      throw new Error(`no run ${name}; there are ${this.runs.map((r) => r.name).join()}`);
    return run;
  }

  private answer(
    path: string,
    body: Record<string, unknown>,
    query: URLSearchParams,
    text: unknown,
  ): Response {
    if (path.includes("mlflow-artifacts")) {
      this.files.set(decodeURIComponent(path.split("/artifacts/")[2] ?? path), String(text));
      return new Response("");
    }
    switch (path) {
      case "runs/create": {
        const run = {
          id: crypto.randomUUID(),
          name: typeof body["run_name"] === "string" ? body["run_name"] : "",
          status: "RUNNING",
          endTime: null,
          metrics: [],
          params: {},
          tags: Object.fromEntries((body["tags"] as Pair[]).map(({ key, value }) => [key, value])),
        };
        this.runs.push(run);
        return Response.json(wireRun(run));
      }
      case "runs/search": {
        const key = /'(.*)'/.exec(String(body["filter"]))?.[1];
        const found = this.runs.filter((run) => run.tags["hearth.run_key"] === key);
        return Response.json({ runs: found.map((run) => wireRun(run).run) });
      }
      case "runs/update": {
        const run = this.byId(body["run_id"]);
        run.status = String(body["status"]);
        run.endTime = Number(body["end_time"]);
        return Response.json({});
      }
      case "runs/log-batch":
        return this.logBatch(body);
      case "experiments/get-by-name":
        return Response.json({ experiment: { experiment_id: `id of ${query.get("experiment_name")}` } });
    }
    return Response.json({ error_code: "ENDPOINT_NOT_FOUND", message: path }, { status: 404 });
  }

  private logBatch(body: Record<string, unknown>): Response {
    const run = this.byId(body["run_id"]);
    const params = body["params"] as Pair[];
    const refused = params.find(({ key }) => this.refusedParams.has(key));
    if (refused !== undefined) {
      return Response.json(
        { error_code: "INVALID_PARAMETER_VALUE", message: `no ${refused.key}` },
        { status: 400 },
      );
    }
    run.metrics.push(...(body["metrics"] as MemoryRun["metrics"]));
    for (const { key, value } of params) run.params[key] = value;
    for (const { key, value } of body["tags"] as Pair[]) run.tags[key] = value;
    return Response.json({});
  }

  private byId(id: unknown): MemoryRun {
    const run = this.runs.find((candidate) => candidate.id === id);
    if (run === undefined) throw new Error(`no run ${String(id)}`);
    return run;
  }
}

function wireRun({ id, name, status }: MemoryRun) {
  const info = {
    run_id: id,
    run_name: name,
    status,
    experiment_id: "0",
    artifact_uri: `mlflow-artifacts:/0/${id}/artifacts`,
  };
  return { run: { info, data: {} } };
}
