import type { IncomingMessage, ServerResponse } from "node:http";
import { HearthError } from "../errors.ts";
import { dialectOf, errorResponseIn } from "./dialects.ts";

/** A whole request has to arrive in this time. */
export const arrivalMs = 300_000;

/** Files of any size, which take the time they need: who receives one ends it when nothing more comes. */
const files = /^\/(ajax-)?api\/2\.0\/mlflow-artifacts\/artifacts\//;

/**
 * Answers 408 to a request whose body is not here in time, and ends its connection. Node's own limit is one for all
 * requests.
 */
export function limitArrival(
  request: IncomingMessage,
  response: ServerResponse,
  milliseconds = arrivalMs,
): void {
  const { method, url = "" } = request;
  if (method === "GET" || method === "HEAD" || (method === "PUT" && files.test(url))) return;
  const timer = setTimeout(() => {
    if (!request.complete) void endLate(request, response, milliseconds);
  }, milliseconds);
  timer.unref();
  request.once("close", () => clearTimeout(timer));
  request.once("end", () => clearTimeout(timer));
}

async function endLate(
  request: IncomingMessage,
  response: ServerResponse,
  milliseconds: number,
): Promise<void> {
  const error = new HearthError(
    "request_timeout",
    `The request's body did not arrive within ${milliseconds / 1000} s. Send it again.`,
  );
  const { socket, url = "" } = request;
  // Straight to the connection: whoever reads the body may still wait for it, and answers into nothing afterwards.
  if (!response.headersSent && socket.writable) {
    const refusal = errorResponseIn(dialectOf(url), error, "");
    const body = Buffer.from(await refusal.arrayBuffer());
    const head = `HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n`;
    await new Promise<void>((resolve) => {
      socket.once("close", resolve);
      socket.end(Buffer.concat([Buffer.from(head), body]), resolve);
    });
  }
  request.destroy(error);
}
