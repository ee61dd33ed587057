import type { LlamaModel } from "node-llama-cpp";
import { renderChat } from "../../../model-files/chat-template.ts";
import type { ChatMessage, Segment } from "../../../model-files/chat-template.ts";
import { afterLastSpecial, beginsWith, cut, positions } from "../../../model-files/chat-segments.ts";
import type { CallSyntax } from "../../chat/call-syntax.ts";
import { prepareChat } from "../../chat/chat-prompt.ts";
import { reasoningOf } from "../../chat/reasoning.ts";
import type { Reasoning } from "../../chat/reasoning.ts";
import { withCallsAsText } from "../../chat/rewritten-messages.ts";
import type { ChatPrompt, Prompt, ScoreRequest, Tool, ToolChoice } from "../../engine.ts";
import { InvalidRequest } from "../../errors.ts";
import type { Vocabulary } from "./vocabulary.ts";

/** How a chat's answer is to be read. */
export interface ChatForm {
  syntax: CallSyntax;
  /** The tools that the model hears of. */
  tools: readonly Tool[];
  /** Null: it does not think before it answers. */
  reasoning: Reasoning | null;
}

export interface ReadPrompt {
  tokens: number[];
  /** Null for a prompt that is no chat. */
  chat: ChatForm | null;
}

type ScoredAnswer = Pick<ScoreRequest, "answer" | "toolCalls">;

/** Makes tokens of prompts, with the tokenizer and the chat template of one loaded model. */
export class PromptReader {
  readonly #model: LlamaModel;
  readonly #vocabulary: Vocabulary;
  readonly #template: string | null;

  constructor(model: LlamaModel, vocabulary: Vocabulary, template: string | null) {
    this.#model = model;
    this.#vocabulary = vocabulary;
    this.#template = template;
  }

  /**
   * Only the template's own control tokens become control tokens; in a user's text they stay text.
   * Errors: InvalidRequest for an empty prompt, an unknown token id, or a chat with a model that
   * has no template; ModelFileInvalid in the template's own words.
   */
  read(prompt: Prompt, choice: ToolChoice = "auto"): ReadPrompt {
    const read = this.#read(prompt, choice);
    if (read.tokens.length === 0) throw new InvalidRequest("The prompt is empty.", { field: "prompt" });
    return read;
  }

  /** As `read`, with the token that ends a text where the model wants one: nothing is to follow. */
  readWhole(prompt: Prompt): number[] {
    const { tokens } = this.read(prompt);
    const end = endOfText(this.#model);
    if (prompt.kind === "tokens" || end === null || tokens.at(-1) === end) return tokens;
    return [...tokens, end];
  }

  /**
   * A prompt and an answer that was given to it. The answer's tokens begin at `answerFrom` and are those that a trainer
   * lets a model learn: of a chat, what the template shows of the assistant's message behind its opening, up to
   * the token that ends the turn, calls included; of a text, the answer and the token that ends a text. After an empty text it is a document
   * of its own, ends as one, and its first token counts only where the model begins texts with a token.
   * Errors: as `read`.
   */
  readAnswered(prompt: Prompt, scored: ScoredAnswer): { tokens: number[]; answerFrom: number } {
    const { answer } = scored;
    if (prompt.kind === "text" && prompt.text === "") return this.#document(answer);
    const { tokens } = this.read(prompt);
    const own =
      prompt.kind === "chat"
        ? this.#segments(this.#answered(prompt, scored), { continues: true })
        : [...this.#segments([{ text: answer }]), ...this.#end()];
    return { tokens: [...tokens, ...own], answerFrom: tokens.length };
  }

  /** Templates that show an answer in another way than they open it leave nothing to compare with: then it is its text. */
  #answered(prompt: ChatPrompt, { answer, toolCalls }: ScoredAnswer): Segment[] {
    const calls = toolCalls === undefined ? {} : { tool_calls: toolCalls };
    const given: ChatMessage = { role: "assistant", content: answer, ...calls };
    const before = this.#rendered(prompt, "auto", true);
    const whole = this.#rendered({ ...prompt, messages: [...prompt.messages, given] }, "auto", false);
    const start = positions(before.segments);
    const shown = beginsWith(whole.segments, before.segments)
      ? cut(whole.segments, start, positions(whole.segments))
      : [];
    const length = afterLastSpecial(shown) ?? positions(shown);
    if (length > 0) return cut(shown, 0, length);
    const { eot, eos } = this.#model.tokens;
    const said = withCallsAsText([given], before.chat.format.syntax).map(({ content }) => content);
    return [{ text: said.join("") }, { special: this.#vocabulary.piece(eot ?? eos) }];
  }

  #document(text: string): { tokens: number[]; answerFrom: number } {
    const end = this.#vocabulary.controlId("<|endoftext|>");
    const tokens = this.#begun([...this.#segments([{ text }]), ...(end === undefined ? this.#end() : [end])]);
    if (tokens.length < 2)
      throw new InvalidRequest("The text has no token to be scored.", { field: "prompt" });
    // What is before the first token nobody knows; the token that begins a text is given.
    return { tokens, answerFrom: 1 };
  }

  #end(): number[] {
    const { eos } = this.#model.tokens;
    return eos === null ? [] : [eos];
  }

  #read(prompt: Prompt, choice: ToolChoice): ReadPrompt {
    switch (prompt.kind) {
      case "tokens":
        return { tokens: this.#known(prompt.tokens), chat: null };
      case "text":
        return { tokens: this.#begun(this.#segments([{ text: prompt.text }])), chat: null };
      case "chat":
        return this.#readChat(prompt, choice);
    }
  }

  #known(tokens: readonly number[]): number[] {
    const last = this.#vocabulary.size - 1;
    const unknown = tokens.find((id) => !Number.isInteger(id) || id < 0 || id > last);
    if (unknown === undefined) return [...tokens];
    throw new InvalidRequest(`Token ids go from 0 to ${last}; the prompt holds ${unknown}.`, {
      field: "prompt",
    });
  }

  #readChat(prompt: ChatPrompt, choice: ToolChoice): ReadPrompt {
    const { template, chat, segments } = this.#rendered(prompt, choice, true);
    return {
      tokens: this.#begun(this.#segments(segments)),
      chat: {
        syntax: chat.format.syntax,
        tools: chat.tools,
        reasoning: reasoningOf(template, segments),
      },
    };
  }

  #rendered(prompt: ChatPrompt, choice: ToolChoice, addGenerationPrompt: boolean) {
    const template = this.#template;
    if (template === null) {
      throw new InvalidRequest(
        "This model has no chat template, so it cannot take messages. Use a text prompt instead.",
        { field: "messages" },
      );
    }
    const chat = prepareChat(template, prompt, choice);
    const { bos, eos } = this.#model.tokens;
    const segments = renderChat(template, {
      messages: chat.messages,
      extra: chat.extra,
      specialTokens: this.#vocabulary.controlTokens,
      addGenerationPrompt,
      bosToken: this.#vocabulary.piece(bos),
      eosToken: this.#vocabulary.piece(eos),
    });
    return { template, chat, segments };
  }

  /** Puts the token that begins a text in front where the model wants it and the template did not. */
  #begun(tokens: number[]): number[] {
    const { bos, shouldPrependBosToken } = this.#model.tokens;
    if (!shouldPrependBosToken || bos === null || tokens[0] === bos) return tokens;
    return [bos, ...tokens];
  }

  #segments(segments: readonly Segment[], { continues = false } = {}): number[] {
    const tokens: number[] = [];
    segments.forEach((segment, index) => {
      if ("special" in segment) {
        const id = this.#vocabulary.controlId(segment.special);
        if (id !== undefined) tokens.push(id);
        return;
      }
      // Tokenizers that put a space before a text must not do so in the middle of one.
      for (const token of this.#model.tokenize(
        segment.text,
        false,
        ...(index === 0 && !continues ? [] : ["trimLeadingSpace" as const]),
      ))
        tokens.push(token);
    });
    return tokens;
  }
}

/** As llama.cpp's own tokenizer adds it; those of BERT (WordPiece) and T5 (Unigram) always do. */
function endOfText({ vocabularyType, tokens }: LlamaModel): number | null {
  if (vocabularyType === "wpm") return tokens.sep;
  if (vocabularyType === "ugm" || tokens.shouldAppendEosToken) return tokens.eos;
  return null;
}
