import { expect, test } from "vitest";
import { renderChat } from "../../model-files/chat-template.ts";
import type { Segment } from "../../model-files/chat-template.ts";
import { reasoningOf } from "./reasoning.ts";
import { templates } from "./testing/templates.ts";

function rendered(
  template: string,
  extra: Record<string, unknown> = {},
  specialTokens: string[] = [],
): Segment[] {
  const messages = [{ role: "user", content: "What is </think>?" }];
  return renderChat(template, { messages, extra, specialTokens, addGenerationPrompt: true });
}

const think = { opening: "<think>", closing: "</think>", messages: false };

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

test("other models do not think, whatever the user says", () => {
  expect(reasoningOf(templates.chatml, rendered(templates.chatml))).toBeNull();
  expect(reasoningOf(null, [])).toBeNull();
});
