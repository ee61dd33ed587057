import type { InputItem } from "@hearth/wire/openai/responses/input-items";
import type { StoredItem } from "@hearth/wire/openai/responses/stored-items";
import type { Responses } from "../../../responses/responses.ts";
import { refusal } from "../refuse.ts";
import { newItemId, responseOfItem } from "./ids.ts";

/** Items as the hub keeps them; what is referred to is looked up. Throws `invalid_request`. */
export async function readInput(
  items: readonly InputItem[],
  responses: Pick<Responses, "get">,
): Promise<StoredItem[]> {
  const read: StoredItem[] = [];
  for (const [index, item] of items.entries())
    read.push(
      item.type === "item_reference" ? await referredItem(item.id, index, responses) : readItem(item),
    );
  return read;
}

async function referredItem(
  id: string,
  index: number,
  responses: Pick<Responses, "get">,
): Promise<StoredItem> {
  const response = responseOfItem(id);
  const stored = response === null ? null : await responses.get(response).catch(() => null);
  const found = stored?.response.output.find((item) => item.id === id);
  if (found !== undefined) return found;
  throw refusal(
    `input[${index}].id`,
    `input[${index}].id refers to ${id.slice(0, 100)}, which is in no stored response; send the item itself.`,
  );
}

type Given = Exclude<InputItem, { type: "item_reference" }>;

function readItem(item: Given): StoredItem {
  const id = item.id ?? newItemId(item.type);
  const status = "completed" as const;
  switch (item.type) {
    case "message": {
      const { type, role, content } = item;
      const plain = role === "assistant" ? ("output_text" as const) : ("input_text" as const);
      const parts = typeof content === "string" ? [{ type: plain, text: content }] : content.map(readPart);
      return { id, type, role, status, content: parts };
    }
    case "function_call": {
      const { type, call_id, name, arguments: written } = item;
      return { id, type, status, call_id, name, arguments: written };
    }
    case "function_call_output": {
      const { type, call_id, output } = item;
      const text = typeof output === "string" ? output : output.map((part) => part.text).join("");
      return { id, type, status, call_id, output: text };
    }
    case "reasoning": {
      const texts = [...(item.content ?? []), ...(item.summary ?? [])];
      const content = texts.map(({ text }) => ({ type: "reasoning_text" as const, text }));
      return { id, type: item.type, status, summary: [], content };
    }
  }
}

type Part = Exclude<Extract<Given, { type: "message" }>["content"], string>[number];

function readPart(part: Part): { type: "input_text" | "output_text"; text: string } {
  if (part.type === "refusal") return { type: "output_text", text: part.refusal };
  return { type: part.type, text: part.text };
}
