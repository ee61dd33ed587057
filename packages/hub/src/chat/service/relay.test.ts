import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { Turn, TurnOutcome } from "../turns.ts";
import { SidecarConnections } from "./address.ts";
import { relayTurn } from "./relay.ts";

/** A sidecar whose bytes a test writes, on a real connection. */
let answers: PromiseWithResolvers<ServerResponse>;
const server = createServer((_request, response) => answers.resolve(response));
let connections: SidecarConnections;
let released: number;

beforeEach(async () => {
  answers = Promise.withResolvers();
  released = 0;
  await once(server.listen(0, "127.0.0.1"), "listening");
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  connections = new SidecarConnections({ kind: "http", url: `http://127.0.0.1:${port}` });
});
afterEach(async () => {
  connections[Symbol.dispose]();
  server.closeAllConnections();
  server.close();
  await once(server, "close");
});

const sidecars = {
  lease: () => Promise.resolve({ connections, [Symbol.dispose]: () => void (released += 1) }),
};

class KeptTurn implements Turn {
  readonly sessionId = "s";
  readonly answerId = "a";
  readonly messages = [];
  readonly providerId = null;
  readonly modelId = null;
  readonly settings = {};
  readonly stop = new AbortController();
  readonly stopped = this.stop.signal;
  stored: Promise<void> = Promise.resolve();
  kept = "";
  outcome: TurnOutcome | null = null;
  /** Bytes for which there is room. */
  room = Number.POSITIVE_INFINITY;

  keep(bytes: Uint8Array): void {
    if (this.kept.length + bytes.length > this.room)
      throw new Error("ENOSPC: no space left on device, write");
    this.kept += Buffer.from(bytes).toString("latin1");
  }

  end(outcome: TurnOutcome): Promise<void> {
    this.outcome ??= outcome;
    return Promise.resolve();
  }
}

const begin = (response: ServerResponse): void => {
  response.writeHead(200, { "content-type": "text/event-stream" });
  response.flushHeaders();
};
const latin1 = async (answer: Response): Promise<string> =>
  Buffer.from(await answer.arrayBuffer()).toString("latin1");

it("passes every byte on as it is, however it was cut", async () => {
  const turn = new KeptTurn();
  const answering = relayTurn(turn, {}, sidecars, new AbortController().signal);
  const response = await answers.promise;
  begin(response);
  const text = `data: {"type":"text-delta","id":"0","delta":"é 漢字 🙂 \\n\\n"}\n\n: a comment\n\ndata: [DONE]\n\n`;
  const bytes = Buffer.from(text.repeat(50));
  for (let at = 0; at < bytes.length; at += 7) {
    response.write(bytes.subarray(at, at + 7));
    // Each in a packet of its own, now and then.
    if (at % 5 === 0) await new Promise(setImmediate);
  }
  response.end();
  const seen = await latin1(await answering);
  expect(seen).toBe(bytes.toString("latin1"));
  expect(turn.kept).toBe(seen);
  expect(turn.outcome).toEqual({ status: "complete", error: null });
  expect(released).toBe(1);
});

it("leaves no half event before its own last words when the sidecar breaks off", async () => {
  const turn = new KeptTurn();
  const answering = relayTurn(turn, {}, sidecars, new AbortController().signal);
  const response = await answers.promise;
  begin(response);
  response.write('data: {"type":"start"}\n\ndata: {"type":"text-del', () => response.socket?.destroy());
  const words = "The AI service ended in the middle of this answer. What has come is kept; try again.";
  const seen = await latin1(await answering);
  expect(seen).toBe(
    `data: {"type":"start"}\n\ndata: {"type":"error","errorText":"${words}"}\n\ndata: [DONE]\n\n`,
  );
  expect(turn.kept).toBe(seen);
  expect(turn.outcome).toEqual({ status: "failed", error: words });
  expect(released).toBe(1);
});

it("ends the turn where it cannot be kept any more, and shows nothing that is not kept", async () => {
  const turn = new KeptTurn();
  turn.room = 60;
  const answering = relayTurn(turn, {}, sidecars, new AbortController().signal);
  const response = await answers.promise;
  begin(response);
  const left = once(response, "close");
  for (let piece = 0; piece < 5; piece++) {
    response.write(`data: {"type":"x","piece":${piece}}\n\n`);
    await new Promise(setImmediate);
  }
  const seen = await latin1(await answering);
  expect(seen).toContain("The conversation cannot be kept any more: Error: ENOSPC");
  expect(seen.slice(0, turn.kept.length)).toBe(turn.kept);
  expect(seen.slice(turn.kept.length)).toMatch(/^data: \{"type":"error".*\n\ndata: \[DONE\]\n\n$/);
  expect(turn.outcome).toMatchObject({ status: "failed", error: expect.stringContaining("ENOSPC") });
  // The work behind it is given up.
  await left;
});

it("gives up the sidecar's work, and passes nothing on, where the prompt cannot be kept", async () => {
  const turn = new KeptTurn();
  const stored = Promise.withResolvers<void>();
  turn.stored = stored.promise;
  const answering = relayTurn(turn, {}, sidecars, new AbortController().signal);
  const response = await answers.promise;
  const left = once(response, "close");
  stored.reject(new Error("disk I/O error"));
  await expect(answering).rejects.toThrow("disk I/O error");
  await left;
  expect(turn.outcome).toEqual({ status: "failed", error: "disk I/O error" });
  expect(released).toBe(1);
});

it("passes nothing on before the prompt is kept", async () => {
  const turn = new KeptTurn();
  const stored = Promise.withResolvers<void>();
  turn.stored = stored.promise;
  const passedOn = vi.fn<(answer: Response) => Response>((answer) => answer);
  const answering = relayTurn(turn, {}, sidecars, new AbortController().signal).then(passedOn);
  const response = await answers.promise;
  begin(response);
  response.end("data: [DONE]\n\n");
  await once(response, "close").catch(() => undefined);
  expect(passedOn).not.toHaveBeenCalled();
  stored.resolve();
  expect(await latin1(await answering)).toBe("data: [DONE]\n\n");
});

it("tells of a stop from elsewhere, and closes the connection to the sidecar", async () => {
  const turn = new KeptTurn();
  const answering = relayTurn(turn, {}, sidecars, new AbortController().signal);
  const response = await answers.promise;
  begin(response);
  const left = once(response, "close");
  response.write('data: {"type":"start"}\n\ndata: {"ty');
  const answer = await answering;
  turn.stop.abort();
  expect(await latin1(answer)).toMatch(/data: \{"type":"abort","reason":"stopped"\}\n\ndata: \[DONE\]\n\n$/);
  await left;
  expect(turn.outcome).toEqual({ status: "stopped", error: null });
});

it("ends the turn when its stream is not read any more, whatever else comes of the caller", async () => {
  const turn = new KeptTurn();
  const answering = relayTurn(turn, {}, sidecars, new AbortController().signal);
  const response = await answers.promise;
  begin(response);
  const left = once(response, "close");
  response.write('data: {"type":"start"}\n\n');
  const reader = (await answering).body?.getReader();
  await reader?.read();
  await reader?.cancel();
  await left;
  expect(turn.kept).toBe('data: {"type":"start"}\n\n');
  expect(turn.outcome).toEqual({ status: "stopped", error: null });
  expect(released).toBe(1);
});

it("ends the turn as stopped when its client goes away before it has begun", async () => {
  const turn = new KeptTurn();
  const caller = new AbortController();
  const answering = relayTurn(turn, {}, sidecars, caller.signal);
  const response = await answers.promise;
  const left = once(response, "close");
  caller.abort();
  await expect(answering).rejects.toThrow();
  await left;
  expect(turn.outcome).toEqual({ status: "stopped", error: null });
  expect(released).toBe(1);
});
