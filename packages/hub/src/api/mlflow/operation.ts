import { HearthError } from "../../errors.ts";
import type { Call, Method, Operation } from "../operation.ts";
import { jsonBodyLimit, readJson } from "../read-body.ts";
import type { Services } from "../services.ts";
import { message, readQuery, type Field, type MessageOf } from "./fields.ts";

type Fields = Readonly<Record<string, Field<unknown>>>;

interface Input<F> extends Call {
  services: Services;
  input: MessageOf<F>;
}

interface Specification<F extends Fields> {
  method: Method;
  /** Below the version: `/mlflow/runs/create`. */
  path: string;
  /** Versions of the API that have it; default `["2.0"]`. */
  versions?: readonly ("2.0" | "3.0")[];
  /** operationId: unique, camelCase, `mlflow…`. */
  name: string;
  summary: string;
  request?: F;
  /** Every path it answers at, where it is not `/api/` and `/ajax-api/` with the version before the path. */
  mounts?: readonly string[];
  /** The fields are in the query and the body is left to `handle`, which takes it from the exchange. */
  rawBody?: boolean;
  /** Largest body in bytes. */
  bodyLimit?: number;
  /** Answers with an object (`undefined` is MLflow's `{}`) or a whole response. */
  handle: (input: Input<F>) => Promise<object | undefined>;
}

/** A row of the route table in MLflow's dialect, at `/api/…` and `/ajax-api/…` as its server has it. */
export function mlflowOperation<const F extends Fields>(specification: Specification<F>): Operation {
  const { method, path, name, summary, handle } = specification;
  const fields = specification.request ?? ({} as F);
  const body = message(fields).required();
  const versions = specification.versions ?? ["2.0"];
  const mounts =
    specification.mounts ??
    versions.flatMap((version) => [`/api/${version}${path}`, `/ajax-api/${version}${path}`]);
  const inQuery = method === "GET" || specification.rawBody === true;
  return {
    method,
    path: mounts[0] ?? path,
    mounts,
    name,
    summary,
    tag: "mlflow",
    dialect: "mlflow",
    query: null,
    body: null,
    upload: false,
    requestSchema: inQuery ? null : body.schema,
    responses: { 200: { description: "As MLflow's REST API describes it" } },
    async run(services, call) {
      const input = inQuery
        ? readQuery(fields, queryOf(call.request.url))
        : body.read(await readBody(call, specification.bodyLimit ?? jsonBodyLimit), "");
      const answer = await handle({ ...call, services, input });
      return answer instanceof Response ? answer : Response.json(answer ?? {});
    },
  };
}

function queryOf(url: string): URLSearchParams {
  const start = url.indexOf("?");
  return new URLSearchParams(start === -1 ? "" : url.slice(start));
}

/** No body at all is an empty message; a text that holds JSON is what MLflow's oldest clients send. */
async function readBody(call: Call, limit: number): Promise<unknown> {
  // Asking the request for its body would make a stream of it, which costs as much as all the rest.
  const { headers } = call.request;
  if ((headers.get("content-length") ?? "0") === "0" && !headers.has("transfer-encoding")) return {};
  try {
    const value = await readJson(call.request, limit, call.signal);
    return typeof value === "string" ? JSON.parse(value) : (value ?? {});
  } catch (error) {
    if (error instanceof HearthError && error.code !== "invalid_request") throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new HearthError("invalid_request", reason, {
      cause: error,
      details: { mlflow_code: "BAD_REQUEST" },
    });
  }
}
