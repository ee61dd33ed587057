import type { StoredMessage } from "@hearth/wire/chat/session";

interface Place {
  id: string;
  /** The node that it follows; "" at the beginning. Nodes with the same parent are versions of each other. */
  parent: string;
}
export interface UserNode extends Place {
  role: "user";
  message: StoredMessage;
}
/** The answers of all asked models to one prompt, in the order of their columns. */
export interface AnswersNode extends Place {
  role: "answers";
  answers: StoredMessage[];
}
export type Node = UserNode | AnswersNode;

/** The messages of a conversation as nodes: answers that were asked for side by side are one. */
export function nodesOf(messages: readonly StoredMessage[]): Node[] {
  const nodes = new Map<string, Node>();
  /** The node of each message. */
  const homes = new Map<string, string>();
  for (const message of messages) {
    if (message.role === "system") continue;
    const parent = message.parent_id === null ? "" : (homes.get(message.parent_id) ?? message.parent_id);
    if (message.role === "user") {
      homes.set(message.id, message.id);
      nodes.set(message.id, { role: "user", id: message.id, parent, message });
      continue;
    }
    const id = message.group ?? message.id;
    homes.set(message.id, id);
    const known = nodes.get(id);
    if (known?.role !== "answers") nodes.set(id, { role: "answers", id, parent, answers: [message] });
    else {
      known.answers.push(message);
      known.answers.sort((a, b) => a.position - b.position);
    }
  }
  return [...nodes.values()];
}

/** Children by parent, each list from the oldest to the newest. */
export function childrenOf(nodes: readonly Node[]): Map<string, Node[]> {
  const children = new Map<string, Node[]>();
  for (const one of nodes) {
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

/** Every message of a branch. */
export function messagesOf(branch: readonly Node[]): StoredMessage[] {
  return branch.flatMap((node) => (node.role === "user" ? [node.message] : node.answers));
}

/** What a message that follows this branch has as its parent. */
export function lastMessageOf(branch: readonly Node[]): StoredMessage | undefined {
  const last = branch.at(-1);
  return last?.role === "user" ? last.message : last?.answers[0];
}

/** What one column's model is told: the prompts and, of the earlier answers, those of its own column. */
export function columnOf(branch: readonly Node[], column: number): StoredMessage[] {
  return branch.flatMap((node) => {
    const said = node.role === "user" ? node.message : (node.answers[column] ?? node.answers[0]);
    return said === undefined ? [] : [said];
  });
}
