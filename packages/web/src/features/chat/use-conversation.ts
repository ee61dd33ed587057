import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { answerColumn } from "./answering.ts";
import {
  branchOf,
  childrenOf,
  emptyAnswer,
  type Answer,
  type AnswersNode,
  type Node,
  type Settings,
  type UserNode,
} from "./conversation.ts";
import { claim, keep, readNodes } from "./keeping.ts";
import { newId } from "./new-id.ts";

export const nodesKey = (id: string) => ["chat", "nodes", id];

/** One conversation's shown branch and what can be done in it. `settled` gets each answer at its end. */
export function useConversation(id: string, settled: (answer: Answer) => void) {
  const queries = useQueryClient();
  const { data: nodes, error } = useQuery({
    queryKey: nodesKey(id),
    queryFn: () => readNodes(id),
    networkMode: "always",
  });
  const [chosen, setChosen] = useState<Record<string, string>>({});
  const children = useMemo(() => childrenOf(nodes ?? []), [nodes]);
  const branch = useMemo(() => branchOf(children, chosen), [children, chosen]);

  const change = (by: (known: Node[]) => Node[]) =>
    queries.setQueryData<Node[]>(nodesKey(id), (known = []) => by(known));
  const choose = (parent: string, child: string) => setChosen((known) => ({ ...known, [parent]: child }));
  const answer = (before: readonly Node[], place: AnswersNode, column: number, settings: Settings) =>
    answerColumn({
      branch: before,
      place,
      column,
      settings,
      settled: (one) => {
        change((known) =>
          known.map((node) =>
            node.id === place.id && node.role === "answers"
              ? { ...node, answers: node.answers.with(column, one) }
              : node,
          ),
        );
        settled(one);
      },
    });

  const begin = async (
    before: readonly Node[],
    added: UserNode[],
    models: readonly string[],
    settings: Settings,
  ) => {
    const told = [...before, ...added];
    const place: AnswersNode = {
      id: newId(),
      role: "answers",
      conversation: id,
      parent: told.at(-1)?.id ?? "",
      at: Date.now(),
      answers: models.map(emptyAnswer),
    };
    const both = [...added, place];
    await keep(id, ...both.map((node) => ({ kind: "node" as const, node })));
    for (const one of both) choose(one.parent, one.id);
    change((known) => [...known.filter((one) => !both.some((other) => other.id === one.id)), ...both]);
    for (const column of models.keys()) void answer(told, place, column, settings);
  };

  return {
    error,
    loaded: nodes !== undefined,
    nodes: nodes ?? [],
    branch,
    siblings: (one: Node) => children.get(one.parent) ?? [one],
    choose,
    /** A prompt after `before`; where something follows already, a new branch. */
    ask: (before: readonly Node[], text: string, models: readonly string[], settings: Settings) => {
      const parent = before.at(-1)?.id ?? "";
      const prompt: UserNode = { id: newId(), role: "user", conversation: id, parent, at: Date.now(), text };
      return begin(before, [prompt], models, settings);
    },
    /** The same prompt once more: a version beside the answers that are there. */
    again: (before: readonly Node[], models: readonly string[], settings: Settings) =>
      begin(before, [], models, settings),
    /** One column in its place, after a failure; unless another tab asks it already. */
    retry: async (before: readonly Node[], place: AnswersNode, column: number, settings: Settings) => {
      if (await claim(place.id, column)) await answer(before, place, column, settings);
      else await queries.invalidateQueries({ queryKey: nodesKey(id) });
    },
  };
}
