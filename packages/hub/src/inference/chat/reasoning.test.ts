import { expect, test } from "vitest";
import { renderChat } from "../../model-files/chat-template.ts";
import type { Segment } from "../../model-files/chat-template.ts";
import { reasoningOf } from "./reasoning.ts";
import { readAll } from "./testing/read-all.ts";
import { templates } from "./testing/templates.ts";

function rendered(
  template: string,
  extra: Record<string, unknown> = {},
  specialTokens: string[] = [],
): Segment[] {
  const messages = [{ role: "user", content: "What is </think>?" }];
  return renderChat(template, { messages, extra, specialTokens, addGenerationPrompt: true });
}

const think = { opening: "<think>", closing: "</think>", messages: false, markers: ["<think>", "</think>"] };

test("a template that speaks of thoughts: the model may think", () => {
  expect(reasoningOf(templates.hermes, rendered(templates.hermes))).toEqual({ ...think, begun: false });
});

test("thinking that was switched off is over before the answer begins", () => {
  expect(reasoningOf(templates.hermes, rendered(templates.hermes, { enable_thinking: false }))).toBeNull();
});

test("a prompt that ends with the opening mark, as text or as a control token", () => {
  const template = templates.deepseekFenced;
  expect(reasoningOf(template, rendered(template))).toEqual({ ...think, begun: true });
  const segments = rendered(template, {}, ["<think>", "</think>"]);
  expect(segments).toContainEqual({ special: "<think>" });
  expect(reasoningOf(template, segments)).toEqual({ ...think, begun: true });
});

test("a channel for thoughts, as Gemma 4 has it", () => {
  const template =
    "{{ '<|turn>model\\n' }}{% if not enable_thinking %}{{ '<|channel>thought\\n<channel|>' }}{% endif %}";
  expect(reasoningOf(template, rendered(template))).toBeNull();
  const reasoning = reasoningOf(template, rendered(template, { enable_thinking: true }));
  expect(reasoning).toMatchObject({ begun: false, markers: ["<|channel>", "<channel|>"] });
  expect(readAll(["<|channel>thought\nHm.<channel|>4"], { reasoning })).toEqual({
    text: "4",
    reasoning: "Hm.",
    calls: [],
  });
});

test("other models do not think, whatever the user says", () => {
  expect(reasoningOf(templates.chatml, rendered(templates.chatml))).toBeNull();
  expect(reasoningOf(null, [])).toBeNull();
  expect(reasoningOf(templates.chatml, [{ text: "my text ends with <think>" }])).toBeNull();
});
