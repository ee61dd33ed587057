import { createInterface } from "node:readline/promises";
import type { ChatMessage } from "@hearth/sdk";
import type { Command } from "commander";
import { describeAnswer, streamAnswer } from "../answer.ts";
import { createContext } from "../context.ts";

export function registerChat(program: Command): void {
  program
    .command("chat [model]")
    .description("talk with a model; an empty line, /bye or Ctrl-D ends it")
    .option("--system <text>", "a system message")
    .action(async (model: string | undefined, options: { system?: string }, command: Command) => {
      const { client, output, signal } = await createContext(command);
      const name = model ?? "ember";
      const { model: resolved, version } = await client.models.resolve(name, { signal });
      output.note(`${resolved}:${version}; /bye ends`);
      const messages: ChatMessage[] = [];
      if (options.system !== undefined) messages.push({ role: "system", content: options.system });
      const terminal = createInterface({
        input: process.stdin,
        output: process.stderr,
        terminal: process.stdin.isTTY,
      });
      terminal.setPrompt("› ");
      // A pipe may end before its last line is answered.
      let ended = false;
      terminal.on("close", () => (ended = true));
      signal.addEventListener("abort", () => terminal.close(), { once: true });
      terminal.on("SIGINT", () => terminal.close());
      terminal.prompt();
      for await (const line of terminal) {
        if (line.trim() === "" || line.trim() === "/bye") break;
        messages.push({ role: "user", content: line });
        const answer = await streamAnswer(client, output, { model: name, messages, signal });
        messages.push({ role: "assistant", content: answer.text });
        output.note(describeAnswer(answer));
        if (!ended) terminal.prompt();
      }
      terminal.close();
      output.result({ model: name, messages });
    });
}
