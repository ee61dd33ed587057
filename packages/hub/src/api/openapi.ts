import { hubError } from "@hearth/wire/hub/common";
import { mlflowError } from "@hearth/wire/mlflow/error";
import { openaiError } from "@hearth/wire/openai/error";
import { z } from "zod";
import { version } from "../version.ts";
import type { Dialect, Operation, ResponseDescription } from "./operation.ts";

type Json = Record<string, unknown>;

/** The OpenAPI 3.1 description of a route table; its schemas come from the zod schemas that parse. */
export function openapiDocument(operations: readonly Operation[]): Json {
  const paths: Record<string, Json> = {};
  for (const operation of operations) {
    const path = (paths[operation.path] ??= {});
    path[operation.method.toLowerCase()] = describe(operation);
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "Hearth",
      version,
      description: "A model hub on your own machine. The hub's own paths answer under /api as well.",
      license: { name: "Apache-2.0", identifier: "Apache-2.0" },
    },
    servers: [{ url: "/" }],
    security: [{}, { key: [] }],
    paths,
    components: { securitySchemes: { key: { type: "http", scheme: "bearer" } } },
  };
}

const errorBodies: Readonly<Record<Dialect, z.ZodType>> = {
  hub: hubError,
  openai: openaiError,
  mlflow: mlflowError,
};

function describe(operation: Operation): Json {
  const errors = errorBodies[operation.dialect];
  const responses: Json = {};
  for (const [status, response] of Object.entries(operation.responses)) {
    responses[status] = describeResponse(response, Number(status) >= 400 ? errors : undefined);
  }
  responses["default"] = describeResponse({ description: "An error" }, errors);
  return {
    operationId: operation.name,
    summary: operation.summary,
    tags: [operation.tag],
    parameters: [...pathParameters(operation.path), ...queryParameters(operation)],
    ...requestBody(operation),
    responses,
  };
}

function requestBody(operation: Operation): Json {
  if (operation.body !== null)
    return { requestBody: { required: true, content: requestContent(operation, operation.body) } };
  const schema = operation.requestSchema ?? null;
  return schema === null ? {} : { requestBody: { content: { "application/json": { schema } } } };
}

function requestContent(operation: Operation, body: z.ZodType): Json {
  const json = { "application/json": { schema: jsonSchema(body, "input") } };
  if (!operation.upload) return json;
  const upload = {
    type: "object",
    required: ["name", "files"],
    properties: {
      name: { type: "string" },
      files: { type: "array", items: { type: "string", contentMediaType: "application/octet-stream" } },
    },
  };
  return { ...json, "multipart/form-data": { schema: upload } };
}

function describeResponse(response: ResponseDescription, otherwise?: z.ZodType): Json {
  const schema = response.schema ?? otherwise;
  if (schema === undefined) return { description: response.description };
  return {
    description: response.description,
    content: { [response.contentType ?? "application/json"]: { schema: jsonSchema(schema, "output") } },
  };
}

function pathParameters(path: string): Json[] {
  return [...path.matchAll(/\{(\w+)(?:\.{3})?\}/g)].map((match) => ({
    name: match[1],
    in: "path",
    required: true,
    schema: { type: "string" },
  }));
}

function queryParameters(operation: Operation): Json[] {
  if (operation.query === null) return [];
  return Object.entries(operation.query.shape).map(([name, schema]) => ({
    name,
    in: "query",
    required: false,
    schema: jsonSchema(schema, "output"),
  }));
}

function jsonSchema(schema: z.core.$ZodType, io: "input" | "output"): Json {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, {
    io,
    target: "draft-2020-12",
    unrepresentable: "any",
  });
  return rest;
}
