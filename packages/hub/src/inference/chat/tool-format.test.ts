import { expect, test } from "vitest";
import { templates } from "./testing/templates.ts";
import { toolFormatOf } from "./tool-format.ts";

test.each([
  ["hermes", "hermes"],
  ["qwenXml", "qwen-xml"],
  ["llama", "llama"],
  ["mistralList", "mistral-list"],
  ["mistralNamed", "mistral-named"],
  ["harmony", "harmony"],
] as const)("%s calls tools in the form %s, and its template describes them", (name, syntax) => {
  const format = toolFormatOf(templates[name]);
  expect([format.syntax.name, format.describesTools, format.calls !== null]).toEqual([syntax, true, true]);
});

test.each([
  ["deepseekFenced", "deepseek-fenced"],
  ["deepseek", "deepseek"],
] as const)("%s calls tools in the form %s, and has to be told of them", (name, syntax) => {
  const format = toolFormatOf(templates[name]);
  expect([format.syntax.name, format.describesTools, format.calls !== null]).toEqual([syntax, false, true]);
});

test.each(["chatml", "noSystem", "glm", "onlyWords"] as const)(
  "%s has no form of calls that we know",
  (name) => {
    const { syntax, describesTools, calls } = toolFormatOf(templates[name]);
    expect([syntax.name, describesTools, calls]).toEqual(["hermes", false, null]);
  },
);

test("what a template takes is tried out", () => {
  expect(toolFormatOf(templates.noSystem).system).toBe(false);
  expect(toolFormatOf(templates.chatml).system).toBe(true);
  expect(toolFormatOf(templates.deepseek).calls).toEqual({ arguments: "object", content: null });
  // It puts the arguments into a text as they are, and begins a message of its own for a content.
  expect(toolFormatOf(templates.deepseekFenced).calls).toEqual({ arguments: "text", content: null });
  expect(toolFormatOf(templates.hermes).calls).toEqual({ arguments: "object", content: "" });
});

test("a template that fails over calls does not have to show them", () => {
  const broken = `${templates.hermes}{% if messages[1] is defined and messages[1].tool_calls %}{{ raise_exception('no') }}{% endif %}`;
  expect(toolFormatOf(broken)).toMatchObject({ describesTools: true, calls: null });
  expect(toolFormatOf("{{ no_such_function() }}")).toMatchObject({ describesTools: false, calls: null });
});
