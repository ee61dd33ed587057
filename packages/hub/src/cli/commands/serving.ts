import type { EngineState, ServedModelState } from "@hearth/wire/hub/serving";
import type { Command } from "commander";
import { createContext } from "../context.ts";
import { formatBytes, type Output } from "../output.ts";

/** Loading, unloading and pinning. */
export function registerServing(models: Command): void {
  models
    .command("load <reference>")
    .description("load a model before anybody asks it something: name, name:3 or name@alias")
    .option("--keep-alive <duration>", "how long it stays unused: 90s, 5m, 2h; -1 until its room is needed")
    .action(async (reference: string, options: { keepAlive?: string }, command: Command) => {
      const { client, output, signal } = await createContext(command);
      const { keepAlive } = options;
      const request = keepAlive === undefined ? {} : { keep_alive: keepAlive };
      tell(await client.models.load(reference, request, { signal }), output);
    });

  models
    .command("unload <reference>")
    .description("give a model's memory back, also of a pinned one until it is asked for again")
    .option("--force", "also while it answers: those requests fail", false)
    .action(async (reference: string, { force }: { force: boolean }, command: Command) => {
      const { client, output, signal } = await createContext(command);
      tell(await client.models.unload(reference, { force }, { signal }), output);
    });

  models
    .command("pin <reference>")
    .description("load a model's weights and keep them, whatever else needs the room")
    .action(async (reference: string, _options: unknown, command: Command) => {
      const { client, output, signal } = await createContext(command);
      tell(await client.models.pin(reference, { signal }), output);
    });

  models
    .command("unpin <reference>")
    .description("let a model be unloaded again when it is unused")
    .action(async (reference: string, _options: unknown, command: Command) => {
      const { client, output, signal } = await createContext(command);
      tell(await client.models.unpin(reference, { signal }), output);
    });
}

/** How long an engine stays, in a word or two. */
export function stays(engine: Pick<EngineState, "pinned" | "unloads_at" | "active">): string {
  if (engine.pinned) return "pinned";
  if (engine.active > 0) return "in use";
  return engine.unloads_at === null ? "for now" : `until ${engine.unloads_at}`;
}

function tell(state: ServedModelState, output: Output): void {
  const { model, base, engine } = state;
  const weights = base === model ? "" : ` on ${base}`;
  if (engine === null) output.line(`${model}${weights} is not loaded${state.pinned ? ", but pinned" : ""}`);
  else
    output.line(
      `${model}${weights} is loaded: ${formatBytes(engine.memory_bytes)}, ${engine.slots} slots, context ${engine.context ?? "not known yet"}, ${stays(engine)}`,
    );
  output.result(state);
}
