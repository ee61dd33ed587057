import { expect, test } from "vitest";
import { answerAsText } from "./answer-as-text.ts";

test("the same calls are the same text, however their arguments are written; text stays as it is", () => {
  const call = (args: string) => ({ name: "add", arguments: args });
  expect(answerAsText(" so be it\n", [])).toBe(" so be it\n");
  expect(answerAsText("", [call('{ "b": 2, "a": 1 }')])).toBe(answerAsText("", [call('{"a":1,"b":2}')]));
  expect(answerAsText("Adding.", [call("{}"), call('{"a": 1')])).toBe(
    'Adding.\n<tool_call>\n{"name": "add", "arguments": {}}\n</tool_call>\n<tool_call>\n{"name": "add", "arguments": {"a": 1}\n</tool_call>',
  );
});
