import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { GenerateEvent } from "../../engine.ts";
import { AnswerReader } from "./answer-reader.ts";

/** Events as serve.py sends them for these texts, one token each. */
function stream(texts: readonly string[], finish = "length"): string[] {
  const chunks = texts.map((text, index) => ({
    object: "text_completion",
    choices: [{ index: 0, finish_reason: null, text }],
    hearth: { prompt_tokens: 4, cached_tokens: 1, ids: [index] },
  }));
  const last = { choices: [{ index: 0, finish_reason: finish, text: "" }], hearth: null };
  const usage = { object: "chat.completion", choices: [], usage: { prompt_tokens: 4, completion_tokens: 9 } };
  return [...[...chunks, last, usage].map((each) => JSON.stringify(each)), "[DONE]"];
}

function read(data: readonly string[], stops: string[] = []): GenerateEvent[] {
  const reader = new AnswerReader(stops);
  const events = data.flatMap((each) => reader.push(each));
  reader.close();
  return events;
}

function textOf(events: readonly GenerateEvent[]): string {
  return events.map((event) => (event.type === "tokens" ? event.text : "")).join("");
}

describe("an answer of mlx_lm.server", () => {
  test("begins with the counts, has every token, and ends once", () => {
    const events = read(stream(["a", "b"]));
    expect(events).toEqual([
      { type: "started", promptTokens: 4, cachedTokens: 1 },
      { type: "tokens", text: "a", ids: [0] },
      { type: "tokens", text: "b", ids: [1] },
      { type: "done", finishReason: "length", completionTokens: 2, stopSequence: null },
    ]);
  });

  test("of a server that is attached has its counts at the end", () => {
    const plain = stream(["a", "b"]).map((each) => each.replace(/,"hearth":(\{[^}]*\}|null)/, ""));
    expect(read(plain).filter(({ type }) => type !== "tokens")).toEqual([
      { type: "started", promptTokens: null, cachedTokens: null },
      {
        type: "done",
        finishReason: "length",
        completionTokens: 9,
        stopSequence: null,
        promptTokens: 4,
        cachedTokens: null,
      },
    ]);
  });

  test("ends before the stop string that is complete first, however the text is cut", () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: fc.constantFrom("a", "b", "c"), maxLength: 4 }), { maxLength: 12 }),
        fc.array(fc.string({ unit: fc.constantFrom("a", "b", "c"), minLength: 1, maxLength: 3 }), {
          minLength: 1,
          maxLength: 2,
        }),
        (texts, stops) => {
          const whole = texts.join("");
          const ends = stops
            .map((stop) => whole.indexOf(stop) + stop.length)
            .filter((end, index) => end >= (stops[index] ?? "").length);
          const first = Math.min(...ends);
          const events = read(stream(texts), stops);
          const done = events.at(-1);
          if (ends.length === 0) {
            expect(textOf(events)).toBe(whole);
            expect(done).toMatchObject({ finishReason: "length", stopSequence: null });
          } else {
            expect(done).toMatchObject({ type: "done", finishReason: "stop" });
            const stop = done?.type === "done" ? done.stopSequence : null;
            expect(textOf(events) + stop).toBe(whole.slice(0, first));
          }
        },
      ),
    );
  });

  test("may have reasoning and calls of tools", () => {
    const delta = (change: object, finish: string | null = null): string =>
      JSON.stringify({ choices: [{ finish_reason: finish, delta: { role: "assistant", ...change } }] });
    const call = (id: string) => ({
      id,
      type: "function",
      index: 0,
      function: { name: "look", arguments: "{}" },
    });
    const events = read([
      delta({ reasoning: "hm" }),
      delta({ tool_calls: [call("x"), call("y")] }),
      delta({}, "tool_calls"),
      "[DONE]",
    ]);
    expect(events.slice(1)).toEqual([
      { type: "tokens", text: "", ids: [], reasoning: "hm" },
      {
        type: "tokens",
        text: "",
        ids: [],
        toolCalls: [
          { index: 0, id: "x", name: "look", arguments: "{}" },
          { index: 1, id: "y", name: "look", arguments: "{}" },
        ],
      },
      expect.objectContaining({ type: "done", finishReason: "tool_calls" }),
    ]);
  });

  test.each([
    ["no JSON", ["hello"]],
    ["something else", ['{"object":"list"}']],
    ["an unknown reason for its end", stream(["a"], "tired")],
    ["no end", stream(["a"]).slice(0, 2)],
    ["no reason for its end", ["[DONE]"]],
  ])("with %s is a failure", (_what, data) => {
    expect(() => read(data)).toThrow(expect.objectContaining({ code: "generation_failed" }));
  });
});
