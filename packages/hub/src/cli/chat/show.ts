import type { AnswerMetadata } from "@hearth/wire/chat/message";
import { HearthError } from "../../errors.ts";
import { dim, type Output } from "../output.ts";
import { plainJson, printable } from "../printable.ts";
import { describeMetadata, readAnswer } from "./stream.ts";

const longestLine = 200;

/** Prints an answer as it comes: thoughts dimmed, a line for each call of a tool. Throws what the stream told of. */
export async function showAnswer(response: Response, output: Output): Promise<void> {
  let metadata: AnswerMetadata = {};
  let open = false;
  const line = (text: string): void => {
    if (open) output.write("\n");
    open = false;
    output.note(text.length > longestLine ? `${text.slice(0, longestLine)}…` : text);
  };
  for await (const chunk of readAnswer(response)) {
    switch (chunk.type) {
      case "text-delta":
        output.write(printable(chunk.delta));
        open = true;
        break;
      case "reasoning-delta":
        output.write(dim(printable(chunk.delta)));
        open = true;
        break;
      case "text-end":
      case "reasoning-end":
        if (open) output.write("\n");
        open = false;
        break;
      case "tool-input-available":
        line(`→ ${printable(chunk.toolName)} ${plainJson(chunk.input).replaceAll(/\s+/g, " ")}`);
        break;
      case "tool-output-available":
        line(`← ${printable(JSON.stringify(chunk.output) ?? "")}`);
        break;
      case "tool-output-error":
        line(`← failed: ${printable(chunk.errorText)}`);
        break;
      case "error":
        if (open) output.write("\n");
        throw new HearthError("generation_failed", printable(chunk.errorText));
      case "abort":
        line("(stopped)");
        break;
      case "finish":
      case "message-metadata":
        metadata = { ...metadata, ...chunk.messageMetadata };
    }
  }
  if (open) output.write("\n");
  const words = describeMetadata(metadata);
  if (words !== "") output.note(printable(words));
}
