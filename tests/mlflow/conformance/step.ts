/** One request of a conversation that is held with MLflow's server and with Hearth. */
export interface Step {
  name: string;
  method: string;
  /** Sent as it is, `..` and `%2e` included. `<name>` stands for a kept value, here and in the body. */
  path: string;
  /** An object goes as JSON, a string as it is. */
  body?: unknown;
  headers?: Record<string, string>;
  /** Values of the answer that later steps name: name → path in its JSON (`run.info.run_id`). */
  keep?: Record<string, string>;
  /** Keys whose values are each server's own business; only their types are compared. */
  loose?: readonly string[];
  /** The error's message is compared too: clients look for it, or show it as it is. */
  message?: true;
  /** Hearth answers something else on purpose. */
  differs?: Difference;
}

export interface Difference {
  /** Why Hearth's answer is the better one. */
  reason: string;
  /** What Hearth answers. */
  status: number;
  error_code?: string;
}

export type Options = Omit<Step, "name" | "method" | "path" | "body">;

const base = "/api/2.0/mlflow/";

/** A path under `/api/2.0/mlflow/`; one that begins with `/` is taken as it is. */
function at(path: string): string {
  return path.startsWith("/") ? path : base + path;
}

export function get(name: string, path: string, options: Options = {}): Step {
  return { name, method: "GET", path: at(path), ...options };
}

export function post(name: string, path: string, body: unknown, options: Options = {}): Step {
  return { name, method: "POST", path: at(path), body, ...options };
}

export function send(method: string, name: string, path: string, body: unknown, options: Options = {}): Step {
  return { name, method, path: at(path), body, ...options };
}

/** The same request with each of several wrong bodies; names are numbered by what is wrong. */
export function wrong(
  name: string,
  path: string,
  bodies: Record<string, unknown>,
  options: Options = {},
  method = "POST",
): Step[] {
  return Object.entries(bodies).map(([what, body]) => send(method, `${name}: ${what}`, path, body, options));
}
