import type { ProviderStatus } from "@hearth/wire/hub/status";
import type { Command } from "commander";
import { createContext } from "../context.ts";
import { describeProgress } from "../follow-job.ts";
import { stays } from "./serving.ts";
import { formatBytes, formatDuration } from "../output.ts";

export function registerStatus(program: Command): void {
  program
    .command("status")
    .description("what the hub is doing: what is loaded, running and queued")
    .action(async (_options: unknown, command: Command) => {
      const { client, output, signal } = await createContext(command);
      const status = await client.status({ signal });
      output.line(
        `${status.url}: ${status.status}, up ${formatDuration(status.uptime_seconds)}, version ${status.version}`,
      );
      const { memory } = status;
      output.line(
        `memory: ${formatBytes(memory.used_bytes)} used of a budget of ${formatBytes(memory.budget_bytes)}, the hub itself ${formatBytes(memory.hub_bytes)}`,
      );
      if (status.running_job) {
        const job = status.running_job;
        output.line(
          `training: ${job.model}:${job.version} ${job.progress ? describeProgress(job.progress) : ""}`,
        );
      }
      if (status.queued_jobs.length > 0) output.line(`queued: ${status.queued_jobs.length} jobs`);
      if (status.engines.length > 0) {
        output.table(
          ["ENGINE", "PID", "MEMORY", "ACTIVE", "WAITING", "SLOTS", "CONTEXT", "ADAPTERS", "STAYS"],
          status.engines.map((engine) => [
            engine.base,
            String(engine.pid),
            formatBytes(engine.memory_bytes),
            String(engine.active - engine.waiting),
            String(engine.waiting),
            String(engine.slots),
            engine.context === null ? "loading" : String(engine.context),
            String(engine.adapters),
            stays(engine),
          ]),
        );
      } else {
        output.line("no model is loaded");
      }
      if (status.providers.length > 0) {
        output.table(["SERVER", "STATE", "ACTIVE", "LAST FAILURE"], status.providers.flatMap(serverRows));
      }
      output.result(status);
    });
}

function serverRows({ name, servers }: ProviderStatus): string[][] {
  return servers.map(({ url, state, active, concurrency, error }) => [
    `${name} ${url}`,
    state === "closed" ? "in use" : state === "open" ? "not asked" : "being tried",
    `${active} of ${concurrency}`,
    error ?? "",
  ]);
}
