import { z } from "zod";
import { page } from "../hub/common.ts";

/** Who calls a tool: the chat's model, or another agent through `hearth mcp`. */
export const toolOrigin = z.enum(["chat", "mcp"]);
export type ToolOrigin = z.infer<typeof toolOrigin>;

/** A tool into the hub, as models are told of it. */
export const hubTool = z.object({
  name: z.string(),
  title: z.string(),
  description: z.string(),
  /** JSON schema of what it is called with. */
  input_schema: z.record(z.string(), z.unknown()),
  /** Whether it changes anything: then a person is asked first. */
  changes: z.boolean(),
});
export type HubTool = z.infer<typeof hubTool>;
export const hubToolList = z.object({ items: z.array(hubTool) });

/**
 * `POST /chat/tools/{name}`. Of the chat, a changing tool runs once, and only with the very input that a person
 * approved for this call; without that the answer is 403.
 */
export const callToolRequest = z.object({
  input: z.unknown(),
  origin: toolOrigin,
  session_id: z.string().optional(),
  message_id: z.string().optional(),
  call_id: z.string().max(200).optional(),
});
export type CallToolRequest = z.infer<typeof callToolRequest>;
export const callToolResponse = z.object({ output: z.unknown() });

export const toolCallStatus = z.enum([
  "requested",
  "approved",
  "denied",
  "running",
  "done",
  "failed",
  "refused",
]);

/** One line of the audit: who called what with what, who allowed it, what came of it. */
export const auditedCall = z.object({
  id: z.string(),
  tool: z.string(),
  changes: z.boolean(),
  origin: toolOrigin,
  session_id: z.string().nullable(),
  message_id: z.string().nullable(),
  call_id: z.string().nullable(),
  input: z.unknown(),
  status: toolCallStatus,
  output: z.unknown(),
  error: z.string().nullable(),
  requested_at: z.string(),
  decided_at: z.string().nullable(),
  ended_at: z.string().nullable(),
});
export type AuditedCall = z.infer<typeof auditedCall>;
export const auditedCallPage = page(auditedCall);
export const auditQuery = z.object({
  page: z.coerce.number().int().min(1).default(1),
  page_size: z.coerce.number().int().min(1).max(200).default(50),
  session_id: z.string().optional(),
});
