import type { z } from "zod";
import type { ToolRooms } from "./rooms.ts";

/** A tool into the hub, for models and other agents. */
export interface Tool {
  /** `verb_noun`: letters, digits and `_`, as providers want it. */
  name: string;
  title: string;
  /** For the model: what it gives, and when to use it. */
  description: string;
  input: z.ZodType;
  changes: boolean;
  /** Parses the input first; throws what the room throws, which is told to the model. */
  run(input: unknown, rooms: ToolRooms, signal: AbortSignal): Promise<unknown>;
}

interface ToolParts<Input extends z.ZodType> {
  name: string;
  title: string;
  description: string;
  input: Input;
  /** Whether anything is different afterwards: then a person is asked before. Default: no. */
  changes?: boolean;
  run(input: z.infer<Input>, rooms: ToolRooms, signal: AbortSignal): Promise<unknown>;
}

/** Makes a tool of its parts. */
export function tool<Input extends z.ZodType>(parts: ToolParts<Input>): Tool {
  return {
    ...parts,
    changes: parts.changes ?? false,
    run: async (input, rooms, signal) => await parts.run(parts.input.parse(input), rooms, signal),
  };
}
