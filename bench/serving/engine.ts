import { join } from "node:path";
import type { GenerateRequest } from "../../packages/hub/src/inference/engine.ts";
import { LlamaEngine } from "../../packages/hub/src/inference/engines/llama/engine.ts";
import { greedy } from "../../packages/hub/src/inference/verify-export.ts";

export const never = new AbortController().signal;

/** An engine by itself, in a child of this process. */
export function newEngine(folder: string, threads: number): LlamaEngine {
  return new LlamaEngine({
    threads,
    logFile: join(folder, "engine.log"),
    codeCacheFolder: join(folder, "code"),
    timeoutMs: 300_000,
  });
}

let requests = 0;

/** A prompt that no request had before: nothing of it is kept anywhere but its first words. */
export function freshPrompt(words: number): string {
  requests += 1;
  return `request ${requests} ${"word ".repeat(words)}`;
}

export function request(words: number, maxTokens: number): GenerateRequest {
  const content = freshPrompt(words);
  return {
    id: `bench-${requests}`,
    prompt: { kind: "chat", messages: [{ role: "user", content }] },
    adapter: null,
    maxTokens,
    stop: [],
    sampling: greedy,
  };
}
