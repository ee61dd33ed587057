import { expect, test } from "vitest";
import { refuseUnreadVariables } from "./unread-variables.ts";

const thinking = "{% if enable_thinking is defined and not enable_thinking %}<think></think>{% endif %}";

test("what the template names passes", () => {
  refuseUnreadVariables(thinking, { enable_thinking: true });
  refuseUnreadVariables(thinking, undefined);
});

test.each([
  ["reasoning_effort", "high"],
  ["enable", true],
  ["a.*b", 1],
])("%s is refused by name", (name, value) => {
  expect(() => refuseUnreadVariables(thinking, { [name]: value })).toThrow(`chat_template_kwargs.${name}`);
});

test("a model without thoughts does not think, as it was told; one that cannot be told is refused", () => {
  refuseUnreadVariables("{{ messages }}", { enable_thinking: false });
  expect(() => refuseUnreadVariables("{{ messages }}", { enable_thinking: true })).toThrow();
  expect(() => refuseUnreadVariables("<think>{{ messages }}", { enable_thinking: false })).toThrow();
});
