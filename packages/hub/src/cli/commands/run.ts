import type { ChatMessage } from "@hearth/sdk";
import type { Command } from "commander";
import { describeAnswer, streamAnswer } from "../answer.ts";
import { createContext } from "../context.ts";
import { UsageError } from "../errors.ts";
import { integer, notNegative } from "../numbers.ts";

interface RunOptions {
  system?: string;
  maxTokens?: number;
  temperature?: number;
  seed?: number;
}

export function registerRun(program: Command): void {
  program
    .command("run <model> [prompt...]")
    .description("ask a model once; the prompt comes from the arguments or from standard input")
    .option("--system <text>", "a system message")
    .option("--max-tokens <n>", "longest answer", integer)
    .option("--temperature <n>", "0 takes the likeliest token", notNegative)
    .option("--seed <n>", "the same seed gives the same answer", integer)
    .action(async (model: string, words: string[], options: RunOptions, command: Command) => {
      const { client, output, signal } = await createContext(command);
      const prompt = words.length > 0 ? words.join(" ") : await readStandardInput();
      if (prompt.trim() === "")
        throw new UsageError("there is no prompt: write it behind the model's name, or pipe it in");
      const messages: ChatMessage[] = [{ role: "user", content: prompt }];
      if (options.system !== undefined) messages.unshift({ role: "system", content: options.system });
      const answer = await streamAnswer(client, output, {
        model,
        messages,
        signal,
        ...(options.maxTokens === undefined ? {} : { maxTokens: options.maxTokens }),
        ...(options.temperature === undefined ? {} : { temperature: options.temperature }),
        ...(options.seed === undefined ? {} : { seed: options.seed }),
      });
      output.note(describeAnswer(answer));
      output.result(answer);
    });
}

async function readStandardInput(): Promise<string> {
  if (process.stdin.isTTY) return "";
  let text = "";
  process.stdin.setEncoding("utf8");
  for await (const part of process.stdin) text += String(part);
  return text;
}
