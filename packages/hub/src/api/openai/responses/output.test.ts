import fc from "fast-check";
import { responseEvent } from "@hearth/wire/openai/responses/events";
import type { OutputItem } from "@hearth/wire/openai/responses/response";
import { expect, test } from "vitest";
import type { AnswerEvent } from "../../services.ts";
import { ResponseOutput, type OutputEvent } from "./output.ts";

type Tokens = Extract<AnswerEvent, { type: "tokens" }>;

const id = "resp_0123456789abcdef0123456789abcdef";
const scored = { id: 1, bytes: [104], logprob: -1, top: [] };

function run(steps: readonly Partial<Tokens>[], logprobs = false) {
  const output = new ResponseOutput(id, logprobs);
  const events: OutputEvent[] = [];
  for (const step of steps) events.push(...output.add({ type: "tokens", text: "", ids: [1], ...step }));
  events.push(...output.end("completed"));
  return { events, items: output.items };
}

test("thoughts, words and calls become items, in OpenAI's order of events", () => {
  const { events, items } = run([
    { reasoning: "hm" },
    { text: "I " },
    { text: "look." },
    { toolCalls: [{ index: 0, id: "call_1", name: "f", arguments: '{"a"' }] },
    { toolCalls: [{ index: 0, arguments: ":1}" }] },
    { toolCalls: [{ index: 1, id: "call_2", name: "g", arguments: "{}" }] },
  ]);
  expect(events.map(({ type }) => type.replace("response.", ""))).toEqual([
    "output_item.added",
    "content_part.added",
    "reasoning_text.delta",
    "reasoning_text.done",
    "content_part.done",
    "output_item.done",
    "output_item.added",
    "content_part.added",
    "output_text.delta",
    "output_text.delta",
    "output_text.done",
    "content_part.done",
    "output_item.done",
    "output_item.added",
    "function_call_arguments.delta",
    "function_call_arguments.delta",
    "function_call_arguments.done",
    "output_item.done",
    "output_item.added",
    "function_call_arguments.delta",
    "function_call_arguments.done",
    "output_item.done",
  ]);
  expect(items).toMatchObject([
    { id: `rs_${id.slice(5)}_0`, type: "reasoning", content: [{ text: "hm" }] },
    { id: `msg_${id.slice(5)}_1`, type: "message", content: [{ text: "I look." }], status: "completed" },
    { type: "function_call", call_id: "call_1", name: "f", arguments: '{"a":1}' },
    { id: `fc_${id.slice(5)}_3`, type: "function_call", call_id: "call_2", name: "g", arguments: "{}" },
  ]);
});

test("an answer of nothing is an empty message", () => {
  expect(run([]).items).toMatchObject([{ type: "message", content: [{ type: "output_text", text: "" }] }]);
});

test("log probabilities come with the text that they are of, also when it was held back", () => {
  const { items, events } = run(
    [{ logprobs: [scored] }, { text: "hh", logprobs: [scored] }, { logprobs: [scored] }],
    true,
  );
  expect(items).toMatchObject([{ content: [{ text: "hh", logprobs: [{ token: "h" }, {}, {}] }] }]);
  const deltas = events.filter((event) => event.type === "response.output_text.delta");
  expect(deltas.map(({ logprobs }) => logprobs.length)).toEqual([2, 1]);
});

const step: fc.Arbitrary<Partial<Tokens>> = fc.oneof(
  fc.record({ text: fc.string() }),
  fc.record({ reasoning: fc.string() }),
  fc.record({ text: fc.string(), reasoning: fc.string() }),
  fc.nat(2).map((index) => ({
    toolCalls: [{ index, id: `call_${index}`, name: "f", arguments: "x" }],
  })),
);

test("whatever comes: events fit the schema, and whoever adds up the deltas has the items", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
      const { events, items } = run(steps);
      const texts = new Map<string, string>();
      const open = new Set<string>();
      const done: OutputItem[] = [];
      for (const event of events) {
        responseEvent.parse({ ...event, sequence_number: 0 });
        if (event.type === "response.output_item.added") {
          expect(open.size).toBe(0);
          expect(event.output_index).toBe(done.length);
          open.add(event.item.id);
        }
        if ("delta" in event) {
          expect(open.has(event.item_id)).toBe(true);
          texts.set(event.item_id, (texts.get(event.item_id) ?? "") + event.delta);
        }
        if (event.type === "response.output_item.done") {
          open.delete(event.item.id);
          done.push(event.item);
        }
      }
      expect(open.size).toBe(0);
      expect(done).toEqual(items);
      expect(new Set(items.map((item) => item.id)).size).toBe(items.length);
      for (const item of items)
        expect(texts.get(item.id) ?? "").toBe(
          item.type === "function_call" ? item.arguments : (item.content[0]?.text ?? ""),
        );
    }),
  );
});
