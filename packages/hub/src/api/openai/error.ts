import type { OpenAIError } from "@hearth/wire/openai/error";
import { serialiseError, type SerialisedError } from "../../errors.ts";
import { errorHeaders, errorStatus } from "../error-status.ts";
import { internalMessage } from "../hub/error.ts";

/** An error as OpenAI's clients read it: `{error: {message, type, param, code}}`. */
export function openaiErrorBody(error: unknown, requestId: string): OpenAIError {
  const serialised = serialiseError(error);
  const { code, details } = serialised;
  const message = code === "internal" ? internalMessage(requestId) : serialised.message;
  return {
    error: {
      message,
      type: errorType(errorStatus(code)),
      param: param(details),
      code: openaiCode(serialised),
    },
  };
}

export function openaiErrorResponse(error: unknown, requestId: string): Response {
  const { code, details } = serialiseError(error);
  return Response.json(openaiErrorBody(error, requestId), {
    status: errorStatus(code),
    headers: errorHeaders(code, details),
  });
}

function errorType(status: number): string {
  if (status === 401) return "authentication_error";
  if (status === 403) return "permission_error";
  if (status === 429) return "rate_limit_error";
  return status < 500 ? "invalid_request_error" : "server_error";
}

function param(details: Readonly<Record<string, unknown>>): string | null {
  if (typeof details["field"] === "string") return details["field"];
  if (details["model"] !== undefined) return "model";
  return isContextOverflow(details) ? "messages" : null;
}

function openaiCode({ code, details }: SerialisedError): string {
  if (code === "not_found" && details["model"] !== undefined) return "model_not_found";
  if (code === "invalid_request" && isContextOverflow(details)) return "context_length_exceeded";
  return code;
}

function isContextOverflow(details: Readonly<Record<string, unknown>>): boolean {
  return details["prompt_tokens"] !== undefined && details["context_size"] !== undefined;
}
