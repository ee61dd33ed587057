import type { SidecarTurn, ToolAccess } from "@hearth/wire/chat/turn";
import { turnHeaders } from "@hearth/wire/chat/turn";
import {
  convertToModelMessages,
  isStepCount,
  isToolUIPart,
  safeValidateUIMessages,
  streamText,
  toUIMessageStream,
  type UIMessage,
  type UIMessageChunk,
} from "ai";
import { AnswerFacts } from "./answer-facts.ts";
import { clearEnds } from "./clear-ends.ts";
import { hubTools } from "./hub-tools.ts";
import { instructions } from "./instructions.ts";
import type { SidecarSettings } from "./messages.ts";
import { chooseModel } from "./providers.ts";
import { secretsOf } from "./secrets.ts";
import { TurnRefused } from "./turn-refused.ts";
import { withUniqueCalls } from "./unique-calls.ts";
import { wordsOf } from "./words-of.ts";

const toolMs = 10 * 60_000;

export interface RunningTurn {
  headers: Record<string, string>;
  stream: ReadableStream<UIMessageChunk>;
}

/**
 * Answers a turn: steps of model and tools until the model has nothing more to ask, a person must be asked, or the
 * limit of steps is reached. What goes wrong in the middle is a part of the stream.
 *
 * @throws TurnRefused for messages, providers or models that cannot be.
 */
export async function runTurn(
  turn: SidecarTurn,
  configuration: SidecarSettings,
  signal: AbortSignal,
): Promise<RunningTurn> {
  const { settings = {}, sessionId, answerId } = turn;
  const { limits } = configuration;
  const chosen = chooseModel(configuration, turn);
  const access: ToolAccess = settings.tools ?? "none";
  const { tools, approval } = hubTools(configuration, access, { sessionId, messageId: answerId });
  const { messages, system } = await readMessages(turn.messages);
  const maxTokens = settings.maxTokens ?? chosen.maxTokens;
  const instruction = instructions(settings.system, access, system);
  const secrets = secretsOf(configuration);
  const facts = new AnswerFacts({ provider: chosen.providerId, model: chosen.modelId });
  const result = streamText({
    model: withUniqueCalls(chosen.model, callIds(messages)),
    messages: await convertToModelMessages(messages, { tools, ignoreIncompleteToolCalls: true }),
    tools,
    toolApproval: approval,
    stopWhen: isStepCount(settings.maxSteps ?? configuration.settings.maxSteps),
    abortSignal: signal,
    // The hub and its clients decide about another try; a 429 must reach them at once.
    maxRetries: 0,
    timeout: { firstChunkMs: limits.firstChunkMs, chunkMs: limits.stalledMs, toolMs },
    // Told as a part of the stream; here it would be printed.
    onError: () => undefined,
    ...(instruction === undefined ? {} : { instructions: instruction }),
    ...(settings.temperature === undefined ? {} : { temperature: settings.temperature }),
    ...(settings.topP === undefined ? {} : { topP: settings.topP }),
    ...(maxTokens === null ? {} : { maxOutputTokens: maxTokens }),
    ...(settings.seed === undefined ? {} : { seed: settings.seed }),
    ...(settings.stop === undefined ? {} : { stopSequences: settings.stop }),
    ...(settings.reasoningEffort === undefined ? {} : { reasoning: settings.reasoningEffort }),
    providerOptions: chosen.options,
  });
  return {
    headers: {
      [turnHeaders.provider]: chosen.providerId,
      [turnHeaders.model]: encodeURIComponent(chosen.modelId),
      [turnHeaders.session]: sessionId,
      [turnHeaders.answer]: answerId,
    },
    stream: toUIMessageStream({
      stream: ReadableStream.from(clearEnds(result.stream, signal, limits)),
      tools,
      originalMessages: messages,
      generateMessageId: () => answerId,
      sendReasoning: true,
      sendSources: true,
      onError: (error) => wordsOf(error, secrets),
      redactToolErrors: false,
      messageMetadata: ({ part }) => facts.read(part),
    }),
  };
}

function callIds(messages: readonly UIMessage[]): string[] {
  return messages.flatMap(({ parts }) =>
    parts.flatMap((part) => (isToolUIPart(part) ? [part.toolCallId] : [])),
  );
}

/** The branch as the AI SDK checks it, and the system messages in it, which go before everything. */
async function readMessages(
  given: SidecarTurn["messages"],
): Promise<{ messages: UIMessage[]; system: string[] }> {
  const checked = await safeValidateUIMessages({ messages: given });
  if (!checked.success) throw new TurnRefused(`The messages do not fit together: ${checked.error.message}`);
  const messages: UIMessage[] = [];
  const system: string[] = [];
  for (const message of checked.data) {
    if (message.role !== "system") messages.push(message);
    else system.push(message.parts.map((part) => (part.type === "text" ? part.text : "")).join(""));
  }
  return { messages, system };
}
