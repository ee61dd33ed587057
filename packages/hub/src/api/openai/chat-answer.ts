import type { AssistantAnswer, ChatCompletion, ChatCompletionChunk } from "@hearth/wire/openai/chat-response";
import type { Usage } from "@hearth/wire/openai/sampling";
import type { ToolCallDelta } from "@hearth/wire/openai/tools";
import type { ToolCallDelta as EngineDelta } from "../../inference/engine.ts";
import type { Collected } from "../collect.ts";
import { identityOf } from "./answer.ts";
import { logprobContent } from "./chat-logprobs.ts";
import type { Choices } from "./choices.ts";
import type { WholeChoice } from "./collect-choices.ts";
import type { ChunkWriter } from "./stream.ts";

/** Whole answers as one chat completion. */
export function chatCompletionOf(
  { first }: Choices,
  { choices, usage }: { choices: readonly WholeChoice[]; usage: Usage | undefined },
  logprobs: boolean,
): ChatCompletion {
  return {
    ...identityOf(first, "chatcmpl"),
    object: "chat.completion",
    choices: choices.map((choice, index) => ({
      index,
      message: messageOf(choice),
      logprobs: logprobs ? { content: logprobContent(choice.logprobs), refusal: null } : null,
      finish_reason: choice.done.finishReason,
    })),
    ...(usage === undefined ? {} : { usage }),
  };
}

function messageOf({ text, reasoning, toolCalls }: Collected): AssistantAnswer {
  const calls = toolCalls.map(({ id, name, arguments: written }) => ({
    id,
    type: "function" as const,
    function: { name, arguments: written },
  }));
  return {
    role: "assistant",
    content: text === "" && calls.length > 0 ? null : text,
    refusal: null,
    ...(reasoning === "" ? {} : { reasoning_content: reasoning }),
    ...(calls.length === 0 ? {} : { tool_calls: calls }),
  };
}

/** Answers as chunks of one streamed chat completion. */
export function chatChunks({ first }: Choices, logprobs: boolean): ChunkWriter {
  const identity = { ...identityOf(first, "chatcmpl"), object: "chat.completion.chunk" as const };
  type Choice = ChatCompletionChunk["choices"][number];
  const chunk = (choice: Pick<Choice, "index" | "delta"> & Partial<Choice>): ChatCompletionChunk => ({
    ...identity,
    choices: [{ logprobs: null, finish_reason: null, ...choice }],
  });
  return {
    started: (index) => chunk({ index, delta: { role: "assistant", content: "" } }),
    tokens: (index, { text, reasoning = "", toolCalls = [], logprobs: tokens = [] }) => {
      const shown = logprobs && tokens.length > 0;
      if (text === "" && reasoning === "" && toolCalls.length === 0 && !shown) return null;
      return chunk({
        index,
        delta: {
          ...(text === "" ? {} : { content: text }),
          ...(reasoning === "" ? {} : { reasoning_content: reasoning }),
          ...(toolCalls.length === 0 ? {} : { tool_calls: toolCalls.map(callDelta) }),
        },
        logprobs: shown ? { content: logprobContent(tokens), refusal: null } : null,
      });
    },
    done: (index, { finishReason }) => chunk({ index, delta: {}, finish_reason: finishReason }),
    usage: (usage): ChatCompletionChunk => ({ ...identity, choices: [], usage }),
  };
}

function callDelta({ index, id, name, arguments: more }: EngineDelta): ToolCallDelta {
  return {
    index,
    ...(id === undefined ? {} : { id, type: "function" as const }),
    function: { ...(name === undefined ? {} : { name }), arguments: more },
  };
}
