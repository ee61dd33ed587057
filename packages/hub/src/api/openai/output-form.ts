import type { ChatCompletionRequest } from "@hearth/wire/openai/chat-request";
import type { OutputForm } from "../../inference/engine.ts";

interface SchemaFields {
  name: string;
  description?: string | null | undefined;
  schema?: Record<string, unknown> | null | undefined;
}

/** What the answer's text must be. */
export function outputFormOf(format: ChatCompletionRequest["response_format"]): OutputForm {
  if (format?.type === "json_object") return { kind: "json_object" };
  return format?.type === "json_schema" ? schemaForm(format.json_schema) : { kind: "text" };
}

/** A description that stands beside a schema is the schema's own. */
export function schemaForm({ name, description, schema }: SchemaFields): OutputForm {
  const described = typeof description === "string" ? { description } : {};
  return { kind: "json_schema", name, schema: { ...described, ...(schema ?? { type: "object" }) } };
}
