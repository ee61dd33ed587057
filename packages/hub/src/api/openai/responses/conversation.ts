import type { StoredItem } from "@hearth/wire/openai/responses/stored-items";
import type { ChatMessage } from "../../../model-files/chat-template.ts";

interface Call {
  id: string;
  type: "function";
  function: { name: string; arguments: string };
}

/**
 * Items as the messages that a chat template takes: what an assistant thought, said and called in
 * one go is one message of it.
 */
export function messagesOf(instructions: string | null, items: readonly StoredItem[]): ChatMessage[] {
  const messages: ChatMessage[] = [];
  if (instructions !== null) messages.push({ role: "system", content: instructions });
  let turn: AssistantTurn | null = null;
  const endTurn = (): void => {
    if (turn !== null) messages.push(turn.message());
    turn = null;
  };
  for (const item of items) {
    switch (item.type) {
      case "message": {
        const said = item.content.map(({ text }) => text).join("");
        if (item.role === "assistant") {
          if (turn?.spoken === true) endTurn();
          turn = (turn ?? new AssistantTurn()).say(said);
          break;
        }
        endTurn();
        messages.push({ role: item.role === "developer" ? "system" : item.role, content: said });
        break;
      }
      case "reasoning": {
        if (turn?.spoken === true) endTurn();
        turn = (turn ?? new AssistantTurn()).think(item.content.map(({ text }) => text).join(""));
        break;
      }
      case "function_call":
        turn = (turn ?? new AssistantTurn()).call({
          id: item.call_id,
          type: "function",
          function: { name: item.name, arguments: item.arguments },
        });
        break;
      case "function_call_output":
        endTurn();
        messages.push({ role: "tool", tool_call_id: item.call_id, content: item.output });
        break;
    }
  }
  endTurn();
  return messages;
}

class AssistantTurn {
  #text = "";
  #reasoning = "";
  readonly #calls: Call[] = [];
  /** Has it said or called something? What comes then is another turn. */
  spoken = false;

  say(text: string): this {
    this.#text += text;
    this.spoken = true;
    return this;
  }

  think(text: string): this {
    this.#reasoning += text;
    return this;
  }

  call(call: Call): this {
    this.#calls.push(call);
    this.spoken = true;
    return this;
  }

  message(): ChatMessage {
    return {
      role: "assistant",
      content: this.#text,
      ...(this.#reasoning === "" ? {} : { reasoning_content: this.#reasoning }),
      ...(this.#calls.length === 0 ? {} : { tool_calls: this.#calls }),
    };
  }
}
