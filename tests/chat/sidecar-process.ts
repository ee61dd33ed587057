import { once } from "node:events";
import { request, type ClientRequest, type IncomingMessage } from "node:http";
import { join } from "node:path";
import type { SidecarTurn } from "@hearth/wire/chat/turn";
import {
  fromSidecar,
  type ListenOptions,
  type SidecarAddress,
  type SidecarProvider,
  type SidecarSettings,
} from "../../packages/hub/src/chat/sidecar/messages.ts";
import type { ChildExit } from "../../packages/hub/src/process/exit.ts";
import { superviseChild, type SupervisedChild } from "../../packages/hub/src/process/supervisor.ts";

const module = new URL("../../packages/hub/src/chat/sidecar/main.ts", import.meta.url);

/** Settings with one provider, `scripted`, that has the models `one` and `two`. */
export function settingsWith(
  baseURL: string,
  others: readonly Partial<SidecarProvider>[] = [],
  limits: SidecarSettings["limits"] = { firstChunkMs: 60_000, stalledMs: 60_000 },
): SidecarSettings {
  const scripted: SidecarProvider = {
    id: "scripted",
    name: "Scripted",
    type: "openai-compatible",
    baseURL,
    apiKey: null,
    missingKey: null,
    models: [{ id: "one", default: true }, { id: "two" }],
  };
  return {
    hubUrl: "http://127.0.0.1:1",
    hubKey: null,
    providers: [scripted, ...others.map((other) => ({ ...scripted, ...other }))],
    settings: { maxSteps: 10, defaultProviderId: "scripted" },
    limits,
    tools: [],
  };
}

/** A sidecar in a process of its own, started as the hub starts it. */
export class SidecarProcess implements AsyncDisposable {
  readonly child: SupervisedChild;
  address: SidecarAddress | null = null;

  /** Does not wait until it listens: `child.ready` tells, or why it does not. */
  constructor(folder: string, listen: ListenOptions, settings: SidecarSettings) {
    this.child = superviseChild({
      name: "chat",
      module,
      args: [JSON.stringify(listen)],
      logFile: join(folder, "chat.log"),
      readyTimeoutMs: 60_000,
      onMessage: (message) => {
        ({ address: this.address } = fromSidecar.parse(message));
      },
    });
    // Whoever waits for `ready` hears of it.
    this.child.send({ type: "configure", settings }).catch(() => undefined);
  }

  static async start(
    folder: string,
    listen: ListenOptions,
    settings: SidecarSettings,
  ): Promise<SidecarProcess> {
    const sidecar = new SidecarProcess(folder, listen, settings);
    await sidecar.child.ready;
    return sidecar;
  }

  get place(): { socketPath: string } | { host: string; port: string } {
    if (this.address === null) throw new Error("it does not listen");
    if (this.address.kind !== "http") return { socketPath: this.address.path };
    const { hostname, port } = new URL(this.address.url);
    return { host: hostname, port };
  }

  /** Sends a request; the answer is its head, and its body as it comes. */
  async send(
    method: string,
    path: string,
    body?: unknown,
    sent: (request: ClientRequest) => void = () => {},
  ): Promise<IncomingMessage> {
    const text = body === undefined ? undefined : typeof body === "string" ? body : JSON.stringify(body);
    const outgoing = request({
      ...this.place,
      agent: false,
      method,
      path,
      headers:
        text === undefined
          ? {}
          : { "content-type": "application/json", "content-length": Buffer.byteLength(text) },
    });
    outgoing.end(text);
    sent(outgoing);
    const [answer] = (await once(outgoing, "response")) as [IncomingMessage];
    return answer;
  }

  /** A turn with one prompt. */
  turn(
    prompt: string,
    more: Partial<SidecarTurn> = {},
    sent?: (request: ClientRequest) => void,
  ): Promise<IncomingMessage> {
    const turn: SidecarTurn = {
      sessionId: "s",
      answerId: "a",
      messages: [{ id: "u", role: "user", parts: [{ type: "text", text: prompt }] }],
      ...more,
    };
    return this.send("POST", "/api/chat", turn, sent);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.child.stop();
  }
}

/** How a sidecar that cannot listen ended. */
export async function refusedStart(
  folder: string,
  listen: ListenOptions,
  settings: SidecarSettings,
): Promise<ChildExit> {
  await using sidecar = new SidecarProcess(folder, listen, settings);
  return await sidecar.child.exited;
}

/** Text of an answer to its end. */
export async function textOf(answer: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of answer) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}

/** Reads a streamed answer until it has said something. */
export async function readUntil(answer: IncomingMessage, text: string): Promise<string> {
  let read = "";
  // Reading on afterwards must be possible.
  for (;;) {
    const chunk: unknown = answer.read();
    if (Buffer.isBuffer(chunk)) {
      read += chunk.toString("utf8");
      if (read.includes(text)) return read;
    } else if (answer.readableEnded || answer.destroyed)
      throw new Error(`it ended before "${text}": ${read}`);
    else await Promise.race([once(answer, "readable"), once(answer, "end"), once(answer, "close")]);
  }
}

/** The parts of a UI message stream. */
export function partsOf(stream: string): Record<string, unknown>[] {
  return stream
    .split("\n\n")
    .filter((event) => event.startsWith("data: {"))
    .map((event) => JSON.parse(event.slice("data: ".length)) as Record<string, unknown>);
}

/** What a stream's text parts say together. */
export function saidIn(stream: string): string {
  return partsOf(stream)
    .map(({ type, delta }) => (type === "text-delta" ? String(delta) : ""))
    .join("");
}
