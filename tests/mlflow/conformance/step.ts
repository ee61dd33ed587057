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
  /** The keys of the answer that are compared; default all, and of none only the status counts. */
  only?: readonly string[];
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

/** The steps, those named with what Hearth answers otherwise on purpose; throws at an unknown name. */
export function differing(steps: readonly Step[], differences: Record<string, Difference>): Step[] {
  for (const name of Object.keys(differences))
    if (!steps.some((step) => step.name === name)) throw new Error(`no step is called "${name}"`);
  return steps.map((step) => {
    const differs = differences[step.name];
    return differs === undefined ? step : { ...step, differs };
  });
}

/** A wrong type or an unknown word where MLflow puts zero, drops the field or ignores it. */
export const strict: Difference = {
  reason: "a wrong value is refused, not dropped without a word",
  status: 400,
  error_code: "INVALID_PARAMETER_VALUE",
};

/** A mistake of the caller that MLflow's server fails at; its client would retry for minutes. */
export const noFault: Difference = {
  reason: "a mistake of the caller is no fault of the server",
  status: 400,
  error_code: "INVALID_PARAMETER_VALUE",
};
