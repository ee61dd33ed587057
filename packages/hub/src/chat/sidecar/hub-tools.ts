import { callToolResponse, type HubTool } from "@hearth/wire/chat/tools";
import { hubError } from "@hearth/wire/hub/common";
import type { ToolAccess } from "@hearth/wire/chat/turn";
import { jsonSchema, tool, type ToolApprovalStatus, type ToolSet } from "ai";
import { z } from "zod";
import type { SidecarSettings } from "./messages.ts";

/** Where a call comes from, for the audit. */
export interface CallOrigin {
  sessionId: string;
  messageId: string;
}

/** The hub's tools as the AI SDK has them: each is run by the hub, a changing one after a person said so. */
export function hubTools(
  { hubUrl, hubKey, tools }: SidecarSettings,
  access: ToolAccess,
  origin: CallOrigin,
): { tools: ToolSet; approval: Record<string, ToolApprovalStatus> } {
  const offered = tools.filter(({ changes }) => access === "all" || (access === "read" && !changes));
  const call = async (
    { name }: HubTool,
    input: unknown,
    callId: string,
    signal: AbortSignal | undefined,
  ): Promise<unknown> => {
    const response = await fetch(`${hubUrl}/api/chat/tools/${encodeURIComponent(name)}`, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        ...(hubKey === null ? {} : { authorization: `Bearer ${hubKey}` }),
      },
      body: JSON.stringify({
        input,
        origin: "chat",
        session_id: origin.sessionId,
        message_id: origin.messageId,
        call_id: callId,
      }),
      signal: signal ?? null,
    });
    const answer: unknown = await response.json();
    if (response.ok) return callToolResponse.parse(answer).output;
    const told = hubError.safeParse(answer);
    throw new Error(told.success ? told.data.error.message : `The hub answered ${response.status}.`);
  };
  return {
    tools: Object.fromEntries(
      offered.map((one) => [
        one.name,
        tool({
          title: one.title,
          description: one.description,
          inputSchema: jsonSchema(one.input_schema, one.changes ? { validate: checked(one) } : {}),
          execute: (input: unknown, { toolCallId, abortSignal }) => call(one, input, toolCallId, abortSignal),
        }),
      ]),
    ),
    approval: Object.fromEntries(
      offered.filter(({ changes }) => changes).map(({ name }) => [name, "user-approval" as const]),
    ),
  };
}

/**
 * Nobody is asked about a call that could not run: what does not fit goes back to the model at once. The input stays as
 * the model gave it, without defaults: it is what the person sees, and what was allowed.
 */
function checked({ name, input_schema }: HubTool) {
  const schema = z.fromJSONSchema(input_schema);
  return (value: unknown): { success: true; value: unknown } | { success: false; error: Error } => {
    const read = schema.safeParse(value);
    if (read.success) return { success: true, value };
    const words = z.prettifyError(read.error).replaceAll("\n", " ");
    return { success: false, error: new Error(`The input of ${name} does not fit: ${words}`) };
  };
}
