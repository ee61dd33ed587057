import type { Command } from "commander";
import { createContext } from "../context.ts";

/** `hearth rollback name` */
export function registerRollback(program: Command): void {
  program
    .command("rollback <name>")
    .description("give an alias back to the version that held it before")
    .option("--alias <alias>", "which alias", "champion")
    .action(async (name: string, { alias }: { alias: string }, command: Command) => {
      const { client, output, signal } = await createContext(command);
      const result = await client.models.rollback(name, alias, { signal });
      for (const { version, status } of result.skipped)
        output.line(`  version ${version} was passed over: it is ${status}`);
      output.line(
        `${name}@${alias} is version ${result.version} again (was version ${result.previous_version})`,
      );
      output.result(result);
    });
}
