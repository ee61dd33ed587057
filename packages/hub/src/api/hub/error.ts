import { serialiseError } from "../../errors.ts";
import { errorHeaders, errorStatus } from "../error-status.ts";

/** The hub's own error body: `{error: {code, message, details}}`. Messages of unexpected errors stay in the log. */
export function hubErrorResponse(error: unknown, requestId: string): Response {
  const { code, message, details } = serialiseError(error);
  const shown = code === "internal" ? internalMessage(requestId) : message;
  const body = {
    error: { code, message: shown, details: code === "internal" ? { request_id: requestId } : details },
  };
  return Response.json(body, { status: errorStatus(code), headers: errorHeaders(code, details) });
}

export function internalMessage(requestId: string): string {
  return `Something went wrong inside the hub; the log has the details under request ${requestId}.`;
}
