import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { sidecarTurn, streamHeader, turnBodyLimit } from "@hearth/wire/chat/turn";
import { pipeUIMessageStreamToResponse } from "ai";
import { z } from "zod";
import { version } from "../../version.ts";
import type { SidecarSettings } from "./messages.ts";
import { BodyRefused, readJsonBody } from "./read-body.ts";
import { secretsOf } from "./secrets.ts";
import { makeTitle } from "./title.ts";
import { runTurn } from "./turn.ts";
import { TurnRefused } from "./turn-refused.ts";
import { wordsOf } from "./words-of.ts";

/** The hub adds earlier messages to what a client may send. */
const bodyLimit = 64 * turnBodyLimit;

const codes: Readonly<Record<number, string>> = {
  400: "invalid_request",
  404: "not_found",
  413: "too_large",
  503: "unavailable",
};

const titleRequest = z.object({
  text: z.string().min(1),
  providerId: z.string().optional(),
  modelId: z.string().optional(),
});

export interface SidecarServer {
  server: Server;
  /** Takes nothing new from now on, and resolves when nothing is being answered any more. */
  drain(): Promise<void>;
}

/** The sidecar's HTTP interface; `settings` gives what is in force when a turn begins. */
export function createSidecarServer(settings: () => SidecarSettings): SidecarServer {
  const idle = Promise.withResolvers<void>();
  let active = 0;
  let draining = false;
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const gone = new AbortController();
    response.once("close", () => gone.abort(new DOMException("the client went away", "AbortError")));
    const route = `${request.method} ${request.url?.split("?", 1)[0]}`;
    switch (route) {
      case "GET /health":
        return sendJson(response, 200, { status: "ok", version });
      case "POST /api/chat": {
        const turn = sidecarTurn.parse(await readJsonBody(request, bodyLimit));
        const { stream, headers } = await runTurn(turn, settings(), gone.signal);
        return pipeUIMessageStreamToResponse({
          response,
          stream,
          headers: { ...headers, [streamHeader[0]]: streamHeader[1] },
        });
      }
      case "POST /api/chat/generate-title": {
        const asked = titleRequest.parse(await readJsonBody(request, bodyLimit));
        return sendJson(response, 200, { title: await makeTitle(asked, settings(), gone.signal) });
      }
      default:
        return sendError(response, 404, `There is no ${route} here.`);
    }
  };
  const server = createServer({ noDelay: true, keepAliveTimeout: 65_000 }, (request, response) => {
    active += 1;
    response.once("close", () => {
      active -= 1;
      if (!draining) return;
      server.closeIdleConnections();
      if (active === 0) idle.resolve();
    });
    if (draining) {
      // A connection that was kept open brought it.
      response.setHeader("connection", "close");
      sendError(response, 503, "This sidecar takes no new turn: it ends with its last one.");
      return;
    }
    handle(request, response).catch((error: unknown) => fail(response, error, secretsOf(settings())));
  });
  return {
    server,
    drain() {
      draining = true;
      server.close();
      server.closeIdleConnections();
      if (active === 0) idle.resolve();
      return idle.promise;
    },
  };
}

function fail(response: ServerResponse, error: unknown, secrets: readonly string[]): void {
  if (response.headersSent || response.destroyed) {
    // A stream that broke off cannot say so in any other way.
    response.destroy();
    return;
  }
  if (error instanceof TurnRefused) sendError(response, 400, error.message);
  else if (error instanceof BodyRefused) sendError(response, error.status, error.message);
  else if (error instanceof z.ZodError) sendError(response, 400, issueWords(error));
  else sendError(response, 502, wordsOf(error, secrets));
}

/** `messages must be an array`, or where and what: `messages.0.role: …`. */
function issueWords(error: z.ZodError): string {
  const [issue] = error.issues;
  if (issue === undefined) return error.message;
  const at = issue.path.map(String).join(".");
  return issue.message.startsWith(at) ? issue.message : `${at}: ${issue.message}`;
}

function sendJson(response: ServerResponse, status: number, value: unknown): void {
  const body = JSON.stringify(value);
  response.writeHead(status, {
    "content-type": "application/json",
    "content-length": Buffer.byteLength(body),
  });
  response.end(body);
}

function sendError(response: ServerResponse, status: number, message: string): void {
  sendJson(response, status, {
    error: { code: codes[status] ?? "failed", message, details: {} },
  });
}
