import { once } from "node:events";
import type { Command } from "commander";
import { createContext } from "../context.ts";
import { UsageError } from "../errors.ts";

interface McpOptions {
  allowChanges: boolean;
  allow: string[];
}

export function registerMcp(program: Command): void {
  program
    .command("mcp")
    .description("offer the hub's tools to another agent by the Model Context Protocol, on stdin and stdout")
    .option("--allow-changes", "also the tools that start, stop, evaluate, promote and deploy", false)
    .option("--allow <tools>", "of those only these: start_job,cancel_job", names, [])
    .action(async ({ allowChanges, allow }: McpOptions, command: Command) => {
      const { client, output, signal } = await createContext(command);
      // Only this command needs them: the others begin sooner without.
      const [{ serveStdio }, { createMcpServer }] = await Promise.all([
        import("@modelcontextprotocol/server/stdio"),
        import("../mcp/server.ts"),
      ]);
      const allowed = { all: allowChanges, names: allow };
      // Standard output is the protocol's; people read the other one.
      const tell = (error: unknown): void =>
        output.note(error instanceof Error ? error.message : String(error));
      try {
        const known = await client.conversations.tools({ signal });
        const strange = allow.filter((name) => !known.some((tool) => tool.name === name && tool.changes));
        if (strange.length > 0)
          throw new UsageError(
            `--allow names ${strange.join(", ")}, but the tools that change something are ${known
              .filter(({ changes }) => changes)
              .map(({ name }) => name)
              .join(", ")}`,
          );
      } catch (error) {
        if (error instanceof UsageError) throw error;
        // The hub may be started later; until then each call says that it is not there.
        tell(error);
      }
      const stopped = new AbortController();
      process.stdin.once("end", () => stopped.abort()).once("close", () => stopped.abort());
      const over = AbortSignal.any([signal, stopped.signal]);
      const handle = serveStdio(() => createMcpServer(client, allowed), { onerror: tell });
      if (!over.aborted) await once(over, "abort");
      await handle.close();
    });
}

/** `a,b`, also given several times. */
function names(value: string, before: string[]): string[] {
  return [...before, ...value.split(",").flatMap((name) => (name.trim() === "" ? [] : [name.trim()]))];
}
