import { expect, test } from "vitest";
import { templates } from "./testing/templates.ts";
import { toolFormatOf } from "./tool-format.ts";

test.each([
  ["hermes", "hermes", true],
  ["qwenXml", "qwen-xml", true],
  ["llama", "llama", true],
  ["mistralList", "mistral-list", true],
  ["mistralNamed", "mistral-named", true],
  ["harmony", "harmony", true],
] as const)(
  "%s calls tools in the form %s, and its template describes them",
  (name, syntax, describesTools) => {
    const format = toolFormatOf(templates[name]);
    expect([format.syntax.name, format.describesTools, format.showsCalls]).toEqual([
      syntax,
      describesTools,
      true,
    ]);
  },
);

test.each([
  ["deepseekFenced", "deepseek-fenced"],
  ["deepseek", "deepseek"],
] as const)("%s calls tools in the form %s, and has to be told of them", (name, syntax) => {
  const format = toolFormatOf(templates[name]);
  expect([format.syntax.name, format.describesTools, format.showsCalls]).toEqual([syntax, false, true]);
});

test.each(["chatml", "noSystem", "glm", "onlyWords"] as const)(
  "%s knows nothing of tools that we know",
  (name) => {
    expect(toolFormatOf(templates[name])).toEqual(toolFormatOf(null));
    expect(toolFormatOf(null)).toMatchObject({ describesTools: false, showsCalls: false });
  },
);
