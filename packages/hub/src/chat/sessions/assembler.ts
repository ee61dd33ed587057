import { z } from "zod";

/** A part of a message while it is written; what it must have is checked when the message is asked for. */
type Part = Record<string, unknown> & { type: string };

const chunkSchema = z.looseObject({ type: z.string() });
type Chunk = z.infer<typeof chunkSchema>;

/** Where an answer stands when its stream has ended, or broken off. */
export interface Assembled {
  parts: Part[];
  metadata: Record<string, unknown> | null;
  /** Whether the stream said itself that it is through. */
  finished: boolean;
  /** The answer was cut short by whoever asked. */
  aborted: boolean;
  error: string | null;
}

/**
 * Makes a message of the bytes of a UI message stream (AI SDK 7), as the AI SDK's own reader does, but in time that
 * grows with the bytes only. What it does not know is left out; nothing that comes throws.
 *
 * Source: `processUIMessageStream` of the package `ai`, which the tests hold it to.
 */
export class AnswerAssembler {
  readonly #decoder = new TextDecoder();
  readonly #open = new Map<string, Part>();
  #parts: Part[];
  #metadata: Record<string, unknown> | null;
  #rest = "";
  #finished = false;
  #aborted = false;
  #error: string | null = null;

  /** An answer that is gone on with begins with what it has. */
  constructor(before: { parts: readonly Part[]; metadata?: unknown } = { parts: [] }) {
    this.#parts = before.parts.map((part) => ({ ...part }));
    this.#metadata = isObject(before.metadata) ? { ...before.metadata } : null;
  }

  /** Takes the next bytes, however they were cut. True when a step of a tool is among them. */
  push(bytes: Uint8Array): boolean {
    this.#rest += this.#decoder.decode(bytes, { stream: true });
    let weighty = false;
    for (;;) {
      const end = this.#rest.indexOf("\n\n");
      if (end === -1) return weighty;
      const event = this.#rest.slice(0, end);
      this.#rest = this.#rest.slice(end + 2);
      const chunk = readEvent(event);
      if (chunk === null) continue;
      this.#read(chunk);
      weighty ||= chunk.type.startsWith("tool-") && chunk.type !== "tool-input-delta";
    }
  }

  get assembled(): Assembled {
    return {
      parts: this.#parts,
      metadata: this.#metadata,
      finished: this.#finished,
      aborted: this.#aborted,
      error: this.#error,
    };
  }

  #read(chunk: Chunk): void {
    const id = textOf(chunk["id"]);
    switch (chunk.type) {
      case "start":
      case "message-metadata":
        return this.#describe(chunk["messageMetadata"]);
      case "finish":
        this.#finished = true;
        return this.#describe(chunk["messageMetadata"]);
      case "abort":
        this.#aborted = true;
        return;
      case "error":
        this.#error = textOf(chunk["errorText"]) || "unknown error";
        return;
      case "start-step":
        this.#parts.push({ type: "step-start" });
        return;
      case "reset-step":
        this.#parts.length -= this.#step().length;
        this.#open.clear();
        return;
      case "text-start":
        return this.#begin(`text ${id}`, { type: "text", text: "", ...about(chunk), state: "streaming" });
      case "reasoning-start":
        return this.#begin(`reasoning ${id}`, {
          type: "reasoning",
          id,
          text: "",
          ...about(chunk),
          state: "streaming",
        });
      case "text-delta":
        return this.#extend(`text ${id}`, chunk);
      case "reasoning-delta":
        return this.#extend(`reasoning ${id}`, chunk);
      case "text-end":
        return this.#close(`text ${id}`, chunk);
      case "reasoning-end":
        return this.#close(`reasoning ${id}`, chunk);
      case "file":
      case "reasoning-file":
      case "source-url":
      case "source-document":
      case "custom":
        this.#parts.push(chunk);
        return;
      default:
        if (chunk.type.startsWith("tool-")) this.#readTool(chunk);
    }
  }

  #readTool(chunk: Chunk): void {
    if (chunk.type === "tool-approval-response") {
      const part = this.#parts.find((one) => approvalOf(one)?.["id"] === chunk["approvalId"]);
      if (part === undefined) return;
      part["state"] = "approval-responded";
      part["approval"] = { ...approvalOf(part), ...picked(chunk, "approved", "reason") };
      return;
    }
    const callId = textOf(chunk["toolCallId"]);
    const part = this.#call(callId);
    switch (chunk.type) {
      case "tool-input-start":
        return this.#update(chunk, part, { state: "input-streaming", rawInput: undefined });
      case "tool-input-delta":
        if (part !== undefined)
          part["rawInput"] = `${textOf(part["rawInput"])}${textOf(chunk["inputTextDelta"])}`;
        return;
      case "tool-input-available":
        return this.#update(chunk, part, {
          state: "input-available",
          input: chunk["input"],
          rawInput: undefined,
        });
      case "tool-input-error":
        return this.#update(chunk, part, {
          state: "output-error",
          input: chunk["input"],
          errorText: chunk["errorText"],
          rawInput: undefined,
        });
      case "tool-approval-request":
        if (part === undefined) return;
        part["state"] = "approval-requested";
        part["approval"] = {
          id: chunk["approvalId"],
          ...picked(chunk, "inputSchemaInput", "isAutomatic", "signature"),
          ...(chunk["approvalDescriptor"] === undefined ? {} : { descriptor: chunk["approvalDescriptor"] }),
          ...(chunk["reason"] === undefined ? {} : { requestReason: chunk["reason"] }),
        };
        return;
      case "tool-output-denied":
        if (part !== undefined) part["state"] = "output-denied";
        return;
      case "tool-output-available":
        if (part === undefined) return;
        set(part, { state: "output-available", output: chunk["output"], errorText: undefined });
        set(part, {
          preliminary: chunk["preliminary"],
          ...picked(chunk, "providerExecuted", "toolMetadata"),
        });
        if (chunk["providerMetadata"] !== undefined)
          part["resultProviderMetadata"] = chunk["providerMetadata"];
        return;
      case "tool-output-error":
        if (part === undefined) return;
        set(part, { state: "output-error", errorText: chunk["errorText"], output: undefined });
        set(part, picked(chunk, "providerExecuted", "toolMetadata"));
        if (chunk["providerMetadata"] !== undefined)
          part["resultProviderMetadata"] = chunk["providerMetadata"];
        return;
      default:
    }
  }

  /** The call is made, or changed in its place. */
  #update(chunk: Chunk, existing: Part | undefined, change: Record<string, unknown>): void {
    const name = textOf(chunk["toolName"]);
    const naming =
      chunk["dynamic"] === true ? { type: "dynamic-tool", toolName: name } : { type: `tool-${name}` };
    const part = existing ?? { ...naming, toolCallId: chunk["toolCallId"] };
    if (existing === undefined) this.#parts.push(part);
    set(part, { ...change, ...picked(chunk, "title", "toolMetadata", "providerExecuted", "inputEncoding") });
    if (chunk["providerMetadata"] !== undefined) part["callProviderMetadata"] = chunk["providerMetadata"];
  }

  /** The newest call of this name; ids may come again in later steps. */
  #call(id: string): Part | undefined {
    return this.#parts.findLast((part) => part["toolCallId"] === id);
  }

  #step(): Part[] {
    return this.#parts.slice(this.#parts.findLastIndex((part) => part.type === "step-start") + 1);
  }

  #begin(key: string, part: Part): void {
    this.#open.set(key, part);
    this.#parts.push(part);
  }

  #extend(key: string, chunk: Chunk): void {
    const part = this.#open.get(key);
    if (part === undefined) return;
    part["text"] = textOf(part["text"]) + textOf(chunk["delta"]);
    set(part, about(chunk));
  }

  #close(key: string, chunk: Chunk): void {
    const part = this.#open.get(key);
    if (part === undefined) return;
    set(part, { ...about(chunk), ...picked(chunk, "citations"), state: "done" });
    this.#open.delete(key);
  }

  #describe(metadata: unknown): void {
    if (isObject(metadata)) this.#metadata = { ...this.#metadata, ...metadata };
  }
}

function readEvent(event: string): Chunk | null {
  if (!event.startsWith("data: ")) return null;
  const text = event.slice("data: ".length);
  if (text === "[DONE]") return null;
  try {
    const read = chunkSchema.safeParse(JSON.parse(text));
    return read.success ? read.data : null;
  } catch {
    // A line that is no JSON says nothing; the page's reader leaves it out as well.
    return null;
  }
}

/** Sets what is given and takes away what is given as undefined. */
function set(part: Part, change: Record<string, unknown>): void {
  for (const [name, value] of Object.entries(change)) {
    if (value === undefined) delete part[name];
    else part[name] = value;
  }
}

function picked(chunk: Chunk, ...names: string[]): Record<string, unknown> {
  return Object.fromEntries(
    names.filter((name) => chunk[name] !== undefined).map((name) => [name, chunk[name]]),
  );
}

const about = (chunk: Chunk): Record<string, unknown> => picked(chunk, "providerMetadata");

function approvalOf(part: Part): Record<string, unknown> | undefined {
  return isObject(part["approval"]) ? part["approval"] : undefined;
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
