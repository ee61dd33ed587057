import type { ChatMessage } from "@hearth/sdk";
import { reasoningEffort } from "@hearth/wire/openai/chat-request";
import { z } from "zod";

export const settings = z.object({
  system: z.string(),
  temperature: z.number().exactOptional(),
  topP: z.number().exactOptional(),
  maxTokens: z.number().exactOptional(),
  seed: z.number().exactOptional(),
  stop: z.array(z.string()).exactOptional(),
  reasoningEffort: reasoningEffort.exactOptional(),
});
export type Settings = z.infer<typeof settings>;

export const conversation = z.object({
  id: z.string(),
  title: z.string(),
  updatedAt: z.number(),
  settings,
});
export type Conversation = z.infer<typeof conversation>;

export const answer = z.object({
  model: z.string(),
  text: z.string(),
  reasoning: z.string(),
  state: z.enum(["answering", "done", "stopped", "failed"]),
  error: z
    .object({ status: z.number(), code: z.string(), message: z.string(), requestId: z.string().nullable() })
    .nullable(),
  traceId: z.string().nullable(),
  figures: z
    .object({ tokens: z.number(), promptTokens: z.number(), ttftMs: z.number(), tokensPerSecond: z.number() })
    .nullable(),
});
export type Answer = z.infer<typeof answer>;

const place = {
  id: z.string(),
  conversation: z.string(),
  /** What it follows; "" at the beginning. Nodes with the same parent are versions of each other. */
  parent: z.string(),
  at: z.number(),
};
const userNode = z.object({ role: z.literal("user"), ...place, text: z.string() });
/** The answers of all asked models to one prompt, in the order of their columns. */
export const answersNode = z.object({ role: z.literal("answers"), ...place, answers: z.array(answer) });
export const node = z.discriminatedUnion("role", [userNode, answersNode]);
export type UserNode = z.infer<typeof userNode>;
export type AnswersNode = z.infer<typeof answersNode>;
export type Node = z.infer<typeof node>;

/** Children by parent, each list from the oldest to the newest. */
export function childrenOf(nodes: readonly Node[]): Map<string, Node[]> {
  const children = new Map<string, Node[]>();
  for (const one of nodes.toSorted((a, b) => a.at - b.at)) {
    const siblings = children.get(one.parent);
    if (siblings === undefined) children.set(one.parent, [one]);
    else siblings.push(one);
  }
  return children;
}

/** The branch that is shown: at each fork the chosen child, otherwise the newest. */
export function branchOf(
  children: ReadonlyMap<string, readonly Node[]>,
  chosen: Readonly<Record<string, string>>,
): Node[] {
  const branch: Node[] = [];
  const seen = new Set<string>();
  for (let parent = ""; !seen.has(parent);) {
    seen.add(parent);
    const siblings = children.get(parent) ?? [];
    const next = siblings.find(({ id }) => id === chosen[parent]) ?? siblings.at(-1);
    if (next === undefined) break;
    branch.push(next);
    parent = next.id;
  }
  return branch;
}

/** What one column's model is told: the prompts and, of the earlier answers, those of its own column. */
export function messagesFor(branch: readonly Node[], column: number, system: string): ChatMessage[] {
  const messages: ChatMessage[] = [];
  if (system.trim() !== "") messages.push({ role: "system", content: system });
  for (const one of branch) {
    if (one.role === "user") messages.push({ role: "user", content: one.text });
    else {
      const said = (one.answers[column] ?? one.answers[0])?.text ?? "";
      if (said !== "") messages.push({ role: "assistant", content: said });
    }
  }
  return messages;
}

export function emptyAnswer(model: string): Answer {
  return { model, text: "", reasoning: "", state: "answering", error: null, traceId: null, figures: null };
}
