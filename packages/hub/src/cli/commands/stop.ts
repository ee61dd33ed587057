import { HubUnreachable } from "@hearth/sdk";
import type { Command } from "commander";
import { createContext } from "../context.ts";
import { Unsuccessful } from "../errors.ts";

/** A hub drains for at most this long before it stops what is left. */
const PATIENCE_MS = 60_000;
const LOOK_AGAIN_MS = 100;

export function registerStop(program: Command): void {
  program
    .command("stop")
    .description("stop the hub on this machine, after what is running has drained")
    .action(async (_options: unknown, command: Command) => {
      const { client, output, signal } = await createContext(command);
      const { pid } = await client.shutdown({ signal });
      const deadline = Date.now() + PATIENCE_MS;
      while (await answers(client.health({ signal }))) {
        if (Date.now() > deadline)
          throw new Unsuccessful(`the hub (pid ${pid}) is still draining; \`hearth status\` shows what`);
        await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
      }
      output.line(`the hub at ${client.url} has stopped`);
      output.result({ stopped: true, url: client.url, pid });
    });
}

async function answers(health: Promise<unknown>): Promise<boolean> {
  try {
    await health;
    return true;
  } catch (error) {
    if (error instanceof HubUnreachable) return false;
    // It answers, if only to say that it is going down.
    return true;
  }
}
