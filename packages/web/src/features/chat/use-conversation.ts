import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo, useState } from "react";
import { answerColumn } from "./answering.ts";
import {
  branchOf,
  childrenOf,
  emptyAnswer,
  type AnswersNode,
  type Conversation,
  type Node,
  type Settings,
  type UserNode,
} from "./conversation.ts";
import {
  listConversations,
  onOtherTab,
  readNodes,
  removeConversation,
  saveConversation,
  saveNodes,
} from "./store.ts";

const listKey = ["chat", "conversations"];
const nodesKey = (id: string) => ["chat", "nodes", id];

/** The kept conversations, the newest first, true in every tab. */
export function useConversations() {
  const queries = useQueryClient();
  useEffect(() => onOtherTab(() => void queries.invalidateQueries({ queryKey: ["chat"] })), [queries]);
  const { data, error } = useQuery({ queryKey: listKey, queryFn: listConversations, networkMode: "always" });
  const refresh = () => queries.invalidateQueries({ queryKey: listKey });
  return {
    conversations: data,
    error,
    save: async (value: Conversation) => {
      await saveConversation(value);
      await refresh();
    },
    /** Kept as the one that was spoken in last. */
    touch: async (value: Omit<Conversation, "updatedAt">) => {
      await saveConversation({ ...value, updatedAt: Date.now() });
      await refresh();
    },
    remove: async (id: string) => {
      await removeConversation(id);
      queries.removeQueries({ queryKey: nodesKey(id) });
      await refresh();
    },
  };
}

/** One conversation's shown branch and what can be done in it. */
export function useConversation(id: string) {
  const queries = useQueryClient();
  const { data: nodes, error } = useQuery({
    queryKey: nodesKey(id),
    queryFn: () => readNodes(id),
    networkMode: "always",
  });
  const [chosen, setChosen] = useState<Record<string, string>>({});
  const children = useMemo(() => childrenOf(nodes ?? []), [nodes]);
  const branch = useMemo(() => branchOf(children, chosen), [children, chosen]);

  const show = (changed: readonly Node[]) =>
    queries.setQueryData<Node[]>(nodesKey(id), (known = []) => {
      const ids = new Set(changed.map((one) => one.id));
      return [...known.filter((one) => !ids.has(one.id)), ...changed];
    });
  const choose = (parent: string, child: string) => setChosen((known) => ({ ...known, [parent]: child }));
  const run = (before: readonly Node[], place: AnswersNode, columns: readonly number[], settings: Settings) =>
    Promise.all(columns.map((column) => answerColumn(before, place, column, settings, (one) => show([one]))));

  const begin = async (
    before: readonly Node[],
    added: UserNode[],
    models: readonly string[],
    settings: Settings,
  ) => {
    const told = [...before, ...added];
    const place: AnswersNode = {
      id: crypto.randomUUID(),
      role: "answers",
      conversation: id,
      parent: told.at(-1)?.id ?? "",
      at: Date.now(),
      answers: models.map(emptyAnswer),
    };
    await saveNodes([...added, place]);
    for (const one of [...added, place]) choose(one.parent, one.id);
    show([...added, place]);
    void run(told, place, [...models.keys()], settings);
  };

  return {
    error,
    loaded: nodes !== undefined,
    branch,
    siblings: (one: Node) => children.get(one.parent) ?? [one],
    choose,
    /** A prompt after `before`; where something follows already, a new branch. */
    ask: (before: readonly Node[], text: string, models: readonly string[], settings: Settings) => {
      const parent = before.at(-1)?.id ?? "";
      const prompt: UserNode = {
        id: crypto.randomUUID(),
        role: "user",
        conversation: id,
        parent,
        at: Date.now(),
        text,
      };
      return begin(before, [prompt], models, settings);
    },
    /** The same prompt once more: a version beside the answers that are there. */
    again: (before: readonly Node[], models: readonly string[], settings: Settings) =>
      begin(before, [], models, settings),
    /** One column in its place: after a failure. */
    retry: (before: readonly Node[], place: AnswersNode, column: number, settings: Settings) =>
      run(before, place, [column], settings),
  };
}
