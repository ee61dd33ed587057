/**
 * The process of one loaded model. Everything that reads model files and computes is in here: a
 * file that ends the native code ends this process and not the hub.
 */
import { serialiseError } from "../../../errors.ts";
import { ModelLoadFailed } from "../../errors.ts";
import { Embedder } from "./embedder.ts";
import { loadLibrary } from "./library.ts";
import { loadModel } from "./model.ts";
import type { LoadedLlama } from "./model.ts";
import type { EngineCommand, EngineMessage } from "./protocol.ts";
import { storeMs } from "./prefix-cache.ts";
import { Scheduler } from "./scheduler.ts";

const threads = Number(process.argv[2]);
const library = loadLibrary(threads);

let loaded: { model: LoadedLlama; scheduler: Scheduler; embedder: Embedder } | null = null;

function send(message: EngineMessage, sent: () => void = () => undefined): void {
  // When the channel is closed the hub is gone, and this process ends with it.
  if (process.connected) process.send?.(message, undefined, undefined, sent);
}

async function load(command: Extract<EngineCommand, { type: "load" }>): Promise<void> {
  try {
    const { model, description, base } = await loadModel(await library, command);
    loaded = {
      model,
      scheduler: new Scheduler(model, base, command.adapterContexts, send),
      embedder: new Embedder(model, command.embeddingRestMs, send),
    };
    send({ type: "loaded", model: description });
  } catch (error) {
    send({ type: "load_failed", error: serialiseError(error) });
  }
}

function tokenize({ id, prompt }: Extract<EngineCommand, { type: "tokenize" }>): void {
  try {
    if (loaded === null) throw new ModelLoadFailed("No model is loaded.");
    send({ type: "tokenized", id, tokens: loaded.model.prompts.read(prompt).tokens });
  } catch (error) {
    send({ type: "tokenize_failed", id, error: serialiseError(error) });
  }
}

/** Only what may be of use to a later process is put away; the system takes the memory back at once. */
async function shutDown(): Promise<void> {
  try {
    await loaded?.scheduler.stop(storeMs);
  } finally {
    process.exit(0);
  }
}

process.on("message", (command: EngineCommand) => {
  switch (command.type) {
    case "load":
      void load(command);
      break;
    case "generate":
      loaded?.scheduler.submit(command.request);
      break;
    case "threads":
      loaded?.model.useThreads(command.threads);
      break;
    case "cancel":
      loaded?.scheduler.cancel(command.id);
      break;
    case "embed":
      loaded?.embedder.submit(command.id, command.request);
      break;
    case "cancel_embed":
      loaded?.embedder.cancel(command.id);
      break;
    case "tokenize":
      tokenize(command);
      break;
    case "shutdown":
      void shutDown();
  }
});

library.then(
  () => send({ type: "ready" }),
  (error: unknown) => {
    send({ type: "load_failed", error: serialiseError(error) }, () => process.exit(1));
  },
);
