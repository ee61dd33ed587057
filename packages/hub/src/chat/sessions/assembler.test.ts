import { readUIMessageStream, type UIMessage, type UIMessageChunk } from "ai";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AnswerAssembler } from "./assembler.ts";

const word = fc.string({ unit: "grapheme", maxLength: 8 });
const value = fc.jsonValue({ maxDepth: 2 });
const meta = fc.option(fc.constant({ someone: { signature: "s" } }), { nil: undefined });

/** What one step of a model does: blocks of text and thoughts, and calls that come to one of their ends. */
const step = fc.array(
  fc.oneof(
    fc.record({
      kind: fc.constantFrom("text", "reasoning"),
      deltas: fc.array(word, { maxLength: 5 }),
      ends: fc.boolean(),
      meta,
    }),
    fc.record({
      kind: fc.constant("tool"),
      input: value,
      raw: fc.array(word, { maxLength: 3 }),
      dynamic: fc.boolean(),
      end: fc.constantFrom(
        "input",
        "output",
        "error",
        "bad-input",
        "asked",
        "denied",
        "approved",
        "preliminary",
      ),
      output: value,
      meta,
    }),
    fc.record({ kind: fc.constant("source"), url: fc.webUrl() }),
  ),
  { maxLength: 4 },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

function chunksOf(steps: readonly Step[], ending: "finish" | "none" | "error"): UIMessageChunk[] {
  const chunks: UIMessageChunk[] = [
    { type: "start", messageId: "a", messageMetadata: { provider: "hearth" } },
  ];
  let next = 0;
  for (const one of steps) {
    chunks.push({ type: "start-step" });
    for (const block of one) {
      const id = `id${next++}`;
      const extra = "meta" in block && block.meta !== undefined ? { providerMetadata: block.meta } : {};
      if (block.kind === "source" && "url" in block)
        chunks.push({ type: "source-url", sourceId: id, url: block.url });
      else if ("deltas" in block) {
        const kind = block.kind === "text" ? "text" : "reasoning";
        chunks.push({ type: `${kind}-start`, id, ...extra });
        for (const delta of block.deltas) chunks.push({ type: `${kind}-delta`, id, delta });
        if (block.ends) chunks.push({ type: `${kind}-end`, id });
      } else if ("input" in block) chunks.push(...callOf(block, id, extra));
    }
    chunks.push({ type: "finish-step" });
  }
  if (ending === "finish")
    chunks.push({ type: "finish", finishReason: "stop", messageMetadata: { output_tokens: 3 } });
  if (ending === "error") chunks.push({ type: "error", errorText: "it broke" });
  // The library gives its state away when something is written to it only.
  chunks.push({ type: "message-metadata", messageMetadata: { seen: true } });
  return chunks;
}

type Call = Extract<Step[number], { input: unknown }>;

function callOf(block: Call, toolCallId: string, extra: object): UIMessageChunk[] {
  const { dynamic, input, output, end } = block;
  const naming = { toolCallId, toolName: "look", ...(dynamic ? { dynamic } : {}) };
  const chunks: UIMessageChunk[] = [{ type: "tool-input-start", ...naming, title: "Look" }];
  for (const inputTextDelta of block.raw)
    chunks.push({ type: "tool-input-delta", toolCallId, inputTextDelta });
  if (end === "bad-input")
    return [...chunks, { type: "tool-input-error", ...naming, input, errorText: "no such field" }];
  chunks.push({ type: "tool-input-available", ...naming, input, title: "Look", ...extra });
  const approvalId = `approval of ${toolCallId}`;
  if (end === "asked" || end === "denied" || end === "approved")
    chunks.push({ type: "tool-approval-request", toolCallId, approvalId });
  if (end === "denied" || end === "approved")
    chunks.push({ type: "tool-approval-response", approvalId, approved: end === "approved", reason: "so" });
  if (end === "denied") chunks.push({ type: "tool-output-denied", toolCallId });
  if (end === "preliminary")
    chunks.push({ type: "tool-output-available", toolCallId, output: 1, preliminary: true });
  if (end === "output" || end === "approved" || end === "preliminary")
    chunks.push({ type: "tool-output-available", toolCallId, output, ...extra });
  if (end === "error") chunks.push({ type: "tool-output-error", toolCallId, errorText: "it failed" });
  return chunks;
}

async function readByLibrary(chunks: readonly UIMessageChunk[], message?: UIMessage): Promise<unknown> {
  let last: UIMessage | undefined = message;
  const stream = ReadableStream.from<UIMessageChunk>(chunks);
  for await (const state of readUIMessageStream({
    stream,
    ...(message === undefined ? {} : { message }),
    onError: () => undefined,
  }))
    last = state;
  return { parts: comparable(last?.parts ?? []), metadata: last?.metadata ?? null };
}

/** The library also guesses what a half-written input will be; we keep its text. */
function comparable(parts: readonly object[]): unknown {
  const plain = JSON.parse(JSON.stringify(parts)) as Record<string, unknown>[];
  for (const part of plain) if (part["state"] === "input-streaming") delete part["input"];
  return plain;
}

const bytesOf = (chunks: readonly UIMessageChunk[]): Uint8Array =>
  new TextEncoder().encode(chunks.map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`).join(""));

describe("AnswerAssembler", () => {
  it("makes the message that the AI SDK makes, however the bytes are cut", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 1, maxLength: 3 }),
        fc.constantFrom("finish", "none", "error"),
        fc.integer({ min: 1, max: 40 }),
        async (steps, ending, size) => {
          const chunks = chunksOf(steps, ending);
          const assembler = new AnswerAssembler();
          const bytes = bytesOf(chunks);
          for (let at = 0; at < bytes.length; at += size) assembler.push(bytes.slice(at, at + size));
          const { parts, metadata, finished, error } = assembler.assembled;
          expect({ parts: comparable(parts), metadata }).toEqual(await readByLibrary(chunks));
          expect(finished).toBe(ending === "finish");
          expect(error).toBe(ending === "error" ? "it broke" : null);
        },
      ),
      { numRuns: 300 },
    );
  });

  it("goes on with an answer that waited for a person", async () => {
    const asked = chunksOf(
      [
        [
          {
            kind: "tool",
            input: { a: 1 },
            raw: [],
            dynamic: false,
            end: "asked",
            output: 0,
            meta: undefined,
          },
        ],
      ],
      "finish",
    );
    const first = new AnswerAssembler();
    first.push(bytesOf(asked));
    const [begun, call] = first.assembled.parts;
    const waiting = {
      id: "a",
      role: "assistant",
      parts: [begun, { ...call, state: "approval-responded", approval: { id: "x", approved: true } }],
    } as unknown as UIMessage;
    const rest: UIMessageChunk[] = [
      { type: "start", messageId: "a" },
      { type: "tool-output-available", toolCallId: "id0", output: "done" },
      { type: "start-step" },
      { type: "text-start", id: "0" },
      { type: "text-delta", id: "0", delta: "It runs." },
      { type: "text-end", id: "0" },
      { type: "finish" },
    ];
    const second = new AnswerAssembler({ parts: waiting.parts });
    second.push(bytesOf(rest));
    const byLibrary = (await readByLibrary(rest, structuredClone(waiting))) as { parts: unknown };
    expect(comparable(second.assembled.parts)).toEqual(byLibrary.parts);
    expect(JSON.stringify(byLibrary.parts)).toContain("It runs.");
  });

  it("drops what a step said when the step is begun anew", () => {
    const assembler = new AnswerAssembler();
    assembler.push(
      bytesOf([
        { type: "start-step" },
        { type: "text-start", id: "0" },
        { type: "text-delta", id: "0", delta: "wrong" },
        { type: "reset-step" },
        { type: "text-start", id: "0" },
        { type: "text-delta", id: "0", delta: "right" },
      ]),
    );
    expect(assembler.assembled.parts.map((part) => part["text"])).toEqual([undefined, "right"]);
  });

  it("survives what is no stream at all", () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            fc.uint8Array(),
            word.map((text) => bytesOf([]) && new TextEncoder().encode(`data: ${text}\n\n`)),
          ),
        ),
        (pieces) => {
          const assembler = new AnswerAssembler();
          for (const piece of pieces) assembler.push(piece);
          expect(assembler.assembled.finished).toBe(false);
        },
      ),
    );
  });
});
