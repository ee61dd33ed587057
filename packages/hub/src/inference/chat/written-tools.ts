import { z } from "zod";
import type { Tool } from "../engine.ts";
import { InvalidRequest } from "../errors.ts";

const describedTool = z.looseObject({
  name: z.string(),
  description: z.string().nullish(),
  parameters: z.record(z.string(), z.unknown()).nullish(),
});
const writtenTool = z.union([
  z.looseObject({ function: describedTool }).transform((tool) => tool.function),
  describedTool,
]);

/**
 * A tool as rows of data have it, in OpenAI's form or its `function` alone. Training and evaluation read it here, so that
 * what is learned is what is asked.
 *
 * Errors: InvalidRequest for one without a name.
 */
export function toolOf(written: Readonly<Record<string, unknown>>): Tool {
  const parsed = writtenTool.safeParse(written);
  if (!parsed.success)
    throw new InvalidRequest(
      `A tool of the row is not {type: "function", function: {name, description, parameters}}; found ${JSON.stringify(written).slice(0, 200)}`,
      { field: "tools" },
    );
  const { name, description, parameters } = parsed.data;
  return { name, description: description ?? null, parameters: parameters ?? null, strict: false };
}
