import type { Command } from "commander";
import { createContext } from "../context.ts";

interface ChatCommandOptions {
  system?: string;
  tools?: string;
  continue?: string | boolean;
  allowChanges: boolean;
}

export function registerChat(program: Command): void {
  program
    .command("chat [model]")
    .description("talk with a model, which may look into the hub; /help tells more, /bye or Ctrl-D ends it")
    .option("--system <text>", "a system message")
    .option("--tools <access>", "the hub's tools that the model may use: none, read or all")
    .option("--continue [id]", "go on with the newest conversation, or the named one")
    .option("--allow-changes", "where nobody can be asked, let tools change something", false)
    .action(async (model: string | undefined, options: ChatCommandOptions, command: Command) => {
      const context = await createContext(command);
      const { chat } = await import("../chat/chat.ts");
      await chat(model, options, context);
    });
}
