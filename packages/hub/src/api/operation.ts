import type { IncomingMessage, ServerResponse } from "node:http";
import { z } from "zod";
import { HearthError } from "../errors.ts";
import { parseInput } from "./parse-input.ts";
import { jsonBodyLimit, readJson } from "./read-body.ts";
import type { Services } from "./services.ts";
import { receiveUpload, uploadLimit, type UploadedForm } from "./upload.ts";

const uploadFiles = 8;

export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

/** Which error body a client of this operation expects. */
export type Dialect = "hub" | "openai" | "mlflow";

/** The connection's own streams, for bodies of any size: `request` and a `Response` would copy every byte. */
export interface Exchange {
  incoming: IncomingMessage;
  outgoing: ServerResponse;
}

/** One request on its way to its operation. */
export interface Call {
  request: Request;
  /** Null where there is no connection, as in a test that calls the application itself. */
  exchange: Exchange | null;
  /** Decoded path parameters by name. */
  params: Readonly<Record<string, string>>;
  requestId: string;
  /** `performance.now()` when the request's header had arrived. */
  receivedAt: number;
  /** Is the other end this machine? */
  local: boolean;
  /** Aborts when the client goes away, or when the hub stops and has waited long enough. */
  signal: AbortSignal;
  /** Aborts when the hub begins to stop: what only listens ends here. */
  draining: AbortSignal;
}

export interface Input<Query, Body> extends Call {
  query: Query;
  body: Body;
  services: Services;
}

export interface ResponseDescription {
  description: string;
  /** JSON unless `contentType` says otherwise. */
  schema?: z.ZodType;
  contentType?: string;
}

/** One row of the route table: what is mounted, parsed, documented. */
export interface Operation {
  readonly method: Method;
  /** OpenAPI form: `/models/{id}`; a last `{name...}` takes the rest with its slashes. */
  readonly path: string;
  /** Every path it answers at, where the dialect does not say that by itself. */
  readonly mounts?: readonly string[];
  /** JSON schema of the body, where no zod schema is behind it. */
  readonly requestSchema?: Readonly<Record<string, unknown>> | null;
  readonly name: string;
  readonly summary: string;
  readonly tag: string;
  readonly dialect: Dialect;
  readonly query: z.ZodObject | null;
  readonly body: z.ZodType | null;
  readonly upload: boolean;
  readonly responses: Readonly<Record<number, ResponseDescription>>;
  run(services: Services, call: Call): Promise<Response>;
}

interface Specification<Query extends z.ZodObject, Body extends z.ZodType> {
  method: Method;
  path: string;
  /** operationId: unique, camelCase. */
  name: string;
  summary: string;
  tag: string;
  dialect?: Dialect;
  query?: Query;
  body?: Body;
  /** Bytes of a JSON body; default 10 MiB. */
  bodyLimit?: number;
  /** Answers by status; the first is what `handle` answers with when it returns a plain value. */
  responses: Record<number, ResponseDescription>;
  handle: (input: Input<z.infer<Query>, z.infer<Body>>) => Promise<unknown>;
  /** Handles `multipart/form-data` instead of JSON. */
  upload?: (input: Call & { services: Services; form: UploadedForm }) => Promise<unknown>;
}

/** Makes a table row from its parts; parsing happens here once, handlers get typed input. */
export function operation<Query extends z.ZodObject = z.ZodObject, Body extends z.ZodType = z.ZodUndefined>(
  specification: Specification<Query, Body>,
): Operation {
  const { method, path, name, summary, tag, responses, handle, upload } = specification;
  const query = specification.query ?? null;
  const strictQuery = (query ?? z.object({})).strict();
  const body = specification.body ?? null;
  const bodyLimit = specification.bodyLimit ?? jsonBodyLimit;
  const status = Number(Object.keys(responses)[0] ?? 200);
  const answer = (value: unknown): Response => {
    if (value instanceof Response) return value;
    return value === undefined ? new Response(null, { status: 204 }) : Response.json(value, { status });
  };
  return {
    method,
    path,
    name,
    summary,
    tag,
    dialect: specification.dialect ?? "hub",
    query,
    body,
    upload: upload !== undefined,
    responses,
    async run(services, call) {
      const contentType = call.request.headers.get("content-type") ?? "";
      if (upload !== undefined && contentType.startsWith("multipart/form-data")) {
        const folder = await services.uploads.folder();
        const limits = { bytes: uploadLimit, files: uploadFiles };
        await using form = await receiveUpload(call.request, folder, limits, call.signal);
        return answer(await upload({ ...call, services, form }));
      }
      const parsedQuery = parseQuery(strictQuery, call.request.url) as z.infer<Query>;
      const json = body === null ? undefined : await readJson(call.request, bodyLimit, call.signal);
      const parsedBody = (body === null ? undefined : parseInput(body, json, "body")) as z.infer<Body>;
      return answer(await handle({ ...call, services, query: parsedQuery, body: parsedBody }));
    },
  };
}

/** Query strings are as strict as bodies: an unknown name is refused, a repeated one too. */
function parseQuery(schema: z.ZodObject, url: string): unknown {
  const given: Record<string, string> = {};
  const start = url.indexOf("?");
  if (start !== -1) {
    for (const [key, value] of new URLSearchParams(url.slice(start))) {
      if (Object.hasOwn(given, key)) {
        throw new HearthError("invalid_request", `The query field "${key}" is given twice; give it once.`, {
          details: { field: key },
        });
      }
      given[key] = value;
    }
  }
  return parseInput(schema, given, "query");
}
