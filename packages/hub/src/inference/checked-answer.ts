import type { GenerateEvent, GenerateRequest, JsonSchema } from "./engine.ts";
import { GenerationFailed } from "./errors.ts";
import { instanceProblem } from "./grammar/validate.ts";

type Asked = Pick<GenerateRequest, "prompt" | "output">;

/**
 * Passes an answer on. One that was to follow a schema and does not fails instead of ending: a wrong
 * answer is an error. What was cut off by its length, or stands beside calls of tools, is not looked at.
 *
 * Throws GenerationFailed, with the place and the keyword.
 */
export async function* checkedAnswer(
  events: AsyncIterable<GenerateEvent>,
  { prompt, output }: Asked,
): AsyncGenerator<GenerateEvent, void, void> {
  const schema = output?.kind === "json_schema" ? output.schema : null;
  const bound = new Map<string, JsonSchema>();
  for (const { name, parameters, strict } of prompt.kind === "chat" ? (prompt.tools ?? []) : [])
    if (parameters !== null && strict) bound.set(name, parameters);
  let text = "";
  const calls: { name: string; arguments: string }[] = [];
  for await (const event of events) {
    if (event.type === "tokens") {
      if (schema !== null) text += event.text;
      for (const delta of event.toolCalls ?? []) {
        const call = (calls[delta.index] ??= { name: "", arguments: "" });
        call.name = delta.name ?? call.name;
        call.arguments += delta.arguments;
      }
    }
    if (event.type === "done" && event.finishReason === "stop" && schema !== null)
      refuse("The answer", instanceProblem(schema, text));
    if (event.type === "done" && event.finishReason === "tool_calls") {
      for (const call of calls) {
        const parameters = bound.get(call.name);
        if (parameters !== undefined)
          refuse(`The call of ${call.name}`, instanceProblem(parameters, call.arguments));
      }
    }
    yield event;
  }
}

function refuse(what: string, problem: string | null): void {
  if (problem !== null)
    throw new GenerationFailed(`${what} does not follow its schema: ${problem}. Ask again.`);
}
